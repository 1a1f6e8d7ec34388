package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.concordat.aggregator.batch.Effect;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.seal.Signed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes this party's votes to its own log, as long as it takes, and reports each once it is
 * durable.
 *
 * <p>First written wins. A vote of a process before this one may reach the log after this one has
 * read it; then the next write shows a gap in the offsets, and what stands in the gap is read
 * before anything is reported. Belongs to the partition's thread.
 */
final class VoteWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(VoteWriter.class);
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final long RETRY_MILLIS = 1_000;

  private final PartitionSetup setup;
  private final OwnLog log;
  private final Producer<byte[], byte[]> producer;
  private final Executor partition;
  private final ObjLongConsumer<Vote> durable;
  private long nextOffset;
  private volatile boolean closed;

  /**
   * @param nextOffset where the log ended when it was read
   * @param partition runs on the partition's thread
   * @param durable gets each vote and its offset, on the partition's thread
   */
  VoteWriter(
      PartitionSetup setup,
      OwnLog log,
      Producer<byte[], byte[]> producer,
      long nextOffset,
      Executor partition,
      ObjLongConsumer<Vote> durable) {
    this.setup = setup;
    this.log = log;
    this.producer = producer;
    this.nextOffset = nextOffset;
    this.partition = partition;
    this.durable = durable;
  }

  /**
   * @param sealed what a prepared vote holds, sealed at rest
   */
  void write(Effect.PersistVote wanted, ByteBuffer sealed) {
    Vote unsigned =
        Vote.newBuilder()
            .setProtocol(setup.settings().protocol())
            .setCharter(setup.settings().charter())
            .setAggregator(setup.aggregator())
            .setPartition(setup.partition())
            .setBatch(wanted.batch())
            .setAttempt(wanted.attempt())
            .setKind(wanted.kind())
            .setCut(wanted.cut())
            .setOutcome(wanted.outcome())
            .setSignature(new Signature(new byte[64]))
            .setSealed(sealed)
            .build();
    write(Signed.sign(unsigned, setup.signingKey()));
  }

  private void write(Vote vote) {
    var record =
        new ProducerRecord<>(
            setup.topics().votes(setup.aggregator()),
            setup.partition(),
            log.voteKey(vote),
            RecordCodec.encode(vote));
    producer.send(
        record,
        (metadata, failure) ->
            partition.execute(
                () -> {
                  if (failure == null) {
                    written(vote, metadata.offset());
                  } else {
                    again(vote, failure);
                  }
                }));
  }

  private void again(Vote vote, Exception failure) {
    LOG.atWarn()
        .addKeyValue("partition", setup.partition())
        .addKeyValue("batch", vote.getBatch())
        .addKeyValue("waitsFor", "the brokers, to write a vote")
        .addKeyValue("cause", failure.getClass().getSimpleName())
        .log("Writing the vote again.");
    CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS, partition)
        .execute(() -> write(vote));
  }

  private void written(Vote vote, long offset) {
    long expected = nextOffset;
    nextOffset = Math.max(nextOffset, offset + 1);
    if (offset <= expected) {
      report(vote, offset);
    } else {
      var _ = Thread.ofVirtual().name("votes").start(() -> look(vote, expected, offset));
    }
  }

  /** Sees what was written between this vote and the one before. */
  private void look(Vote vote, long from, long offset) {
    try {
      List<Vote> between = log.votes(from, offset);
      partition.execute(() -> reportUnlessOther(vote, offset, between));
    } catch (KafkaException e) {
      if (closed) {
        return;
      }
      LOG.atWarn()
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("Reading the votes again.");
      CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS)
          .execute(() -> look(vote, from, offset));
    }
  }

  private void reportUnlessOther(Vote vote, long offset, List<Vote> between) {
    // The same kind isn't enough: another process may have prepared another session's shares.
    boolean otherFirst =
        between.stream()
            .anyMatch(
                v ->
                    v.getBatch() == vote.getBatch()
                        && v.getAttempt() == vote.getAttempt()
                        && !(v.getSignature().equals(vote.getSignature())
                            && v.getSealed().equals(vote.getSealed())));
    if (otherFirst) {
      throw new OtherVoteException();
    }
    report(vote, offset);
  }

  private void report(Vote vote, long offset) {
    // What it seals may be large, and is read from the log if it is needed again.
    durable.accept(PeerRouter.bare(vote), offset);
  }

  @Override
  public void close() {
    closed = true;
    producer.close(CLOSE);
  }
}
