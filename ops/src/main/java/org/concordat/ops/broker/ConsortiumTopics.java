package org.concordat.ops.broker;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.concordat.aggregator.config.AggregatorConfig;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.Topics;

/**
 * The topics of a consortium and who may do what with them: a bank writes its own blocks and
 * sessions and reads its own alerts, an aggregator reads its own copies and writes what it decides.
 * Everything else is denied by default.
 */
public final class ConsortiumTopics {
  /** A block's ciphertext of 512 KiB, its header, and room. */
  public static final int MESSAGE_BYTES_MAX = 1 << 20;

  /**
   * A prepared vote with every row of a batch flagged by several rules; a state with the flags of a
   * day, counted by bank and rule.
   */
  public static final int VOTE_BYTES_MAX = 64 << 20;

  /** May read cuts, under a test charter only. */
  public static final String AUDITOR = "auditor";

  /** Stands for a party's name. */
  public static final String NAME = "{name}";

  /** A party's principal where certificates are mapped to names, and with SASL. */
  public static final String PRINCIPALS = "User:" + NAME;

  private static final String RETENTION_MILLIS = "retention.ms";

  /** A bound of the cluster's would remove records before their time ({@link BrokerDisk}). */
  private static final String RETENTION_BYTES = "retention.bytes";

  private static final String RECORD_BYTES = "max.message.bytes";
  private static final String SEGMENT_BYTES = "segment.bytes";
  private static final String SEGMENT_MILLIS = "segment.ms";
  private static final String UNBOUNDED = "-1";

  private static final Duration SHARES_RETENTION = Duration.ofDays(7);

  /**
   * Until the key that a set-up was sealed to is destroyed, whatever an aggregator's configuration
   * says: twice its time in use, and the time that it is kept. After that the set-up opens nothing.
   * The rest is for clocks that differ.
   */
  private static final Duration SESSIONS_RETENTION =
      Duration.ofHours(3L * AggregatorConfig.KEY_HOURS_MAX).plus(SHARES_RETENTION);

  private static final Duration CUTS_RETENTION = Duration.ofDays(90);
  private static final Duration LINKS_SLACK = Duration.ofDays(LinkSpec.CARRY_DAYS_MAX + 3L);

  private static final Duration SEGMENT = Duration.ofDays(1);
  private static final Duration STATE_SEGMENT = Duration.ofMinutes(10);

  private final Charter charter;
  private final Topics topics;
  private final short replication;
  private final String principals;

  /** As the broker's own certificates are mapped: a party's principal is its name. */
  public ConsortiumTopics(Charter charter, Topics topics, int replication) {
    this(charter, topics, replication, PRINCIPALS);
  }

  /**
   * @param principals a party's principal on the brokers, with {@link #NAME} for the party's name
   */
  public ConsortiumTopics(Charter charter, Topics topics, int replication, String principals) {
    this.principals = principals;
    this.charter = charter;
    this.topics = topics;
    this.replication = (short) replication;
  }

  /** How long a block stays at most: it goes with its segment. */
  public static Duration blocksKept() {
    return SHARES_RETENTION.plus(SEGMENT);
  }

  /**
   * Whether a topic's setting may stay: it is as wanted, or a longer retention, which somebody has
   * raised for a party that is away. A larger bound of a record may not: it lets a bank send what
   * others have to hold in memory.
   */
  public static boolean suffices(String name, String there, String wanted) {
    if (!name.equals(RETENTION_MILLIS) || !there.matches("-?\\d+")) {
      return wanted.equals(there);
    }
    var millis = new BigInteger(there);
    return millis.signum() < 0 || millis.compareTo(new BigInteger(wanted)) >= 0;
  }

