package org.concordat.ops.broker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * How a cluster's topics, access rules and quotas differ from a consortium's. What is missing or
 * set otherwise can be put right; what would lose records or take access away is only named, and so
 * is a retention that is longer than needed.
 */
public final class TopicsDifference {
  /**
   * One difference.
   *
   * @param line as it is printed: what there is and what there should be
   * @param fixable whether {@link #apply} puts it right
   */
  public record Line(String line, boolean fixable) {}

  private final List<Line> lines = new ArrayList<>();
  private final List<String> kept = new ArrayList<>();
  private final List<NewTopic> missingTopics = new ArrayList<>();
  private final Map<ConfigResource, Collection<AlterConfigOp>> otherSettings = new HashMap<>();
  private final List<AclBinding> missingRules = new ArrayList<>();
  private final BankQuotas quotas;
  private boolean otherQuotas;

  private TopicsDifference(BankQuotas quotas) {
    this.quotas = quotas;
  }

  /**
   * Looks at a cluster, and changes nothing.
   *
   * @param prefix of all the consortium's topics; rules beyond it aren't looked at
   * @param shorten whether a retention that is longer than needed is a difference too
   * @throws ExecutionException the brokers can't be asked
   */
  public static TopicsDifference of(
      Admin admin,
      Collection<NewTopic> topics,
      Collection<AclBinding> rules,
      BankQuotas quotas,
      String prefix,
      boolean shorten)
      throws ExecutionException, InterruptedException {
    var difference = new TopicsDifference(quotas);
    Map<String, NewTopic> wanted = new TreeMap<>();
    topics.forEach(topic -> wanted.put(topic.name(), topic));
    Map<String, TopicDescription> found = describe(admin, wanted.keySet());
    List<ConfigResource> resources =
        found.keySet().stream()
            .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
            .toList();
    Map<ConfigResource, Config> settings = admin.describeConfigs(resources).all().get();
    for (NewTopic topic : wanted.values()) {
      TopicDescription there = found.get(topic.name());
      if (there == null) {
        difference.missing(topic);
      } else {
        difference.compare(topic, there);
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
        difference.compare(
            topic, resource, Objects.requireNonNull(settings.get(resource)), shorten);
      }
    }
    difference.compareRules(admin, rules, prefix);
    difference.compareQuotas(admin);
    return difference;
  }

  private static Map<String, TopicDescription> describe(Admin admin, Set<String> names)
      throws ExecutionException, InterruptedException {
    Map<String, TopicDescription> found = new TreeMap<>();
    for (var topic : admin.describeTopics(names).topicNameValues().entrySet()) {
      try {
        found.put(topic.getKey(), topic.getValue().get());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
      }
    }
    return found;
  }

  private void missing(NewTopic topic) {
    missingTopics.add(topic);
    lines.add(
        new Line(
            "+ topic %s: %d partitions, replication %d, %s"
                .formatted(
                    topic.name(),
                    topic.numPartitions(),
                    topic.replicationFactor(),
                    new TreeMap<>(topic.configs())),
            true));
  }

  private void compare(NewTopic topic, TopicDescription there) {
    int partitions = there.partitions().size();
    if (partitions != topic.numPartitions()) {
      // More partitions would split a bank's order, fewer can't be had.
      lines.add(
          new Line(
              "! topic %s: %d partitions, the charter says %d: to be made anew, by hand"
                  .formatted(topic.name(), partitions, topic.numPartitions()),
              false));
    }
    int replication =
        there.partitions().stream().mapToInt(p -> p.replicas().size()).min().orElse(0);
    if (replication < topic.replicationFactor()) {
      lines.add(
          new Line(
              "! topic %s: replication %d, wanted %d: reassign its partitions by hand"
                  .formatted(topic.name(), replication, topic.replicationFactor()),
              false));
    }
  }

  private void compare(NewTopic topic, ConfigResource resource, Config settings, boolean shorten) {
    List<AlterConfigOp> operations = new ArrayList<>();
    for (var setting : new TreeMap<>(topic.configs()).entrySet()) {
      ConfigEntry entry = settings.get(setting.getKey());
      String value = entry == null ? "unset" : entry.value();
      if (setting.getValue().equals(value)) {
        continue;
      }
      if (!shorten && ConsortiumTopics.suffices(setting.getKey(), value, setting.getValue())) {
        kept.add(
            "= topic %s: %s = %s is enough, stays %s"
                .formatted(topic.name(), setting.getKey(), setting.getValue(), value));
      } else {
        operations.add(
            new AlterConfigOp(
                new ConfigEntry(setting.getKey(), setting.getValue()), AlterConfigOp.OpType.SET));
        lines.add(
            new Line(
                "~ topic %s: %s = %s, is %s"
                    .formatted(topic.name(), setting.getKey(), setting.getValue(), value),
                true));
      }
    }
    if (!operations.isEmpty()) {
      otherSettings.put(resource, operations);
    }
  }

  private void compareRules(Admin admin, Collection<AclBinding> rules, String prefix)
      throws ExecutionException, InterruptedException {
    Set<AclBinding> there = new HashSet<>(admin.describeAcls(AclBindingFilter.ANY).values().get());
    for (AclBinding rule : rules) {
      if (!there.remove(rule)) {
        missingRules.add(rule);
        lines.add(new Line("+ rule " + text(rule), true));
      }
    }
    for (AclBinding rule : there) {
      String name = rule.pattern().name();
      boolean ours = name.startsWith(prefix) || prefix.startsWith(name) || name.equals("*");
      if (ours) {
        lines.add(
            new Line("! rule beyond the consortium's, look who needs it: " + text(rule), false));
      }
    }
  }

  private void compareQuotas(Admin admin) throws ExecutionException, InterruptedException {
    for (String line : quotas.differences(admin)) {
      otherQuotas = true;
      lines.add(new Line(line, true));
    }
  }

  private static String text(AclBinding rule) {
    return "%s: %s %s on %s %s%s"
        .formatted(
            rule.entry().principal(),
            rule.entry().permissionType(),
            rule.entry().operation(),
            rule.pattern().resourceType(),
            rule.pattern().name(),
            rule.pattern().patternType() == org.apache.kafka.common.resource.PatternType.PREFIXED
                ? "*"
                : "");
  }

  /** What differs, in the order of topics. */
  public List<Line> lines() {
    return List.copyOf(lines);
  }

  /** What is more than needed and stays as it is, as it is printed: no differences. */
  public List<String> kept() {
    return List.copyOf(kept);
  }

  /** Creates what is missing and sets what is set otherwise. Deletes nothing. */
  public void apply(Admin admin) throws ExecutionException, InterruptedException {
    if (!missingTopics.isEmpty()) {
      admin.createTopics(missingTopics).all().get();
    }
    if (!otherSettings.isEmpty()) {
      admin.incrementalAlterConfigs(otherSettings).all().get();
    }
    if (!missingRules.isEmpty()) {
      admin.createAcls(missingRules).all().get();
    }
    if (otherQuotas) {
      quotas.apply(admin);
    }
  }
}
