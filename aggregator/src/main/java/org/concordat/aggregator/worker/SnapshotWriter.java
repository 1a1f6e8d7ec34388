package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.schemas.record.AlertedPlaces;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Id128;
import org.concordat.schemas.record.LinkSnapshotPart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the parts of one snapshot onto the topic of these, by a thread of its own, in the order in
 * which they are added. Used by one thread beside that, but for {@link #giveUp}. Prints nothing of
 * them.
 */
final class SnapshotWriter {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotWriter.class);
  private static final int ID_BYTES = 16;

  /**
   * Parts that may wait, of 128 KiB as a rule: a 16th of the heap. Whoever writes what is about to
   * change can't wait for brokers.
   */
  private static final long WAITING_MAX =
      Math.max(128, Runtime.getRuntime().maxMemory() / 16 / (128 << 10));

  /** Of a part: 128 KiB. */
  private static final int PLACES_MAX = 1 << 14;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** What a part holds. */
  private record Content(List<AlertedPlaces> alerted, long[] page) {}

  private static final Content END = new Content(List.of(), new long[0]);

  private final LinkLog log;
  private final long readFrom;
  private final int protocol;
  private final int partition;
  private final Id128 id;
  private final BlockingQueue<Content> waiting = new LinkedBlockingQueue<>();
  private int parts;
  private volatile long firstPartOffset;
  private volatile long firstOffset = -1;
  private volatile boolean isWritten;
  private volatile boolean hasFailed;
  private volatile boolean isGivenUp;

  /**
   * Begins: it deletes what is before the last one that counts, and looks up where the topics end.
   *
   * @param of the partition
   * @param readFrom offset of the first part that a start may read; 0 if it isn't known
   */
  SnapshotWriter(LinkLog log, CutRecord of, long readFrom) {
    this.log = log;
    this.readFrom = readFrom;
    this.protocol = of.getProtocol();
    this.partition = of.getPartition();
    byte[] bytes = new byte[ID_BYTES];
    RANDOM.nextBytes(bytes);
    this.id = new Id128(bytes);
    Thread.ofPlatform().daemon().name("snapshot-" + partition).start(this::run);
  }

  private void run() {
    try {
      deleteEarlier();
      firstPartOffset = log.endOfSnapshots();
      firstOffset = log.end();
      log.write(
          Stream.iterate(next(), content -> content != END, written -> next()).map(this::part));
      // What was given up ends in order too, and lacks what was dropped.
      isWritten = !isGivenUp;
    } catch (RuntimeException e) {
      // Whatever it is, batches go on without it.
      told(e.getClass().getSimpleName());
    } finally {
      if (!isWritten) {
        hasFailed = true;
      }
    }
  }

  /** Where that fails they take room until they are as old as the topic keeps them. */
  private void deleteEarlier() {
    if (readFrom == 0) {
      return;
    }
    try {
      log.deleteSnapshotsBefore(readFrom);
    } catch (KafkaException e) {
      LOG.atWarn()
          .addKeyValue("partition", partition)
          .addKeyValue("before", readFrom)
          .addKeyValue(
              "cause", (e.getCause() == null ? e : e.getCause()).getClass().getSimpleName())
          .log("Earlier snapshots weren't deleted: they go when the topic's retention is over.");
    }
  }

  private void told(String cause) {
    LOG.atWarn()
        .addKeyValue("partition", partition)
        .addKeyValue("cause", cause)
        .log("No snapshot was written: until one is, a start takes longer.");
  }

  private Content next() {
    try {
      return waiting.take();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private LinkSnapshotPart part(Content content) {
    return new LinkSnapshotPart(
        protocol, partition, id, parts++, content.alerted, LinkRecords.words(content.page));
  }

  /** What is written later to the topic of links isn't before it; -1 if it isn't known yet. */
  long firstOffset() {
    return firstOffset;
  }

  /** No part is before it. */
  long firstPartOffset() {
    return firstPartOffset;
  }

  void add(AlertedPlaces alerted) {
    ByteBuffer places = alerted.getPlaces().duplicate();
    while (places.hasRemaining()) {
      int bytes = Math.min(places.remaining(), PLACES_MAX * Long.BYTES);
      ByteBuffer some = places.slice(places.position(), bytes);
      add(new Content(List.of(new AlertedPlaces(alerted.getRule(), some)), new long[0]));
      places.position(places.position() + bytes);
    }
  }

  void add(long[] page) {
    add(new Content(List.of(), page));
  }

  private void add(Content content) {
    if (isGivenUp || hasFailed) {
      return;
    }
    if (waiting.size() >= WAITING_MAX) {
      told("The brokers are too slow for it.");
      hasFailed = true;
      giveUp();
      return;
    }
    waiting.add(content);
  }

  /** Parts that wait to be written. */
  int waiting() {
    return waiting.size();
  }

  /** All parts are there. */
  void end() {
    waiting.add(END);
  }

  /** Nobody will name it: what waits is dropped. By any thread. */
  void giveUp() {
    isGivenUp = true;
    waiting.clear();
    end();
  }

  /** Whether all parts are durable. */
  boolean isWritten() {
    return isWritten;
  }

  boolean hasFailed() {
    return hasFailed;
  }

  Id128 id() {
    return id;
  }

  /** How many there are, once they are written. */
  int parts() {
    return parts;
  }

  @Override
  public String toString() {
    return "SnapshotWriter[waiting=" + waiting.size() + "]";
  }
}
