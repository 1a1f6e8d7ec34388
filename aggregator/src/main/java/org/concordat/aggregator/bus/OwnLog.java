package org.concordat.aggregator.bus;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.seal.AtRestBox;

/**
 * What this aggregator wrote for itself about one partition: its votes, and where the last
 * committed batch left it. All of it is sealed at rest, so that the operator of the brokers can't
 * read it.
 */
public final class OwnLog {
  /** In a state's offsets: where the votes on the next batch begin. */
  public static final String VOTES = "#votes";

  private static final Duration POLL = Duration.ofMillis(500);

  private final BusClients clients;
  private final AtRestBox box;
  private final String stateTopic;
  private final String votesTopic;
  private final int partition;

  public OwnLog(
      BusClients clients, AtRestBox box, String stateTopic, String votesTopic, int partition) {
    this.clients = clients;
    this.box = box;
    this.stateTopic = stateTopic;
    this.votesTopic = votesTopic;
    this.partition = partition;
  }

  /** What a start finds: the last committed state, and the own votes from there on. */
  public record Found(PartitionState state, List<Vote> votes) {}

  /** Before the first batch. */
  public static PartitionState initial(int protocol, int partition) {
    return new PartitionState(
        protocol,
        partition,
        0L,
        new Digest(new byte[32]),
        new HashMap<>(),
        new HashMap<>(),
        new HashMap<>(),
        new HashMap<>());
  }

  /** The last committed state. */
  public Optional<PartitionState> lastState() {
    try (Consumer<byte[], byte[]> consumer = clients.consumer()) {
      // Offsets count transaction markers too, so the last record may be some way before the end.
      for (long window = 64; ; window *= 16) {
        List<ConsumerRecord<byte[], byte[]>> records = readLast(consumer, stateTopic, window);
        if (!records.isEmpty()) {
          byte[] sealed = records.getLast().value();
          return Optional.of(
              RecordCodec.decode(
                  PartitionState.class,
                  box.open(stateTopic, partition, "state", stateKey(), sealed)));
        }
        if (window > endOf(consumer, stateTopic)) {
          return Optional.empty();
        }
      }
    }
  }

  /** Everything that recovery needs. */
  public Found read(int protocol) {
    PartitionState state = lastState().orElseGet(() -> initial(protocol, partition));
    List<Vote> votes = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer = clients.consumer()) {
      long from = state.getNextOffsets().getOrDefault(VOTES, 0L);
      for (ConsumerRecord<byte[], byte[]> record : readAll(consumer, votesTopic, from)) {
        Vote vote = RecordCodec.decode(Vote.class, record.value());
        if (vote.getBatch() >= state.getNextBatch() - 1) {
          votes.add(vote);
        }
      }
    }
    return new Found(state, firstOfEach(votes));
  }

  /** First written wins, should a retry have written twice. */
  private static List<Vote> firstOfEach(List<Vote> votes) {
    Map<String, Vote> first = new java.util.LinkedHashMap<>();
    votes.forEach(v -> first.putIfAbsent(v.getBatch() + "/" + v.getAttempt(), v));
    return List.copyOf(first.values());
  }

  private long endOf(Consumer<byte[], byte[]> consumer, String topic) {
    var at = new TopicPartition(topic, partition);
    return consumer.endOffsets(List.of(at)).getOrDefault(at, 0L);
  }

  private List<ConsumerRecord<byte[], byte[]>> readLast(
      Consumer<byte[], byte[]> consumer, String topic, long window) {
    return readAll(consumer, topic, Math.max(0, endOf(consumer, topic) - window));
  }

  private List<ConsumerRecord<byte[], byte[]>> readAll(
      Consumer<byte[], byte[]> consumer, String topic, long from) {
    var at = new TopicPartition(topic, partition);
    consumer.assign(List.of(at));
    Long begin = consumer.beginningOffsets(List.of(at)).get(at);
    Long end = consumer.endOffsets(List.of(at)).get(at);
    if (begin == null || end == null) {
      throw new IllegalStateException("The broker answers for every partition it is asked.");
    }
    consumer.seek(at, Math.max(begin, from));
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    while (consumer.position(at) < end) {
      consumer.poll(POLL).forEach(records::add);
    }
    return records;
  }

  public byte[] stateKey() {
    return ByteBuffer.allocate(Integer.BYTES).putInt(partition).array();
  }

  public byte[] sealed(PartitionState state) {
    return box.seal(stateTopic, partition, "state", stateKey(), RecordCodec.encode(state));
  }

  public byte[] voteKey(Vote vote) {
    return (vote.getBatch() + "/" + vote.getAttempt()).getBytes(StandardCharsets.US_ASCII);
  }

  public byte[] sealed(PreparedContent content) {
    return box.seal(
        votesTopic,
        partition,
        "prepared",
        content.getCut().getCut().bytes(),
        RecordCodec.encode(content));
  }

  /** What a prepared vote of this aggregator's holds. */
  public PreparedContent content(Vote vote) {
    byte[] sealed = new byte[vote.getSealed().remaining()];
    vote.getSealed().duplicate().get(sealed);
    return RecordCodec.decode(
        PreparedContent.class,
        box.open(votesTopic, partition, "prepared", vote.getCut().bytes(), sealed));
  }
}
