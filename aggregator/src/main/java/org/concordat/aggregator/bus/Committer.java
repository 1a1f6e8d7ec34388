package org.concordat.aggregator.bus;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits batches of one partition: each in one Kafka transaction. A commit that isn't answered in
 * time is asked for again. After any other failure the outcome of the last transaction is unknown;
 * then a new producer fences the old one, which settles it, and the state that is there afterwards
 * tells whether the batch was committed.
 */
public final class Committer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
  private static final long RETRY_MILLIS_MIN = 100;
  private static final long RETRY_MILLIS_MAX = 1_000;

  /**
   * How often one producer is asked for one commit: for about as long as brokers wait for the end
   * of a transaction before they give it up.
   */
  static final int ASKED_MAX = 6;

  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final LongSupplier committedNextBatch;
  private final BooleanSupplier stands;
  private volatile Producer<byte[], byte[]> producer;

  /** The next batch, as of the last look at the committed state. */
  private long committed;

  private volatile boolean closing;

  /**
   * Fences off any older worker of this partition; blocks until the broker answers.
   *
   * @param producers of one transactional id, which this partition has to itself
   * @param committedNextBatch reads the next batch's number from the committed state
   * @param stands whether no other process has taken the partition since; asked before the
   *     partition is fenced off once more
   */
  public Committer(
      Supplier<Producer<byte[], byte[]>> producers,
      LongSupplier committedNextBatch,
      BooleanSupplier stands) {
    this.producers = producers;
    this.committedNextBatch = committedNextBatch;
    this.stands = stands;
    this.producer = open();
  }

  /**
   * Writes one record in a transaction of its own; no commit may be under way.
   *
   * @throws KafkaException it is unknown whether it is written, or this process is fenced off
   */
  void announce(ProducerRecord<byte[], byte[]> record) {
    producer.beginTransaction();
    producer.send(record);
    producer.commitTransaction();
  }

  /**
   * Commits the records of a batch, once, retrying as long as it takes.
   *
   * @return false if another process has the partition now; the batch may or may not be committed
   * @throws InterruptedException this aggregator is stopping; the batch may or may not be committed
   */
  public boolean commit(long batch, List<ProducerRecord<byte[], byte[]>> records)
      throws InterruptedException {
    boolean retry = false;
    long retryMillis = RETRY_MILLIS_MIN;
    while (true) {
      try {
        if (retry) {
          refuseIfClosing();
          if (!stands.getAsBoolean()) {
            return false;
          }
          producer.close(Duration.ZERO);
          producer = open();
          if (closing) {
            producer.close(Duration.ZERO);
          }
          refuseIfClosing();
          committed = committedNextBatch.getAsLong();
        }
        // Where somebody else committed this batch and more, those that follow must not be doubled.
        if (committed > batch) {
          return true;
        }
        producer.beginTransaction();
        records.forEach(producer::send);
        // A failed send fails the commit, so that nothing is committed in part.
        end(batch);
        return true;
      } catch (IllegalStateException e) {
        // A producer that close() took away in the middle.
        refuseIfClosing();
        throw e;
      } catch (KafkaException e) {
        refuseIfClosing();
        LOG.atWarn()
            .addKeyValue("batch", batch)
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Committing again.");
        retry = true;
        Thread.sleep(retryMillis);
        retryMillis = Math.min(2 * retryMillis, RETRY_MILLIS_MAX);
      }
    }
  }

  /**
   * Commits what was sent. Where the brokers didn't answer in time, the producer goes on with this
   * commit, and to ask for it again only waits for the same answer: that comes as soon as they are
   * back, while a new producer would have to connect, fence and read first. Whoever was fenced off,
   * or whose records weren't taken, is told so instead.
   *
   * @throws TimeoutException they didn't answer for long
   */
  private void end(long batch) throws InterruptedException {
    for (int asked = 1; ; asked++) {
      try {
        producer.commitTransaction();
        return;
      } catch (TimeoutException e) {
        refuseIfClosing();
        if (asked == ASKED_MAX) {
          throw e;
        }
        LOG.atWarn()
            .addKeyValue("batch", batch)
            .addKeyValue("waitsFor", "the brokers, to commit")
            .log("The commit isn't answered yet.");
      }
    }
  }

  private void refuseIfClosing() throws InterruptedException {
    if (closing) {
      throw new InterruptedException("The partition is given up.");
    }
  }

  private Producer<byte[], byte[]> open() {
    Producer<byte[], byte[]> opened = producers.get();
    try {
      opened.initTransactions();
      return opened;
    } catch (KafkaException e) {
      opened.close(Duration.ZERO);
      throw e;
    }
  }

  /** Lets a commit that is under way end, but not try again. */
  public void stop() {
    closing = true;
  }

  @Override
  public void close() {
    stop();
    producer.close(CLOSE);
  }
}
