package org.concordat.aggregator.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.seal.AtRestBox;

/** One party's topics of links and of snapshots, in memory, which may lose what is on them. */
final class LinkTopic {
  private static final String LINKS = "links.aggregator";
  private static final String SNAPSHOTS = "snapshots.aggregator";

  private final AtRestBox box =
      new AtRestBox(SymmetricKey.generate(new SecureRandom()), new SecureRandom());

  /** Snapshots are written by threads of their own. */
  private final List<ProducerRecord<byte[], byte[]>> records = new CopyOnWriteArrayList<>();

  private final List<ProducerRecord<byte[], byte[]>> parts = new CopyOnWriteArrayList<>();

  private volatile boolean refusesSnapshots;
  private volatile boolean refusesToDelete;
  private volatile long snapshotsFrom;
  private volatile CountDownLatch held = new CountDownLatch(0);

  private final LinkLog log =
      new LinkLog(
          this::consumer,
          written -> written.forEach(this::add),
          this::deleteBefore,
          box,
          LINKS,
          SNAPSHOTS,
          0);

  LinkLog log() {
    return log;
  }

  private MockConsumer<byte[], byte[]> consumer() {
    Map<TopicPartition, List<ProducerRecord<byte[], byte[]>>> topics =
        Map.of(new TopicPartition(LINKS, 0), records, new TopicPartition(SNAPSHOTS, 0), parts);
    var consumer = new MockConsumer<byte[], byte[]>("earliest");
    topics.forEach(
        (at, of) -> {
          consumer.updateBeginningOffsets(Map.of(at, of == parts ? snapshotsFrom : 0L));
          consumer.updateEndOffsets(Map.of(at, (long) of.size()));
        });
    consumer.schedulePollTask(
        () ->
            consumer
                .assignment()
                .forEach(
                    at -> {
                      List<ProducerRecord<byte[], byte[]>> of = List.copyOf(topics.get(at));
                      int begin = topics.get(at) == parts ? (int) snapshotsFrom : 0;
                      for (int i = begin; i < of.size(); i++) {
                        consumer.addRecord(
                            new ConsumerRecord<>(
                                at.topic(), 0, i, of.get(i).key(), of.get(i).value()));
                      }
                    }));
    return consumer;
  }

  private void deleteBefore(TopicPartition of, long offset) {
    assertThat(of).isEqualTo(new TopicPartition(SNAPSHOTS, 0));
    assertThat(offset).isBetween(snapshotsFrom, (long) parts.size());
    if (refusesToDelete) {
      throw new KafkaException("Records weren't deleted.");
    }
    snapshotsFrom = offset;
  }

  /** Offset of the first part of a snapshot that is there. */
  long snapshotsFrom() {
    return snapshotsFrom;
  }

  /** Whether the brokers don't delete parts of snapshots. */
  void refuseToDelete(boolean refuses) {
    refusesToDelete = refuses;
  }

  private static String key(ProducerRecord<byte[], byte[]> record) {
    return new String(record.key(), US_ASCII);
  }

  void add(ProducerRecord<byte[], byte[]> record) {
    if (record.topic().equals(LINKS)) {
      records.add(record);
    } else if (refusesSnapshots) {
      throw new KafkaException("Records weren't written.");
    } else {
      try {
        held.await();
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
      parts.add(record);
    }
  }

  /** What lacks leaves a gap: all behind it stays where it is. */
  private static void lose(List<ProducerRecord<byte[], byte[]>> of, Predicate<String> isLost) {
    for (int offset = 0; offset < of.size(); offset++) {
      if (isLost.test(key(of.get(offset)))) {
        of.set(offset, new ProducerRecord<>(LINKS, 0, new byte[0], new byte[0]));
      }
    }
  }

  void loseLast() {
    String last = key(records.getLast());
    lose(records, last::equals);
  }

  /** Loses what a batch has added. */
  void loseBatch(long batch) {
    lose(records, key -> key.matches("\\d+/" + batch));
  }

  /** Links are all there, so many offsets earlier: others that aren't needed were before them. */
  void giveBackEarlier(int offsets) {
    for (int i = 0; i < offsets; i++) {
      records.removeFirst();
    }
  }

  /** Links begin with what nobody needs. */
  void beginWithOthers(int number) {
    for (int i = 0; i < number; i++) {
      records.add(new ProducerRecord<>(LINKS, 0, new byte[0], new byte[0]));
    }
  }

  private static boolean isHanded(ProducerRecord<byte[], byte[]> record) {
    return key(record).startsWith("carried/");
  }

  /** Loses what the current epoch was handed. */
  void loseHanded() {
    lose(records, key -> key.startsWith("carried/"));
  }

  /** Parts of what epochs were handed, those of attempts that were given up among them. */
  List<ProducerRecord<byte[], byte[]>> handed() {
    return records.stream().filter(LinkTopic::isHanded).toList();
  }

  /** Loses one part of each snapshot. */
  void losePart(int part) {
    lose(parts, key -> key.matches("snapshot/.*/" + part));
  }

  /** The brokers take no part of a snapshot before. */
  void holdSnapshots(CountDownLatch until) {
    held = until;
  }

  /** Whether the brokers refuse snapshots. */
  void refuseSnapshots(boolean refuses) {
    refusesSnapshots = refuses;
  }
}
