package org.concordat.aggregator.bus;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits batches of one partition: each in one Kafka transaction. After any failure the outcome of
 * the last transaction is unknown; then a new producer fences the old one, which settles it, and
 * the state that is there afterwards tells whether the batch was committed.
 */
public final class Committer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final BusClients clients;
  private final String transactionalId;
  private final LongSupplier committedNextBatch;
  private Producer<byte[], byte[]> producer;
  private volatile boolean closing;

  /**
   * Fences off any older worker of this partition; blocks until the broker answers.
   *
   * @param committedNextBatch reads the next batch's number from the committed state
   */
  public Committer(BusClients clients, String transactionalId, LongSupplier committedNextBatch) {
    this.clients = clients;
    this.transactionalId = transactionalId;
    this.committedNextBatch = committedNextBatch;
    this.producer = open();
  }

  /**
   * Commits the records of a batch, once, retrying as long as it takes.
   *
   * @throws InterruptedException this aggregator is stopping; the batch may or may not be committed
   */
  public void commit(long batch, List<ProducerRecord<byte[], byte[]>> records)
      throws InterruptedException {
    boolean retry = false;
    while (true) {
      try {
        if (retry) {
          producer.close(Duration.ZERO);
          producer = open();
          if (committedNextBatch.getAsLong() > batch) {
            return;
          }
        }
        producer.beginTransaction();
        records.forEach(producer::send);
        // A failed send fails the commit, so that nothing is committed in part.
        producer.commitTransaction();
        return;
      } catch (KafkaException e) {
        if (closing) {
          throw new InterruptedException("The aggregator is stopping.");
        }
        LOG.atWarn()
            .addKeyValue("batch", batch)
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Committing again.");
        retry = true;
        Thread.sleep(RETRY);
      }
    }
  }

  private Producer<byte[], byte[]> open() {
    Producer<byte[], byte[]> opened = clients.transactionalProducer(transactionalId);
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
