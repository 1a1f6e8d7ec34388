package org.concordat.ops.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/**
 * Follows the aggregators' votes and cuts while they are written: when each batch was prepared and
 * committed, by whom, and so between which of its steps a fault fell.
 */
final class Ledger implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);

  /** A broker that was frozen answers nothing; others do. */
  private static final int REQUEST_MILLIS = 3_000;

  private static final int SECOND_MILLIS = 1_000;

  /** What became of a cut, by party. Guarded by the ledger. */
  private static final class Attempt {
    final long[] voteSeen;
    final long[] voted;
    final long[] committed;
    final Set<String> banks = new HashSet<>();
    long rows;

    Attempt(int parties) {
      this.voteSeen = new long[parties];
      this.voted = new long[parties];
      this.committed = new long[parties];
    }
  }

  private final Topics topics;
  private final List<String> aggregators;
  private final int partitions;
  private final Map<String, Object> connection;
  private final Map<Digest, Attempt> attempts = new HashMap<>();

  /** In the order in which they were first heard of. */
  private final List<Attempt> order = new ArrayList<>();

  private final Thread thread;
  private volatile boolean running = true;

  /**
   * @param connection with the right to read the votes
   */
  Ledger(Topics topics, List<String> aggregators, int partitions, Map<String, Object> connection) {
    this.topics = topics;
    this.aggregators = aggregators;
    this.partitions = partitions;
    this.connection = connection;
    this.thread = Thread.ofPlatform().daemon().name("ledger").start(this::follow);
  }

  private void follow() {
    Map<String, Object> properties = new HashMap<>(connection);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    properties.put(ConsumerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, REQUEST_MILLIS);
    List<TopicPartition> all = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      all.add(new TopicPartition(topics.cuts(), partition));
      for (String aggregator : aggregators) {
        all.add(new TopicPartition(topics.votes(aggregator), partition));
      }
    }
    try (var consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(all);
      consumer.seekToBeginning(all);
      while (running) {
        try {
          consumer.poll(POLL).forEach(this::take);
        } catch (KafkaException e) {
          // A broker that is just being killed; the next poll asks another.
          Thread.yield();
        }
      }
    }
  }

  private synchronized void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.cuts())) {
      CutRecord cut = RecordCodec.decode(CutRecord.class, record.value());
      Attempt attempt = of(cut.getCut());
      attempt.committed[aggregators.indexOf(cut.getAggregator())] = record.timestamp();
      if (attempt.rows == 0) {
        for (CutEntry entry : cut.getEntries()) {
          attempt.rows += entry.getRows();
          attempt.banks.add(entry.getBank());
        }
      }
    } else {
      Vote vote = RecordCodec.decode(Vote.class, record.value());
      if (vote.getKind() == VoteKind.PREPARED) {
        Attempt attempt = of(vote.getCut());
        int party = aggregators.indexOf(vote.getAggregator());
        attempt.voteSeen[party] = System.currentTimeMillis();
        attempt.voted[party] = record.timestamp();
      }
    }
    notifyAll();
  }

  private Attempt of(Digest cut) {
    return attempts.computeIfAbsent(
        cut,
        c -> {
          var attempt = new Attempt(aggregators.size());
          order.add(attempt);
          return attempt;
        });
  }

  /** How many cuts are known: what follows is newer. */
  synchronized int size() {
    return order.size();
  }

  /**
   * Waits for a vote that one of some parties writes from now on: it has prepared a batch that
   * isn't committed. False if none came in time.
   */
  synchronized boolean awaitPrepared(Set<String> parties, Duration most)
      throws InterruptedException {
    long begin = System.currentTimeMillis();
    int from = order.size();
    while (System.currentTimeMillis() - begin < most.toMillis()) {
      for (Attempt attempt : order.subList(from, order.size())) {
        for (String party : parties) {
          int p = aggregators.indexOf(party);
          if (attempt.voteSeen[p] > 0 && attempt.committed[p] == 0) {
            return true;
          }
        }
      }
      wait(POLL.toMillis());
    }
    return false;
  }

  /**
   * Whether a moment fell between prepare and commit of a batch: a vote of one of the parties had
   * been read, so that it was durable, and only later did that party write the batch's cut.
   *
   * @param from cuts known some time before
   * @param afterMillis when what was done was done
   */
  synchronized boolean isBetween(
      int from, Set<String> parties, long beforeMillis, long afterMillis) {
    for (Attempt attempt : order.subList(from, order.size())) {
      for (String party : parties) {
        int p = aggregators.indexOf(party);
        if (attempt.voteSeen[p] > 0
            && attempt.voteSeen[p] <= beforeMillis
            && attempt.committed[p] > afterMillis) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * When the first batch was committed by all that all prepared after a moment; 0 if none is yet.
   *
   * @param bank whose rows it holds; empty for anyone's
   */
  synchronized long scoredAgain(int from, long sinceMillis, String bank) {
    long first = 0;
    for (Attempt attempt : order.subList(from, order.size())) {
      if (attempt.rows > 0
          && (bank.isEmpty() || attempt.banks.contains(bank))
          && least(attempt.voted) > sinceMillis
          && least(attempt.committed) > 0) {
        long committed = most(attempt.committed);
        first = first == 0 ? committed : Math.min(first, committed);
      }
    }
    return first;
  }

  /** Rows by the second, from the epoch on, in which a second aggregator committed them. */
  synchronized TreeMap<Long, Long> rowsBySecond() {
    var rows = new TreeMap<Long, Long>();
    for (Attempt attempt : order) {
      long[] committed = attempt.committed.clone();
      java.util.Arrays.sort(committed);
      long second = committed[committed.length - 2];
      if (second > 0) {
        rows.merge(second / SECOND_MILLIS, attempt.rows, Long::sum);
      }
    }
    return rows;
  }

  private static long least(long[] of) {
    long least = Long.MAX_VALUE;
    for (long value : of) {
      least = Math.min(least, value);
    }
    return least;
  }

  private static long most(long[] of) {
    long most = 0;
    for (long value : of) {
      most = Math.max(most, value);
    }
    return most;
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.join();
  }
}
