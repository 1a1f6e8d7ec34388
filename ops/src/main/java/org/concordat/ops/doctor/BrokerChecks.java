package org.concordat.ops.doctor;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.concordat.ops.broker.BankQuotas;
import org.concordat.ops.broker.ConsortiumTopics;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.Topics;
import org.jspecify.annotations.Nullable;

/** The brokers as this party sees them, under its own certificate or credentials. */
final class BrokerChecks {
  private static final int TIMEOUT_MILLIS = 15_000;

  /** A clock that is further off than this is worth a look. */
  private static final Duration CLOCK_DIFFERENCE_MAX = Duration.ofSeconds(2);

  private final Party party;
  private final Topics topics;
  private final Map<String, NewTopic> wanted = new TreeMap<>();
  private final Map<String, Set<AclOperation>> needs = new TreeMap<>();
  private final List<Finding> findings = new ArrayList<>();

  private BrokerChecks(Party party, Charter charter) {
    this.party = party;
    this.topics = charter.topics(party.kafka().topicPrefix());
    new ConsortiumTopics(charter, topics, 1)
        .topics()
        .forEach(topic -> wanted.put(topic.name(), topic));
    if (party.isBank()) {
      bank(charter);
    } else {
      aggregator(charter);
    }
  }

  private void bank(Charter charter) {
    String name = party.name();
    needs(topics.keys(), AclOperation.READ);
    needs(topics.cuts(), AclOperation.READ);
    needs(topics.alerts(name), AclOperation.READ);
    needs(topics.receipts(name), AclOperation.READ);
    needs(topics.sessions(name), AclOperation.WRITE);
    needs(topics.models(name), AclOperation.WRITE);
    charter.aggregators().forEach(a -> needs(topics.shares(name, a.name()), AclOperation.WRITE));
  }

  private void aggregator(Charter charter) {
    String name = party.name();
    for (String both :
        List.of(
            topics.keys(),
            topics.workers(),
            topics.cuts(),
            topics.votes(name),
            topics.links(name),
            topics.state(name))) {
      needs(both, AclOperation.READ, AclOperation.WRITE);
    }
    needs(topics.snapshots(name), AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE);
    for (Charter.Bank bank : charter.banks()) {
      needs(topics.shares(bank.name(), name), AclOperation.READ);
      needs(topics.sessions(bank.name()), AclOperation.READ);
      needs(topics.models(bank.name()), AclOperation.READ);
      needs(topics.alerts(bank.name()), AclOperation.WRITE);
      needs(topics.receipts(bank.name()), AclOperation.WRITE);
    }
  }

  private void needs(String topic, AclOperation... operations) {
    needs.put(topic, Set.of(operations));
  }

  static List<Finding> all(Party party, Charter charter) throws InterruptedException {
    var checks = new BrokerChecks(party, charter);
    Map<String, Object> properties = new HashMap<>(party.kafka().properties());
    properties.put("default.api.timeout.ms", TIMEOUT_MILLIS);
    properties.put("request.timeout.ms", TIMEOUT_MILLIS / 2);
    try (Admin admin = Admin.create(properties)) {
      if (checks.reached(admin)) {
        checks.topics(admin);
        checks.quotas(admin, charter);
        checks.clock(admin);
      }
    } catch (KafkaException e) {
      checks.unreachable(e);
    }
    return checks.findings;
  }

  private boolean reached(Admin admin) throws InterruptedException {
    try {
      int brokers = admin.describeCluster().nodes().get().size();
      findings.add(
          Finding.ok(
              "brokers", brokers + " reached over TLS 1.3 through " + party.kafka().bootstrap()));
      return true;
    } catch (ExecutionException e) {
      unreachable(e.getCause() == null ? e : e.getCause());
      return false;
    }
  }

  private void unreachable(Throwable cause) {
    String text = "not reached through " + party.kafka().bootstrap() + ": ";
    if (cause instanceof AuthenticationException) {
      findings.add(
          Finding.fail(
              "brokers",
              text + "TLS or SASL is refused (" + cause.getClass().getSimpleName() + ")",
              "Compare certificate, authority and credentials with what the brokers trust."));
    } else {
      findings.add(
          Finding.fail(
              "brokers",
              text + cause.getClass().getSimpleName(),
              "Check that they run, the address, and the firewall (doctor --network)."));
    }
  }

  private void topics(Admin admin) throws InterruptedException {
    int before = findings.size();
    var described =
        admin
            .describeTopics(
                needs.keySet(), new DescribeTopicsOptions().includeAuthorizedOperations(true))
            .topicNameValues();
    List<String> found = new ArrayList<>();
    for (String name : needs.keySet()) {
      try {
        TopicDescription topic = Objects.requireNonNull(described.get(name)).get();
        found.add(name);
        partitions(topic);
        rights(topic);
      } catch (ExecutionException e) {
        findings.add(undescribed(name, e.getCause()));
      }
    }
    settings(admin, found);
    if (findings.size() == before) {
      findings.add(
          Finding.ok(
              "topics", needs.size() + ": there, with the right partitions, settings and access"));
    }
  }

