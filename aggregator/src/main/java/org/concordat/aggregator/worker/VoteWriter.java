package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.concordat.aggregator.batch.Effect;
import org.concordat.aggregator.batch.OwnVotes;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.seal.Signed;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes this party's votes to its own log, as long as it takes, and reports each once it is
 * durable, in the log's order.
 *
 * <p>Where a vote of a process before this one is first on an attempt, that one stands: {@link
 * OwnVotes} decides which does. Belongs to the partition's thread.
 *
 * <p>A producer that failed makes place for another: one that a broker refused at its first
 * connection never asks for its id again, and writes nothing any more (KAFKA-20237). What it had
 * sent may still reach the log, before or behind the same vote of the next one: that is one vote.
 */
final class VoteWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(VoteWriter.class);
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final long RETRY_MILLIS = 250;

  private final PartitionSetup setup;
  private final OwnLog log;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Executor partition;
  private final ObjLongConsumer<Vote> durable;
  private final OwnVotes ownVotes;

  /** To be written once there is a producer. */
  private final List<Vote> waiting = new ArrayList<>();

  /** There is none until one has found its topic, however long the brokers are away. */
  private volatile @Nullable Producer<byte[], byte[]> producer;

  private volatile boolean closed;

  /**
   * @param producers each a new one
   * @param nextOffset where the log ended when it was read
   * @param partition runs on the partition's thread
   * @param durable gets each vote and its offset, on the partition's thread
   */
  VoteWriter(
      PartitionSetup setup,
      OwnLog log,
      Supplier<Producer<byte[], byte[]>> producers,
      long nextOffset,
      Executor partition,
      ObjLongConsumer<Vote> durable) {
    this.setup = setup;
    this.log = log;
    this.producers = producers;
    this.partition = partition;
    this.durable = durable;
    this.ownVotes = new OwnVotes(nextOffset, VoteWriter::sealedDigest);
  }

  /**
   * Has a producer connect and find its topic beside whatever else goes on: until it has, votes
   * wait for it, and all parties for the votes.
   */
  void connect() {
    var _ = Thread.ofVirtual().name("votes-connect").start(this::open);
  }

  /** On a thread of its own: it waits for the brokers as long as they take. */
  private void open() {
    if (closed) {
      return;
    }
    Producer<byte[], byte[]> opened = null;
    try {
      opened = producers.get();
      var _ = opened.partitionsFor(setup.topics().votes(setup.aggregator()));
    } catch (KafkaException e) {
      LOG.atWarn()
          .addKeyValue("partition", setup.partition())
          .addKeyValue("waitsFor", "the brokers, to write votes")
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("Connecting again.");
      reopen(opened);
      return;
    }
    producer = opened;
    partition.execute(this::writeWaiting);
    if (closed) {
      opened.close(Duration.ZERO);
    }
  }

  /** Nothing of the last one is acknowledged any more when the next begins. */
  private void reopen(@Nullable Producer<byte[], byte[]> last) {
    if (last != null) {
      last.close(Duration.ZERO);
    }
    CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS).execute(this::connect);
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
    Producer<byte[], byte[]> by = producer;
    if (by == null) {
      waiting.add(vote);
    } else {
      send(vote, by);
    }
  }

  private void writeWaiting() {
    List<Vote> votes = List.copyOf(waiting);
    waiting.clear();
    votes.forEach(this::write);
  }

  private void send(Vote vote, Producer<byte[], byte[]> by) {
    var record =
        new ProducerRecord<>(
            setup.topics().votes(setup.aggregator()),
            setup.partition(),
            log.voteKey(vote),
            RecordCodec.encode(vote));
    by.send(
        record,
        (metadata, failure) ->
            partition.execute(
                () -> {
                  if (failure != null) {
                    giveUp(by);
                    again(vote, failure.getClass().getSimpleName());
                  } else if (metadata.hasOffset()) {
                    written(vote, metadata.offset());
                  } else {
                    // The brokers have it, and don't say where: the next one shows what is before.
                    again(vote, "no offset");
                  }
                }));
  }

  /** Of those that were under way with it, the first that fails is enough. */
  private void giveUp(Producer<byte[], byte[]> failed) {
    if (failed == producer) {
      producer = null;
      // To close it may take as long as it waits for a broker.
      var _ = Thread.ofVirtual().name("votes-close").start(() -> reopen(failed));
    }
  }

  private void again(Vote vote, String cause) {
    LOG.atWarn()
        .addKeyValue("partition", setup.partition())
        .addKeyValue("batch", vote.getBatch())
        .addKeyValue("waitsFor", "the brokers, to write a vote")
        .addKeyValue("cause", cause)
        .log("Writing the vote again.");
    CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS, partition)
        .execute(() -> write(vote));
  }

  private void written(Vote vote, long offset) {
    ownVotes.written(vote, offset);
    goOn();
  }

  private void goOn() {
    for (var next = ownVotes.next(); next.isPresent(); next = ownVotes.next()) {
      switch (next.get()) {
        case OwnVotes.Next.Look look -> startLooking(look.from(), look.to());
        case OwnVotes.Next.Report own -> {
          // What it seals may be large, and is read from the log if it is needed again.
          durable.accept(PeerRouter.bare(own.vote()), own.offset());
        }
        case OwnVotes.Next.OtherFirst _ -> throw new OtherVoteException();
      }
    }
  }

  /** On a thread of its own: it waits for the brokers as long as they take. */
  private void startLooking(long from, long to) {
    var _ = Thread.ofVirtual().name("votes").start(() -> look(from, to));
  }

  /** Sees what was written between two votes of this process. */
  private void look(long from, long to) {
    try {
      List<Vote> votes = log.votes(from, to);
      partition.execute(() -> looked(votes, to));
    } catch (KafkaException e) {
      if (closed) {
        return;
      }
      LOG.atWarn()
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("Reading the votes again.");
      CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS)
          .execute(() -> startLooking(from, to));
    }
  }

  private void looked(List<Vote> votes, long to) {
    ownVotes.looked(votes, to);
    goOn();
  }

  private static Digest sealedDigest(Vote vote) {
    MessageDigest digest = LinkRecords.sha256();
    digest.update(vote.getSealed().duplicate());
    return new Digest(digest.digest());
  }

  @Override
  public void close() {
    closed = true;
    Producer<byte[], byte[]> last = producer;
    if (last != null) {
      last.close(CLOSE);
    }
  }
}
