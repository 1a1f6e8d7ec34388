package org.concordat.ops.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.concordat.aggregator.bus.WorkerDirectory;
import org.concordat.aggregator.bus.WorkerDirectory.Worker;
import org.concordat.schemas.identity.Charter;

/** Which workers have which partitions, as the aggregators have told each other. */
final class WorkerChecks {
  private static final int TIMEOUT_MILLIS = 15_000;
  private static final Duration POLL = Duration.ofMillis(500);

  private WorkerChecks() {}

  static List<Finding> all(Party party, Charter charter) {
    if (party.isBank()) {
      return List.of();
    }
    var directory = new WorkerDirectory(charter);
    try {
      int refused = read(party, charter, directory);
      List<Finding> findings = new ArrayList<>();
      for (int index = 0; index < charter.aggregators().size(); index++) {
        findings.add(Finding.ok("workers", workers(charter, directory, index)));
      }
      if (refused > 0) {
        findings.add(
            Finding.fail(
                "workers",
                refused + " entries in the topic of workers aren't an aggregator's",
                "Look at the topic's access rules."));
      }
      return findings;
    } catch (KafkaException e) {
      return List.of(
          Finding.warn(
              "workers",
              "the topic of workers can't be read: " + e.getClass().getSimpleName(),
              "Have the brokers' operator run: concordat topics apply"));
    }
  }

  private static int read(Party party, Charter charter, WorkerDirectory directory) {
    Map<String, Object> properties = new HashMap<>(party.kafka().properties());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS / 2);
    var at = new TopicPartition(charter.topics(party.kafka().topicPrefix()).workers(), 0);
    int refused = 0;
    try (var consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(at));
      consumer.seekToBeginning(List.of(at));
      long end = consumer.endOffsets(List.of(at)).getOrDefault(at, 0L);
      long last = System.nanoTime() + Duration.ofMillis(TIMEOUT_MILLIS).toNanos();
      while (consumer.position(at) < end) {
        if (System.nanoTime() > last) {
          throw new TimeoutException("no end of the topic in time");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.value() != null
              && directory.take(record.value()) == WorkerDirectory.Taken.REFUSED) {
            refused++;
          }
        }
      }
    }
    return refused;
  }

  static String workers(Charter charter, WorkerDirectory directory, int party) {
    Map<String, TreeSet<Integer>> partitions = new TreeMap<>();
    for (int partition = 0; partition < charter.partitions(); partition++) {
      Worker worker = directory.worker(party, partition);
      String who = worker.isAlone() ? "" : worker.name() + " at " + worker.address();
      partitions.computeIfAbsent(who, w -> new TreeSet<>()).add(partition);
    }
    List<String> parts = new ArrayList<>();
    partitions.forEach(
        (who, has) ->
            parts.add(
                who.isEmpty()
                    ? (partitions.size() == 1 ? "a single process" : "a single process has " + has)
                    : who + " has the partitions " + has));
    return charter.aggregators().get(party).name() + ": " + String.join("; ", parts);
  }
}
