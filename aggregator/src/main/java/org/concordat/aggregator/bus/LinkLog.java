package org.concordat.aggregator.bus;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.concordat.rules.link.CarriedTable;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.CarriedPart;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Id128;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.LinkSnapshot;
import org.concordat.schemas.record.LinkSnapshotPart;
import org.concordat.schemas.record.LinkageEpoch;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.AtRestBox;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one partition's batches added to what is remembered of entities, and what each epoch was
 * handed of the one before, on the topic of this aggregator alone: sealed at rest, one record a
 * batch, read again after a restart. One record at a time is in memory.
 *
 * <p>So that a start needn't read an epoch from its first batch, snapshots of what is remembered
 * are written onto a topic of their own, see {@link LinkSnapshot}. One counts once a committed
 * state names it; parts of others, and those that aren't whole, are of no use.
 *
 * <p>What an epoch is handed is written before the vote on its first batch, which names its hash;
 * parts of attempts that were given up are never read.
 */
public final class LinkLog {
  private static final Logger LOG = LoggerFactory.getLogger(LinkLog.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final int IDLE_POLLS_MAX = 20;
  private static final String KIND = "links";
  private static final long NONE = -1;
  private static final String HANDED = "carried/";
  private static final String GAP = "The topic of links lacks batches of the epoch.";
  private static final String OLD_STATE = "The state is older than the topic of links.";

  /** What an epoch's records are given to. */
  public interface Target {
    /** Whether it can go on from a snapshot, if it is whole. */
    boolean takes(LinkSnapshot snapshot);

    /**
     * Begins with what the epoch was handed, and again where it can't be gone on from a snapshot.
     *
     * @param from the snapshot whose parts follow; null where all batches do
     */
    void begin(List<CarriedTable> handed, @Nullable LinkSnapshot from);

    void add(LinkSnapshotPart part);

    void add(LinkDelta delta);
  }

  private final Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> consumers;
  private final Consumer<Stream<ProducerRecord<byte[], byte[]>>> writer;
  private final ObjLongConsumer<TopicPartition> deleter;
  private final AtRestBox box;
  private final String topic;
  private final String snapshots;
  private final int partition;

  /** The last batch of the last state that lacked one. */
  private long behind = NONE;

  /**
   * @param consumers of what is committed; each is closed after use
   * @param writer writes records outside of transactions, and returns when they are durable
   * @param deleter deletes what a partition holds before an offset
   * @param snapshots the topic of these
   */
  public LinkLog(
      Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> consumers,
      Consumer<Stream<ProducerRecord<byte[], byte[]>>> writer,
      ObjLongConsumer<TopicPartition> deleter,
      AtRestBox box,
      String topic,
      String snapshots,
      int partition) {
    this.consumers = consumers;
    this.writer = writer;
    this.deleter = deleter;
    this.box = box;
    this.topic = topic;
    this.snapshots = snapshots;
    this.partition = partition;
  }

  /** What the transaction of a batch writes. */
  public ProducerRecord<byte[], byte[]> record(LinkDelta delta) {
    byte[] key = bytes(prefix(delta.getFirstBatch()) + delta.getBatch());
    return sealed(topic, key, RecordCodec.encode(delta));
  }

  private ProducerRecord<byte[], byte[]> sealed(String onto, byte[] key, byte[] record) {
    return new ProducerRecord<>(onto, partition, key, box.seal(onto, partition, KIND, key, record));
  }

  private static String prefix(long firstBatch) {
    return firstBatch + "/";
  }

  private static String prefix(long firstBatch, Digest content) {
    return HANDED + prefix(firstBatch) + HexFormat.of().formatHex(content.bytes()) + "/";
  }

  private static String prefix(Id128 snapshot) {
    return "snapshot/" + HexFormat.of().formatHex(snapshot.bytes()) + "/";
  }

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Writes what an epoch is handed; it is durable on return.
   *
   * @param cut of the batch that begins the epoch
   * @param written gets each part's number before it is handed to the brokers; all aggregators have
   *     as many parts
   * @return by which it is found again
   */
  public Digest hand(CutRecord cut, List<CarriedTable> tables, IntConsumer written) {
    Digest content = CarriedParts.digest(tables);
    String prefix = prefix(cut.getBatch(), content);
    writer.accept(
        CarriedParts.of(cut, content, tables)
            .peek(part -> written.accept(part.getPart()))
            .map(part -> sealed(topic, bytes(prefix + part.getPart()), RecordCodec.encode(part))));
    return content;
  }

  /**
   * What an epoch was handed.
   *
   * @param epoch that was handed something
   * @throws TimeoutException the brokers stopped answering
   * @throws IllegalStateException parts of it are missing
   */
  public List<CarriedTable> handed(LinkageEpoch epoch) {
    try {
      return parts(epoch).tables();
    } catch (LinkGapException e) {
      tell(epoch, e);
      throw e;
    }
  }

  private CarriedParts parts(LinkageEpoch epoch) {
    CarriedParts parts = parts(epoch, epoch.getFirstOffset());
    return parts.isComplete() || epoch.getFirstOffset() == 0 ? parts : parts(epoch, 0);
  }

  private CarriedParts parts(LinkageEpoch epoch, long from) {
    var parts = new CarriedParts();
    read(
        topic,
        from,
        record -> {
          add(epoch, record, parts);
          return !parts.isComplete();
        },
        left -> {});
    return parts;
  }

  /** Whoever went on would remember other entities than the other aggregators do. */
  private void tell(LinkageEpoch epoch, LinkGapException gap) {
    LOG.atError()
        .addKeyValue("code", Code.CDT_621.label())
        .addKeyValue("topic", topic)
        .addKeyValue("partition", partition)
        .addKeyValue("firstBatch", epoch.getFirstBatch())
        .addKeyValue("lastBatch", epoch.getLastBatch())
        .addKeyValue("lacks", gap.getMessage())
        .addKeyValue("fix", Code.CDT_621.fix())
        .log(Code.CDT_621.cause());
  }

  private void add(LinkageEpoch epoch, ConsumerRecord<byte[], byte[]> record, CarriedParts parts) {
    if (epoch.getCarried() != null
        && isUnder(record, prefix(epoch.getFirstBatch(), epoch.getCarried()))) {
      parts.add(RecordCodec.decode(CarriedPart.class, opened(record)));
    }
  }

  private static boolean isUnder(ConsumerRecord<byte[], byte[]> record, String prefix) {
    return record.key() != null
        && new String(record.key(), StandardCharsets.US_ASCII).startsWith(prefix);
  }

  /** The offset after what is there; whatever is written from now on isn't before it. */
  public long end() {
    return end(topic);
  }

  /** The same of the topic of snapshots. */
  public long endOfSnapshots() {
    return end(snapshots);
  }

  private long end(String of) {
    var at = new TopicPartition(of, partition);
    try (org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer = consumers.get()) {
      return consumer.endOffsets(List.of(at)).getOrDefault(at, 0L);
    }
  }

  /**
   * Deletes parts of snapshots that no start reads any more.
   *
   * @param offset of the first part of the one that the last committed state names
   * @throws KafkaException it is unknown whether they are deleted
   */
  public void deleteSnapshotsBefore(long offset) {
    deleter.accept(new TopicPartition(snapshots, partition), offset);
  }

  /** Writes the parts of a snapshot, each when it is there; all are durable on return. */
  public void write(Stream<LinkSnapshotPart> parts) {
    writer.accept(
        parts.map(
            part ->
                sealed(
                    snapshots,
                    bytes(prefix(part.getId()) + part.getPart()),
                    RecordCodec.encode(part))));
  }

  /**
   * Gives an epoch's latest snapshot, and its batches since in order; or all of them, if there is
   * none that is whole.
   *
   * @param epoch as the last committed state has it
   * @param isOver whether nobody needs it any more, as far as is known
   * @param progress gets how many records are still to be read
   * @return false if batches are missing of an epoch that is over; what was given is of no use
   * @throws TimeoutException the brokers stopped answering
   * @throws ProducerFencedException another process has committed a batch since the state was read
   * @throws IllegalStateException batches are missing: what would be remembered isn't what the
   *     other aggregators remember
   */
  public boolean replay(LinkageEpoch epoch, boolean isOver, Target target, LongConsumer progress) {
    try {
      LinkSnapshot snapshot = epoch.getSnapshot();
      if (snapshot == null || !goOnFrom(snapshot, epoch, target, progress)) {
        replayWhole(epoch, target, progress);
      }
      return true;
    } catch (LinkGapException e) {
      if (isOver) {
        return false;
      }
      tell(epoch, e);
      throw e;
    }
  }

  private boolean goOnFrom(
      LinkSnapshot snapshot, LinkageEpoch epoch, Target target, LongConsumer progress) {
    if (!target.takes(snapshot)) {
      isOfNoUse(snapshot, "It is of another build, or of other members.");
      return false;
    }
    target.begin(epoch.getCarried() == null ? List.of() : parts(epoch).tables(), snapshot);
    try {
      int read = give(snapshot, target, progress);
      if (read < snapshot.getParts()) {
        isOfNoUse(snapshot, "Parts are missing from number " + read + " on.");
        return false;
      }
      var batches = new Batches(epoch, snapshot.getBatch());
      read(
          topic,
          snapshot.getFirstOffset(),
          record -> {
            batches.give(record, target);
            return true;
          },
          progress);
      batches.requireAll();
      return true;
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      // Whatever is wrong with it, or where its batches are looked for: the epoch begins elsewhere.
      isOfNoUse(snapshot, e.getClass().getSimpleName());
      return false;
    }
  }

  private void isOfNoUse(LinkSnapshot snapshot, String why) {
    LOG.atWarn()
        .addKeyValue("topic", snapshots)
        .addKeyValue("partition", partition)
        .addKeyValue("parts", snapshot.getParts())
        .addKeyValue("why", why)
        .log("The snapshot is of no use: each row of the epoch is remembered again.");
  }

  /** Gives a snapshot's parts, up to the first that is missing; returns how many. */
  private int give(LinkSnapshot snapshot, Target target, LongConsumer progress) {
    String prefix = prefix(snapshot.getId());
    int[] given = {0};
    read(
        snapshots,
        snapshot.getFirstPartOffset(),
        record -> {
          if (isUnder(record, prefix)) {
            LinkSnapshotPart part = RecordCodec.decode(LinkSnapshotPart.class, opened(record));
            if (part.getPart() == given[0]) {
              target.add(part);
              given[0]++;
            }
          }
          return given[0] < snapshot.getParts();
        },
        progress);
    return given[0];
  }

  private void replayWhole(LinkageEpoch epoch, Target target, LongConsumer progress) {
    try {
      replayWhole(epoch, epoch.getFirstOffset(), target, progress);
    } catch (LinkGapException e) {
      if (epoch.getFirstOffset() == 0) {
        throw e;
      }
      // A topic that was given back as it was may have other offsets.
      replayWhole(epoch, 0, target, progress);
    }
  }

  private void replayWhole(LinkageEpoch epoch, long from, Target target, LongConsumer progress) {
    var parts = new CarriedParts();
    var batches = new Batches(epoch, NONE);
    read(
        topic,
        from,
        record -> {
          add(epoch, record, parts);
          if (batches.isNext(record)) {
            if (!batches.hasBegun()) {
              target.begin(epoch.getCarried() == null ? List.of() : parts.tables(), null);
            }
            batches.give(record, target);
          }
          return true;
        },
        progress);
    batches.requireAll();
  }

  /**
   * The topic has a later batch than the state. As a rule a process that had the partition before
   * has taken it back and committed: the next try fences that off, and reads a later state. Where
   * it doesn't, the state was set back.
   */
  private RuntimeException behind(LinkageEpoch epoch) {
    if (epoch.getLastBatch() == behind) {
      return new LinkGapException(OLD_STATE);
    }
    behind = epoch.getLastBatch();
    return new ProducerFencedException("Another process has committed a batch meanwhile.");
  }

  /** An epoch's batches after one of them: each names the one before. */
  private final class Batches {
    private final LinkageEpoch epoch;
    private final String prefix;
    private final long after;
    private long previous;

    Batches(LinkageEpoch epoch, long after) {
      this.epoch = epoch;
      this.prefix = prefix(epoch.getFirstBatch());
      this.after = after;
      this.previous = after;
    }

    boolean isNext(ConsumerRecord<byte[], byte[]> record) {
      return isUnder(record, prefix);
    }

    boolean hasBegun() {
      return previous >= 0;
    }

    void give(ConsumerRecord<byte[], byte[]> record, Target target) {
      if (!isNext(record)) {
        return;
      }
      LinkDelta delta = RecordCodec.decode(LinkDelta.class, opened(record));
      if (delta.getBatch() <= after) {
        return;
      }
      if (delta.getBatch() > epoch.getLastBatch()) {
        throw behind(epoch);
      }
      if (delta.getPreviousBatch() != previous) {
        throw new LinkGapException(GAP);
      }
      target.add(delta);
      previous = delta.getBatch();
    }

    void requireAll() {
      if (previous != epoch.getLastBatch()) {
        throw new LinkGapException(GAP);
      }
    }
  }

  /** Gives a topic's records from an offset on, for as long as they are taken. */
  private void read(
      String of, long from, Predicate<ConsumerRecord<byte[], byte[]>> take, LongConsumer progress) {
    var at = new TopicPartition(of, partition);
    try (org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer = consumers.get()) {
      consumer.assign(List.of(at));
      // What is older than the topic keeps is gone.
      long first = consumer.beginningOffsets(List.of(at)).getOrDefault(at, 0L);
      consumer.seek(at, Math.max(first, from));
      long end = consumer.endOffsets(List.of(at)).getOrDefault(at, 0L);
      long position = consumer.position(at);
      int idle = 0;
      while (position < end) {
        progress.accept(end - position);
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (!take.test(record)) {
            return;
          }
        }
        idle = consumer.position(at) > position ? 0 : idle + 1;
        if (idle > IDLE_POLLS_MAX) {
          throw new TimeoutException("The brokers stopped answering.");
        }
        position = consumer.position(at);
      }
    }
  }

  private byte[] opened(ConsumerRecord<byte[], byte[]> record) {
    return box.open(record.topic(), partition, KIND, record.key(), record.value());
  }
}
