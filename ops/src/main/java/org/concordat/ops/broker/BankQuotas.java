package org.concordat.ops.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;
import org.concordat.schemas.identity.Charter;
import org.jspecify.annotations.Nullable;

/**
 * What each bank may write to one broker in a second, and how much of the broker's threads its
 * requests may take. A bank that sends more, or asks too often, is delayed by the broker, and
 * nobody else is: its blocks stay in its own spool until they may go.
 */
public final class BankQuotas {
  /** A payment takes some 700 bytes in all three copies, so this is some 48,000 of them. */
  public static final long BYTES_PER_SECOND = 32 << 20;

  /**
   * One record of the largest size a second: with less, a broker could keep an agent waiting for
   * longer than it waits for an answer.
   */
  public static final long BYTES_PER_SECOND_MIN = ConsortiumTopics.MESSAGE_BYTES_MAX;

  public static final long BYTES_PER_SECOND_MAX = 16L << 30;

  /**
   * Of one thread's time. A broker has eleven by default, three for the network; an agent takes
   * some percent of one. Small requests without end would otherwise take all of them, within the
   * bytes.
   */
  public static final double REQUEST_PERCENTAGE = 400;

  private final Map<ClientQuotaEntity, String> users = new LinkedHashMap<>();

  /** By Kafka's name. */
  private final Map<String, Double> wanted = new TreeMap<>();

  /**
   * @param principals a party's principal on the brokers, with {@link ConsortiumTopics#NAME} for
   *     the party's name
   */
  public BankQuotas(Charter charter, String principals, long bytesPerSecond) {
    wanted.put("producer_byte_rate", (double) bytesPerSecond);
    wanted.put("request_percentage", REQUEST_PERCENTAGE);
    for (Charter.Bank bank : charter.banks()) {
      String principal = principals.replace(ConsortiumTopics.NAME, bank.name());
      // Quotas know a principal without its type.
      String user = principal.substring(principal.indexOf(':') + 1);
      users.put(new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, user)), user);
    }
  }

  /** Sets them, whatever they were. */
  public void apply(Admin admin) throws ExecutionException, InterruptedException {
    admin.alterClientQuotas(users.keySet().stream().map(this::alteration).toList()).all().get();
  }

  private ClientQuotaAlteration alteration(ClientQuotaEntity user) {
    List<ClientQuotaAlteration.Op> all = new ArrayList<>();
    wanted.forEach((name, value) -> all.add(new ClientQuotaAlteration.Op(name, value)));
    return new ClientQuotaAlteration(user, all);
  }

  /**
   * A quota that isn't as it should be.
   *
   * @param there null where none is set
   */
  private record Other(String user, String name, @Nullable Double there) {}

  private List<Other> others(Admin admin) throws ExecutionException, InterruptedException {
    var ofUsers =
        ClientQuotaFilter.containsOnly(
            List.of(ClientQuotaFilterComponent.ofEntityType(ClientQuotaEntity.USER)));
    Map<ClientQuotaEntity, Map<String, Double>> found =
        admin.describeClientQuotas(ofUsers).entities().get();
    List<Other> others = new ArrayList<>();
    users.forEach(
        (entity, user) ->
            wanted.forEach(
                (name, value) -> {
                  Double there = found.getOrDefault(entity, Map.of()).get(name);
                  if (!value.equals(there)) {
                    others.add(new Other(user, name, there));
                  }
                }));
    return others;
  }

  /** What is set otherwise, as a difference is printed. */
  List<String> differences(Admin admin) throws ExecutionException, InterruptedException {
    return others(admin).stream()
        .map(
            other ->
                "~ quota of %s: %s = %s, is %s"
                    .formatted(
                        other.user,
                        other.name,
                        text(Objects.requireNonNull(wanted.get(other.name))),
                        other.there == null ? "unset" : text(other.there)))
        .toList();
  }

  /** Those of a bank's quotas that aren't set at all. */
  public List<String> unset(Admin admin, String bank)
      throws ExecutionException, InterruptedException {
    return others(admin).stream()
        .filter(other -> other.user.equals(bank) && other.there == null)
        .map(Other::name)
        .toList();
  }

  private static String text(double value) {
    return Long.toString((long) value);
  }
}