  /** Creates what is missing; changes nothing that exists. */
  public void apply(Admin admin) throws InterruptedException {
    var created = admin.createTopics(topics()).values();
    for (var result : created.values()) {
      try {
        result.get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw new IllegalStateException("A topic can't be created.", e.getCause());
        }
      }
    }
    try {
      admin.createAcls(rules()).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The access rules can't be created.", e.getCause());
    }
  }

  /** Every topic with its settings. */
  public List<NewTopic> topics() {
    List<NewTopic> all = new ArrayList<>();
    all.add(compacted(topics.keys(), 1));
    all.add(compacted(topics.workers(), 1));
    all.add(kept(topics.cuts(), CUTS_RETENTION));
    for (Charter.Bank bank : charter.banks()) {
      all.add(sessions(bank.name()));
      all.add(compacted(topics.models(bank.name()), 1));
      all.add(kept(topics.alerts(bank.name()), SHARES_RETENTION));
      all.add(topic(topics.receipts(bank.name()), 1, retention(CUTS_RETENTION)));
      all.add(kept(ownPrefix(bank.name()) + "alerts", CUTS_RETENTION));
      for (Charter.Aggregator aggregator : charter.aggregators()) {
        all.add(kept(topics.shares(bank.name(), aggregator.name()), SHARES_RETENTION));
      }
    }
    for (Charter.Aggregator aggregator : charter.aggregators()) {
      all.add(ofBatches(topics.votes(aggregator.name()), SHARES_RETENTION));
      all.add(ofBatches(topics.links(aggregator.name()), linksRetention()));
      all.add(ofBatches(topics.snapshots(aggregator.name()), linksRetention()));
      all.add(state(aggregator.name()));
    }
    return all;
  }

  /** The topics that aggregators alone write, which no quota bounds. */
  public Set<String> ofAggregators() {
    Set<String> all = new HashSet<>(List.of(topics.keys(), topics.workers(), topics.cuts()));
    for (Charter.Bank bank : charter.banks()) {
      all.add(topics.alerts(bank.name()));
      all.add(topics.receipts(bank.name()));
    }
    for (Charter.Aggregator aggregator : charter.aggregators()) {
      all.add(topics.votes(aggregator.name()));
      all.add(topics.links(aggregator.name()));
      all.add(topics.snapshots(aggregator.name()));
      all.add(topics.state(aggregator.name()));
    }
    return Set.copyOf(all);
  }

  /** The prefix of a bank's own topics, where its alert reader delivers. */
  public String ownPrefix(String bank) {
    return topics.prefix() + "bank." + bank + ".";
  }

  private NewTopic kept(String name, Duration retention) {
    return topic(name, charter.partitions(), retention(retention));
  }

  private NewTopic compacted(String name, int partitions) {
    // Small segments: only closed ones are compacted, and these topics are rewritten all the time.
    return topic(
        name,
        partitions,
        Map.of("cleanup.policy", "compact", SEGMENT_BYTES, Integer.toString(16 << 20)));
  }

  /** The newest of each session, and sessions never come to an end by themselves. */
  private NewTopic sessions(String bank) {
    NewTopic topic = compacted(topics.sessions(bank), 1);
    topic.configs().put("cleanup.policy", "compact,delete");
    topic.configs().put(RETENTION_MILLIS, Long.toString(SESSIONS_RETENTION.toMillis()));
    topic.configs().put(RETENTION_BYTES, UNBOUNDED);
    return topic;
  }

  /** The newest of each partition: short as a rule, as long as a vote at worst. */
  private NewTopic state(String aggregator) {
    NewTopic topic = compacted(topics.state(aggregator), charter.partitions());
    topic.configs().put(RECORD_BYTES, Integer.toString(VOTE_BYTES_MAX));
    // It takes the longest; where they are short, time closes it, and it is compacted as soon.
    topic.configs().put(SEGMENT_BYTES, Integer.toString(2 * VOTE_BYTES_MAX));
    topic.configs().put(SEGMENT_MILLIS, Long.toString(STATE_SEGMENT.toMillis()));
    return topic;
  }

  /**
   * What is linked is forgotten with its epoch, or handed to the next one in the days after it; a
   * restart reads all of it where no snapshot is of use. The last snapshot may be as old as that;
   * those before it are deleted by their aggregator.
   */
  private Duration linksRetention() {
    return Duration.ofDays(charter.epochDays()).plus(LINKS_SLACK);
  }

  /** A vote holds the alert shares of a whole batch, a link record its pseudonyms. */
  private NewTopic ofBatches(String name, Duration retention) {
    NewTopic topic = kept(name, retention);
    topic.configs().put(RECORD_BYTES, Integer.toString(VOTE_BYTES_MAX));
    // Whatever the brokers' default is: a record has to fit into a segment.
    topic.configs().put(SEGMENT_BYTES, Integer.toString(2 * VOTE_BYTES_MAX));
    return topic;
  }

  private static Map<String, String> retention(Duration retention) {
    // A record goes with its segment: without a bound on that, a quiet topic keeps it twice as
    // long.
    return Map.of(
        "cleanup.policy",
        "delete",
        RETENTION_MILLIS,
        Long.toString(retention.toMillis()),
        RETENTION_BYTES,
        UNBOUNDED,
        SEGMENT_MILLIS,
        Long.toString(SEGMENT.toMillis()));
  }

  private NewTopic topic(String name, int partitions, Map<String, String> settings) {
    Map<String, String> all = new java.util.HashMap<>(settings);
    all.put(RECORD_BYTES, Integer.toString(MESSAGE_BYTES_MAX));
    // Ciphertext doesn't compress, and sizes after compression would tell of what is inside.
    all.put("compression.type", "uncompressed");
    // By the broker's clock, as it deletes. It refuses a writer's time that is an hour ahead of its
    // own: where it is behind, everybody's; and a writer would decide how long its records stay.
    all.put("message.timestamp.type", "LogAppendTime");
    return new NewTopic(name, partitions, replication).configs(all);
  }

  /** Every access rule. */
  public List<AclBinding> rules() {
    Collection<AclBinding> rules = new LinkedHashSet<>();
    for (Charter.Bank bank : charter.banks()) {
      bank(rules, bank.name());
    }
    for (Charter.Aggregator aggregator : charter.aggregators()) {
      aggregator(rules, aggregator.name());
    }
    if (charter.mode() == Charter.Mode.TEST) {
      read(rules, AUDITOR, topics.cuts());
      prefixed(rules, AUDITOR, ResourceType.GROUP, topics.prefix() + "auditor.", AclOperation.READ);
    }
    return List.copyOf(rules);
  }

  private void bank(Collection<AclBinding> rules, String bank) {
    // A prefix ends with its separator, or bank-a's rule would cover bank-ab's topics.
    String shares = topics.prefix() + "shares." + bank + ".";
    prefixed(rules, bank, ResourceType.TOPIC, shares, AclOperation.WRITE);
    prefixed(rules, bank, ResourceType.TOPIC, shares, AclOperation.DESCRIBE_CONFIGS);
    write(rules, bank, topics.sessions(bank));
    write(rules, bank, topics.models(bank));
    read(rules, bank, topics.keys());
    read(rules, bank, topics.cuts());
    read(rules, bank, topics.alerts(bank));
    read(rules, bank, topics.receipts(bank));
    prefixed(rules, bank, ResourceType.TOPIC, ownPrefix(bank), AclOperation.WRITE);
    prefixed(rules, bank, ResourceType.TOPIC, ownPrefix(bank), AclOperation.READ);
    prefixed(rules, bank, ResourceType.GROUP, ownPrefix(bank), AclOperation.READ);
  }

  private void aggregator(Collection<AclBinding> rules, String aggregator) {
    for (Charter.Bank bank : charter.banks()) {
      read(rules, aggregator, topics.shares(bank.name(), aggregator));
      read(rules, aggregator, topics.sessions(bank.name()));
      read(rules, aggregator, topics.models(bank.name()));
      write(rules, aggregator, topics.alerts(bank.name()));
      write(rules, aggregator, topics.receipts(bank.name()));
    }
    for (String both :
        List.of(
            topics.keys(),
            topics.workers(),
            topics.cuts(),
            topics.votes(aggregator),
            topics.links(aggregator),
            topics.snapshots(aggregator),
            topics.state(aggregator))) {
      read(rules, aggregator, both);
      write(rules, aggregator, both);
    }
    literal(rules, aggregator, topics.snapshots(aggregator), AclOperation.DELETE);
    String own = topics.prefix() + "aggregator." + aggregator + ".";
    prefixed(rules, aggregator, ResourceType.TRANSACTIONAL_ID, own, AclOperation.WRITE);
    prefixed(rules, aggregator, ResourceType.TRANSACTIONAL_ID, own, AclOperation.DESCRIBE);
    prefixed(rules, aggregator, ResourceType.GROUP, own, AclOperation.READ);
  }

  private void read(Collection<AclBinding> rules, String party, String topic) {
    literal(rules, party, topic, AclOperation.READ);
  }

  private void write(Collection<AclBinding> rules, String party, String topic) {
    literal(rules, party, topic, AclOperation.WRITE);
  }

  /** Who uses a topic may see its settings: a retention that is too short loses rows. */
  private void literal(
      Collection<AclBinding> rules, String party, String topic, AclOperation operation) {
    for (AclOperation given : List.of(operation, AclOperation.DESCRIBE_CONFIGS)) {
      rules.add(rule(party, ResourceType.TOPIC, topic, PatternType.LITERAL, given));
    }
  }

  private void prefixed(
      Collection<AclBinding> rules,
      String party,
      ResourceType type,
      String prefix,
      AclOperation operation) {
    rules.add(rule(party, type, prefix, PatternType.PREFIXED, operation));
  }

  private AclBinding rule(
      String party, ResourceType type, String name, PatternType pattern, AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(type, name, pattern),
        new AccessControlEntry(
            principals.replace(NAME, party), "*", operation, AclPermissionType.ALLOW));
  }
}
