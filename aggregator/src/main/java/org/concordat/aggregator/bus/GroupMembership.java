package org.concordat.aggregator.bus;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This worker's place in the consumer group of its aggregator's workers: the brokers share the
 * partitions out among them. Reads no record: the group's topic only stands for its partitions.
 *
 * <p>A worker that dies has its partitions for {@link BusClients#SESSION_MILLIS} yet, in which it
 * may come back under its name; one that stops in order gives them back at once.
 */
public final class GroupMembership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupMembership.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration LEAVE = Duration.ofSeconds(3);
  private static final Duration STOP = Duration.ofSeconds(10);

  /** Hears what the group decides, on one thread. */
  public interface Listener {
    /** These partitions are this worker's too. */
    void assigned(List<Integer> partitions);

    /**
     * These are no more; another may have them as soon as the call returns, or has them already.
     */
    void revoked(List<Integer> partitions);
  }

  private final BusClients clients;
  private final String group;
  private final String worker;
  private final String topic;
  private final Listener listener;
  private final Consumer<Throwable> fenced;
  private final Thread thread;
  private volatile boolean running = true;
  private volatile boolean joined;

  /**
   * @param worker name of this one in the group
   * @param topic whose partitions are shared out
   * @param fenced called when another process has joined under the worker's name, or for a bug
   */
  public GroupMembership(
      BusClients clients,
      String group,
      String worker,
      String topic,
      Listener listener,
      Consumer<Throwable> fenced) {
    this.clients = clients;
    this.group = group;
    this.worker = worker;
    this.topic = topic;
    this.listener = listener;
    this.fenced = fenced;
    this.thread = Thread.ofPlatform().name("group").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Whether the group has told this worker what is its own, which may be nothing. */
  public boolean joined() {
    return joined;
  }

  private void run() {
    try {
      while (running) {
        join();
      }
    } catch (InterruptException e) {
      LOG.atDebug().log("The group is followed no more.");
    } catch (RuntimeException | Error e) {
      fenced.accept(e);
    }
  }

  private void join() {
    try (var consumer = clients.groupConsumer(group, worker)) {
      try {
        follow(consumer);
      } finally {
        joined = false;
        listener.revoked(numbers(consumer.assignment()));
        consumer.close(
            CloseOptions.timeout(LEAVE)
                .withGroupMembershipOperation(
                    running
                        ? GroupMembershipOperation.REMAIN_IN_GROUP
                        : GroupMembershipOperation.LEAVE_GROUP));
      }
    } catch (InterruptException | FencedInstanceIdException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.atWarn()
          .addKeyValue("waitsFor", "the brokers, to join the group of workers")
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("Joining the group of workers again.");
      pause();
    }
  }

  private void follow(org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer) {
    consumer.subscribe(
        List.of(topic),
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            consumer.pause(partitions);
            listener.assigned(numbers(partitions));
            joined = true;
          }

          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            listener.revoked(numbers(partitions));
          }

          @Override
          public void onPartitionsLost(Collection<TopicPartition> partitions) {
            joined = false;
            listener.revoked(numbers(partitions));
          }
        });
    while (running) {
      consumer.poll(POLL);
    }
  }

  private static List<Integer> numbers(Collection<TopicPartition> partitions) {
    return partitions.stream().map(TopicPartition::partition).sorted().toList();
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /** Gives its partitions back and leaves the group. */
  @Override
  public void close() throws InterruptedException {
    running = false;
    if (!thread.join(STOP)) {
      thread.interrupt();
      thread.join(STOP);
    }
  }
}
