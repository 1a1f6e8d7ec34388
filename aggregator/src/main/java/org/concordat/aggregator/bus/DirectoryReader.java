package org.concordat.aggregator.bus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the topic of workers, on a thread of its own. */
public final class DirectoryReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryReader.class);
  private static final Duration POLL = Duration.ofMillis(50);

  /**
   * Between two looks, unless somebody asks. A fetch that waits at the brokers all the time would
   * have to be short, since a question waits behind it: ten a second, for a topic that hardly ever
   * has news.
   */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration RETRY_ABSENT = Duration.ofSeconds(10);
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final long CATCH_UP_SECONDS_MAX = 15;

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final String topic;
  private final WorkerDirectory directory;
  private final Runnable changed;
  private final BlockingQueue<CompletableFuture<Void>> asked = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean running = true;

  /** There was no topic, or none that may be read, when that was last looked at. */
  private volatile boolean absent;

  private boolean warned;

  /**
   * @param consumers of what is committed; each is closed after use
   * @param changed called after the directory has changed, on the reader's thread
   */
  public DirectoryReader(
      Supplier<Consumer<byte[], byte[]>> consumers,
      String topic,
      WorkerDirectory directory,
      Runnable changed) {
    this.consumers = consumers;
    this.topic = topic;
    this.directory = directory;
    this.changed = changed;
    this.thread = Thread.ofPlatform().name("workers").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /**
   * Waits until everything was read that was committed before the call; not on the reader's thread.
   *
   * @return whether there is a topic of workers that this aggregator may read
   * @throws KafkaException the brokers don't answer
   * @throws InterruptException the caller is interrupted
   */
  public boolean catchUp() {
    if (absent) {
      return false;
    }
    var answer = new CompletableFuture<Void>();
    asked.add(answer);
    try {
      answer.get(CATCH_UP_SECONDS_MAX, TimeUnit.SECONDS);
      return true;
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (TimeoutException e) {
      throw new org.apache.kafka.common.errors.TimeoutException("The topic wasn't read in time.");
    } catch (ExecutionException e) {
      if (isAbsent(e.getCause())) {
        return false;
      }
      throw new KafkaException("The topic can't be read.", e.getCause());
    }
  }

  private void run() {
    while (running) {
      try (Consumer<byte[], byte[]> consumer = consumers.get()) {
        read(consumer);
      } catch (InterruptException e) {
        return;
      } catch (RuntimeException e) {
        // Whatever it was: without this thread nobody commits again.
        absent = isAbsent(e);
        warn(e);
        drain().forEach(answer -> answer.completeExceptionally(e));
        try {
          Thread.sleep(absent ? RETRY_ABSENT : RETRY);
        } catch (InterruptedException interrupted) {
          return;
        }
      }
    }
  }

  private static boolean isAbsent(@Nullable Throwable cause) {
    return cause instanceof UnknownTopicOrPartitionException
        || cause instanceof AuthorizationException;
  }

  /** A consortium whose topics are of an earlier release has none: that is worth one line. */
  private void warn(RuntimeException e) {
    if (!warned) {
      warned = true;
      LOG.atWarn()
          .addKeyValue("waitsFor", "the brokers, to read the topic of workers")
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("The workers of other aggregators aren't known.");
    }
  }

  private void read(Consumer<byte[], byte[]> consumer) {
    if (consumer.partitionsFor(topic).isEmpty()) {
      throw new UnknownTopicOrPartitionException("There is no topic of workers.");
    }
    absent = false;
    var at = new TopicPartition(topic, 0);
    consumer.assign(List.of(at));
    consumer.seekToBeginning(List.of(at));
    List<CompletableFuture<Void>> answers = drain();
    while (running) {
      try {
        long end = answers.isEmpty() ? 0 : consumer.endOffsets(List.of(at)).getOrDefault(at, 0L);
        do {
          boolean news = false;
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            news |= take(record);
          }
          warned = false;
          if (news) {
            changed.run();
          }
        } while (running && consumer.position(at) < end);
      } catch (KafkaException e) {
        asked.addAll(answers);
        throw e;
      }
      answers.forEach(answer -> answer.complete(null));
      answers = await();
    }
  }

  private List<CompletableFuture<Void>> await() {
    try {
      var first = asked.poll(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      List<CompletableFuture<Void>> answers = drain();
      if (first != null) {
        answers.add(first);
      }
      return answers;
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private List<CompletableFuture<Void>> drain() {
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    for (var next = asked.poll(); next != null; next = asked.poll()) {
      answers.add(next);
    }
    return answers;
  }

  private boolean take(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return false;
    }
    WorkerDirectory.Taken taken = directory.take(record.value());
    if (taken == WorkerDirectory.Taken.REFUSED) {
      LOG.atWarn()
          .addKeyValue("code", Code.CDT_401.label())
          .addKeyValue("offset", record.offset())
          .log("An entry in the topic of workers is refused.");
    }
    return taken == WorkerDirectory.Taken.NEWS;
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.interrupt();
    thread.join(STOP);
  }
}
