package org.concordat.ops.broker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;
import org.concordat.schemas.identity.Charter;

/**
 * What each bank may write to one broker in a second. A bank that sends more is delayed by the
 * broker, and nobody else is: its blocks stay in its own spool until they may go.
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

  private static final String RATE = "producer_byte_rate";

  private final Map<ClientQuotaEntity, String> users = new LinkedHashMap<>();
  private final double bytesPerSecond;

  /**
   * @param principals a party's principal on the brokers, with {@link ConsortiumTopics#NAME} for
   *     the party's name
   */
  public BankQuotas(Charter charter, String principals, long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
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
    return new ClientQuotaAlteration(
        user, List.of(new ClientQuotaAlteration.Op(RATE, bytesPerSecond)));
  }

  /** By bank's user what is set, where that is something else. */
  Map<String, String> others(Admin admin) throws ExecutionException, InterruptedException {
    var ofUsers =
        ClientQuotaFilter.containsOnly(
            List.of(ClientQuotaFilterComponent.ofEntityType(ClientQuotaEntity.USER)));
    Map<ClientQuotaEntity, Map<String, Double>> there =
        admin.describeClientQuotas(ofUsers).entities().get();
    Map<String, String> others = new TreeMap<>();
    users.forEach(
        (entity, user) -> {
          Double rate = there.getOrDefault(entity, Map.of()).get(RATE);
          if (rate == null || rate != bytesPerSecond) {
            others.put(user, rate == null ? "unset" : text(rate));
          }
        });
    return others;
  }

  /** As a difference is printed. */
  String line(String user, String there) {
    return "~ quota of %s: %s = %s, is %s".formatted(user, RATE, text(bytesPerSecond), there);
  }

  private static String text(double bytes) {
    return Long.toString((long) bytes);
  }
}