  static Finding undescribed(String topic, @Nullable Throwable cause) {
    if (cause instanceof UnknownTopicOrPartitionException) {
      return Finding.fail(
          "topic", topic + ": missing", "Have the brokers' operator run: concordat topics apply");
    }
    if (cause instanceof TopicAuthorizationException) {
      return Finding.fail(
          "topic",
          topic + ": missing, or this party may not see it",
          "Have the brokers' operator run: concordat topics apply");
    }
    return Finding.warn(
        "topic",
        topic + ": can't be asked",
        "Have the brokers' operator run: concordat topics check");
  }

  private void partitions(TopicDescription topic) {
    NewTopic want = wanted.get(topic.name());
    if (want != null && topic.partitions().size() != want.numPartitions()) {
      findings.add(
          Finding.fail(
              "topic",
              "%s: %d partitions, the charter says %d"
                  .formatted(topic.name(), topic.partitions().size(), want.numPartitions()),
              "Have it made anew while nothing runs."));
    }
  }

  private void rights(TopicDescription topic) {
    Set<AclOperation> given = topic.authorizedOperations();
    if (given == null) {
      findings.add(
          Finding.warn(
              "access",
              topic.name() + ": the brokers don't say what this party may do",
              "Have the brokers' operator run: concordat topics check"));
      return;
    }
    Set<AclOperation> missing = new TreeSet<>(needs.getOrDefault(topic.name(), Set.of()));
    missing.removeAll(given);
    if (!missing.isEmpty()) {
      findings.add(
          Finding.fail(
              "access",
              topic.name() + ": this party may not " + missing,
              "Have the brokers' operator run: concordat topics apply"));
    }
    if (party.isBank()
        && given.contains(AclOperation.WRITE)
        && !needs.getOrDefault(topic.name(), Set.of()).contains(AclOperation.WRITE)) {
      findings.add(
          Finding.warn(
              "access",
              topic.name() + ": this bank may write to it, and must not",
              "Have the brokers' operator look for rules beyond: concordat topics check"));
    }
  }

  private void settings(Admin admin, List<String> names) throws InterruptedException {
    List<ConfigResource> resources =
        names.stream().map(n -> new ConfigResource(ConfigResource.Type.TOPIC, n)).toList();
    int hidden = 0;
    for (var setting : admin.describeConfigs(resources).values().entrySet()) {
      try {
        compare(setting.getKey().name(), setting.getValue().get());
      } catch (ExecutionException e) {
        hidden++;
      }
    }
    if (hidden > 0) {
      findings.add(
          Finding.warn(
              "topics",
              "the settings of " + hidden + " topics can't be seen by this party",
              "Have the brokers' operator run: concordat topics check"));
    }
  }

  private void compare(String name, Config config) {
    NewTopic want = wanted.get(name);
    if (want == null) {
      return;
    }
    want.configs()
        .forEach(
            (key, value) -> {
              ConfigEntry entry = config.get(key);
              String there = entry == null ? "unset" : entry.value();
              if (!ConsortiumTopics.suffices(key, there, value)) {
                findings.add(
                    Finding.warn(
                        "topic",
                        "%s: %s is %s, wanted %s".formatted(name, key, there, value),
                        "Have the brokers' operator run: concordat topics apply"));
              }
            });
  }

  /** What keeps one bank from holding up the others; only administrators may see it. */
  private void quotas(Admin admin, Charter charter) throws InterruptedException {
    if (!party.isBank()) {
      return;
    }
    try {
      List<String> unset =
          new BankQuotas(charter, ConsortiumTopics.PRINCIPALS, BankQuotas.BYTES_PER_SECOND)
              .unset(admin, party.name());
      findings.add(
          unset.isEmpty()
              ? Finding.ok("quotas", "set for this bank")
              : Finding.warn(
                  "quotas",
                  "not set for this bank: " + String.join(", ", unset),
                  "Have the brokers' operator run: concordat topics apply"));
    } catch (ExecutionException e) {
      findings.add(
          e.getCause() instanceof AuthorizationException
              ? Finding.ok(
                  "quotas",
                  "this bank may not see them; the brokers' operator checks them: concordat topics"
                      + " check")
              : Finding.warn(
                  "quotas",
                  "can't be asked",
                  "Have the brokers' operator run: concordat topics check"));
    }
  }

  /** A record's time is the clock of the broker that wrote it, which can't be asked directly. */
  private void clock(Admin admin) throws InterruptedException {
    var cuts = new TopicPartition(topics.cuts(), 0);
    try {
      long newest =
          admin
              .listOffsets(Map.of(cuts, OffsetSpec.maxTimestamp()))
              .partitionResult(cuts)
              .get()
              .timestamp();
      Duration ahead = Duration.between(Instant.now(), Instant.ofEpochMilli(newest));
      if (newest > 0 && ahead.compareTo(CLOCK_DIFFERENCE_MAX) > 0) {
        findings.add(
            Finding.fail(
                "clock",
                "the newest cut is " + ahead.toSeconds() + " s in this machine's future",
                "Set this clock, or the brokers', by NTP."));
      } else {
        findings.add(
            Finding.ok(
                "clock",
                newest > 0
                    ? "no cut is from the future, so this clock isn't behind the brokers';"
                        + " whether it is ahead only NTP can tell"
                    : "there is no cut yet to compare with; only NTP can tell"));
      }
    } catch (ExecutionException e) {
      String reason =
          e.getCause() instanceof AuthorizationException ? "may not be asked" : "can't be asked";
      findings.add(
          Finding.warn("clock", "topic " + topics.cuts() + " " + reason, "Compare it with NTP."));
    }
  }
}
