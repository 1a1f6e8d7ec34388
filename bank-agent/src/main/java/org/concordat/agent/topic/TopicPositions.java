package org.concordat.agent.topic;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.StoreGroup;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;

/**
 * How far the partitions of a topic have been read, in the agent's store: under the group's name,
 * so that another group begins anew.
 */
final class TopicPositions {
  private final AgentStore store;
  private final String name;
  private final String prefix;

  /**
   * @param name of the topic
   */
  TopicPositions(AgentStore store, String groupId, String name) {
    this.store = store;
    this.name = name;
    // Neither a topic's name nor a partition has a slash.
    this.prefix = "topic/" + name + "/" + groupId + "/";
  }

  private String counter(TopicPartition partition) {
    return prefix + partition.partition();
  }

  /** The first offset that isn't durable; nothing where the partition was never opened. */
  Optional<Long> next(TopicPartition partition) {
    return store.counter(counter(partition));
  }

  /** Becomes durable with a record. */
  Bookmark after(TopicPartition partition, long offset) {
    String counter = counter(partition);
    return new Bookmark(counter, group -> group.counter(counter, offset + 1));
  }

  /** Goes past what holds no record, such as the mark of a transaction's end. */
  void skip(Map<TopicPartition, Long> offsets) {
    var group = new StoreGroup();
    offsets.forEach((partition, offset) -> group.counter(counter(partition), offset));
    store.commit(group);
  }

  /**
   * The offsets to go on from. Partitions that nothing is known of are begun, at their end only if
   * the topic was never read.
   *
   * @param id of the topic, another whenever it is made anew
   * @param begin the first offset that is still there, by partition
   * @param end the offset after the last, by partition
   * @throws InvalidInputException CDT-385 records are lost; CDT-386 it is another topic
   */
  Map<TopicPartition, Long> open(
      Uuid id, boolean fromEnd, Map<TopicPartition, Long> begin, Map<TopicPartition, Long> end) {
    boolean known = store.counter(prefix + "id/high").isPresent();
    if (known) {
      requireSame(id);
    }
    Map<TopicPartition, Long> start = new HashMap<>();
    var group = new StoreGroup();
    for (TopicPartition partition : partitions(begin.keySet())) {
      long first = begin.getOrDefault(partition, 0L);
      long last = end.getOrDefault(partition, 0L);
      // A partition that was added later has to be read from its very first record.
      long expected = next(partition).orElse(known ? 0L : fromEnd ? last : first);
      require(partition, expected, first, last);
      start.put(partition, expected);
      group.counter(counter(partition), expected);
    }
    group.counter(prefix + "id/high", id.getMostSignificantBits());
    group.counter(prefix + "id/low", id.getLeastSignificantBits());
    store.commit(group);
    return start;
  }

  private static List<TopicPartition> partitions(Collection<TopicPartition> partitions) {
    return partitions.stream().sorted(Comparator.comparingInt(TopicPartition::partition)).toList();
  }

  private void requireSame(Uuid id) {
    var stored =
        new Uuid(
            store.counter(prefix + "id/high").orElse(0L),
            store.counter(prefix + "id/low").orElse(0L));
    if (!stored.equals(id)) {
      throw refusal(
          Code.CDT_386,
          name,
          "Topic %s was read, and topic %s has the name now.".formatted(stored, id));
    }
  }

  private static void require(TopicPartition partition, long expected, long first, long end) {
    String place = partition.topic() + "/" + partition.partition();
    if (expected < first) {
      throw refusal(
          Code.CDT_385,
          place,
          "The agent has read up to offset %d, and the log begins at %d: %d offsets are lost."
              .formatted(expected, first, first - expected));
    }
    if (expected > end) {
      throw refusal(
          Code.CDT_386,
          place,
          "The agent has read up to offset %d, and the log ends at %d.".formatted(expected, end));
    }
  }

  private static InvalidInputException refusal(Code code, String place, String reason) {
    return new InvalidInputException(
        List.of(new Problem(code, Place.of(place), reason, code.fix())));
  }
}
