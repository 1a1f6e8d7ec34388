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
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
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
 * Where brokers won't have one record, the producer stays, and with it what else is under way.
 */
final class VoteWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(VoteWriter.class);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  /** Between two tries, where the brokers are away: what tries waits for them by itself. */
  private static final long RETRY_MILLIS_MIN = 250;

  /** Between two tries, where they refuse. */
  private static final long RETRY_MILLIS_MAX = 10_000;

  /**
   * To be written once there is a producer.
   *
   * @param retryMillis how long it waits if it is refused
   */
  private record Waiting(Vote vote, long retryMillis) {}

  private final PartitionSetup setup;
  private final OwnLog log;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Executor partition;
  private final ObjLongConsumer<Vote> durable;
  private final OwnVotes ownVotes;
  private final List<Waiting> waiting = new ArrayList<>();

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
    connect(RETRY_MILLIS_MIN);
  }

  /** On a thread of its own: it waits for the brokers as long as they take. */
  private void connect(long retryMillis) {
    start("votes-connect", () -> open(retryMillis));
  }

  /** What ends such a thread early ends the process: votes would wait for it in silence. */
  private void start(String name, Runnable work) {
    var _ =
        Thread.ofVirtual()
            .name(name)
            .start(
                () -> {
                  try {
                    work.run();
                  } catch (RuntimeException | Error e) {
                    setup.halt().accept(e);
                  }
                });
  }

  private void open(long retryMillis) {
    if (closed) {
      return;
    }
    Producer<byte[], byte[]> opened = null;
    try {
      opened = producers.get();
      var _ = opened.partitionsFor(setup.topics().votes(setup.aggregator()));
    } catch (KafkaException e) {
      if (!closed) {
        LOG.atWarn()
            .addKeyValue("partition", setup.partition())
            .addKeyValue("waitsFor", "the brokers, to write votes")
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Connecting again.");
      }
      if (e instanceof TimeoutException) {
        reopen(opened, RETRY_MILLIS_MIN, RETRY_MILLIS_MIN);
      } else {
        reopen(opened, retryMillis, longer(retryMillis));
      }
      return;
    }
    producer = opened;
    onPartition(this::writeWaiting);
    if (closed) {
      opened.close(Duration.ZERO);
    }
  }

  /**
   * Nothing of the last one is acknowledged any more when the next begins.
   *
   * @param millis until then
   * @param retryMillis how long the one after waits if the next is refused
   */
  private void reopen(@Nullable Producer<byte[], byte[]> last, long millis, long retryMillis) {
    if (last != null) {
      last.close(Duration.ZERO);
    }
    CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
        .execute(() -> connect(retryMillis));
  }

  private static long longer(long retryMillis) {
    return Math.min(2 * retryMillis, RETRY_MILLIS_MAX);
  }

  /** Unless this is closed by then: whoever recovers the partition reads the log anew. */
  private void onPartition(Runnable work) {
    partition.execute(
        () -> {
          if (!closed) {
            work.run();
          }
        });
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
    write(Signed.sign(unsigned, setup.signingKey()), RETRY_MILLIS_MIN);
  }

  private void write(Vote vote, long retryMillis) {
    Producer<byte[], byte[]> by = producer;
    if (by == null) {
      waiting.add(new Waiting(vote, retryMillis));
    } else {
      send(vote, by, retryMillis);
    }
  }

  private void writeWaiting() {
    List<Waiting> votes = List.copyOf(waiting);
    waiting.clear();
    votes.forEach(next -> write(next.vote(), next.retryMillis()));
  }

  private void send(Vote vote, Producer<byte[], byte[]> by, long retryMillis) {
    var record =
        new ProducerRecord<>(
            setup.topics().votes(setup.aggregator()),
            setup.partition(),
            log.voteKey(vote),
            RecordCodec.encode(vote));
    try {
      by.send(
          record,
          (metadata, failure) ->
              onPartition(
                  () -> {
                    if (failure != null) {
                      writeFailed(vote, by, failure, retryMillis);
                    } else if (metadata.hasOffset()) {
                      written(vote, metadata.offset());
                    } else {
                      // The brokers have it, and don't say where: the next shows what is before.
                      again(vote, "no offset", RETRY_MILLIS_MIN, retryMillis);
                    }
                  }));
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      // One that has given up, and whose failures are on their way here, throws.
      writeFailed(vote, by, e, retryMillis);
    }
  }

  private void writeFailed(
      Vote vote, Producer<byte[], byte[]> by, Exception failure, long retryMillis) {
    String cause = failure.getClass().getSimpleName();
    if (by != producer) {
      // Of those that were under way with one that is given up, the first that failed is enough.
      again(vote, cause, RETRY_MILLIS_MIN, retryMillis);
      return;
    }
    boolean away = failure instanceof TimeoutException;
    long millis = away ? RETRY_MILLIS_MIN : retryMillis;
    if (!concernsRecord(failure)) {
      giveUp(by, millis);
    }
    again(vote, cause, millis, away ? RETRY_MILLIS_MIN : longer(retryMillis));
  }

  /** Whether a producer writes others after that, and another would not write this one. */
  private static boolean concernsRecord(Exception failure) {
    return failure instanceof TopicAuthorizationException
        || failure instanceof RecordTooLargeException
        || failure instanceof InvalidTopicException;
  }

  private void giveUp(Producer<byte[], byte[]> failed, long millis) {
    producer = null;
    // To close it may take as long as it waits for a broker.
    start("votes-close", () -> reopen(failed, millis, RETRY_MILLIS_MIN));
  }

  private void again(Vote vote, String cause, long millis, long retryMillis) {
    LOG.atWarn()
        .addKeyValue("partition", setup.partition())
        .addKeyValue("batch", vote.getBatch())
        .addKeyValue("waitsFor", "the brokers, to write a vote")
        .addKeyValue("cause", cause)
        .log("Writing the vote again.");
    CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
        .execute(() -> onPartition(() -> write(vote, retryMillis)));
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
    start("votes", () -> look(from, to));
  }

  /** Sees what was written between two votes of this process. */
  private void look(long from, long to) {
    try {
      List<Vote> votes = log.votes(from, to);
      onPartition(() -> looked(votes, to));
    } catch (KafkaException e) {
      if (closed) {
        return;
      }
      LOG.atWarn()
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("Reading the votes again.");
      CompletableFuture.delayedExecutor(RETRY_MILLIS_MIN, TimeUnit.MILLISECONDS)
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
