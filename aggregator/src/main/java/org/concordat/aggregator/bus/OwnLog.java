package org.concordat.aggregator.bus;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.concordat.schemas.seal.AtRestBox;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this aggregator wrote for itself about one partition: its votes, and where the last
 * committed batch left it. All of it is sealed at rest, so that the operator of the brokers can't
 * read it.
 */
public final class OwnLog {
  /** In a state's offsets: where the votes on the next batch begin. */
  public static final String VOTES = "#votes";

  private static final Logger LOG = LoggerFactory.getLogger(OwnLog.class);
  private static final Duration POLL = Duration.ofMillis(500);

  /** Polls without progress after which the brokers count as gone. */
  private static final int IDLE_POLLS_MAX = 20;

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final AtRestBox box;
  private final String stateTopic;
  private final String votesTopic;
  private final int partition;
  private final LongConsumer lost;

  /** Votes before this offset are told to be lost. */
  private long lostBelow;

  /**
   * @param consumers of what is committed; each is closed after use
   * @param lost gets how many votes were removed before they could be read again
   */
  public OwnLog(
      Supplier<Consumer<byte[], byte[]>> consumers,
      AtRestBox box,
      String stateTopic,
      String votesTopic,
      int partition,
      LongConsumer lost) {
    this.consumers = consumers;
    this.box = box;
    this.stateTopic = stateTopic;
    this.votesTopic = votesTopic;
    this.partition = partition;
    this.lost = lost;
  }

  /**
   * What a start finds.
   *
   * @param state that the last committed batch left
   * @param votes the first written of each attempt: all on batches that aren't committed, and of
   *     those on committed ones the prepared, without what they seal but for the last one's
   * @param nextVoteOffset where the next vote is expected to be written
   */
  public record Found(PartitionState state, List<Vote> votes, long nextVoteOffset) {}

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
        new HashMap<>(),
        0L,
        new HashMap<>(),
        List.of(),
        null);
  }

  /** The last committed state. */
  public Optional<PartitionState> lastState() {
    try (Consumer<byte[], byte[]> consumer = consumers.get()) {
      return lastState(consumer);
    }
  }

  private Optional<PartitionState> lastState(Consumer<byte[], byte[]> consumer) {
    // Offsets count transaction markers too, so the last record may be some way before the end.
    for (long window = 64; ; window *= 16) {
      ConsumerRecord<byte[], byte[]> last = readLast(consumer, stateTopic, window);
      if (last != null) {
        byte[] sealed = last.value();
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

  /**
   * Everything that recovery needs.
   *
   * @param batchesBefore the next one whose votes peers may still need
   */
  public Found read(int protocol, int batchesBefore) {
    try (Consumer<byte[], byte[]> consumer = consumers.get()) {
      PartitionState state = lastState(consumer).orElseGet(() -> initial(protocol, partition));
      long from = state.getNextOffsets().getOrDefault(VOTES, 0L);
      long end = endOf(consumer, votesTopic);
      long next = state.getNextBatch();
      // Dropped while reading: of a committed batch there may be thousands of abandoned votes.
      Map<String, Optional<Vote>> firsts = new LinkedHashMap<>();
      readVotes(
          consumer,
          from,
          end,
          vote -> {
            if (vote.getBatch() >= next - batchesBefore) {
              boolean isOpen = vote.getBatch() >= next;
              // First written wins, also where it is an abandoned vote that nobody needs.
              boolean needed = isOpen || vote.getKind() == VoteKind.PREPARED;
              // What it seals may have tens of MiB.
              boolean opened = isOpen || vote.getCut().equals(state.getPreviousCut());
              firsts.putIfAbsent(
                  vote.getBatch() + "/" + vote.getAttempt(),
                  needed ? Optional.of(opened ? vote : bare(vote)) : Optional.empty());
            }
          });
      return new Found(state, firsts.values().stream().flatMap(Optional::stream).toList(), end);
    }
  }

  private static Vote bare(Vote vote) {
    return Vote.newBuilder(vote).setSealed(ByteBuffer.allocate(0)).build();
  }

  /** The votes written from one offset to before another. */
  public List<Vote> votes(long from, long to) {
    List<Vote> votes = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer = consumers.get()) {
      readVotes(consumer, from, to, votes::add);
    }
    return List.copyOf(votes);
  }

  private void readVotes(
      Consumer<byte[], byte[]> consumer,
      long from,
      long to,
      java.util.function.Consumer<Vote> each) {
    long begin = beginOf(consumer, votesTopic);
    lostBetween(from, begin);
    readTo(
        consumer,
        votesTopic,
        Math.max(begin, from),
        to,
        record -> each.accept(RecordCodec.decode(Vote.class, record.value())));
  }

  /**
   * Tells that votes are gone, and lets the partition go on. To stop it would be wrong more often
   * than not: it may have had nothing to score for as long as votes are kept. And without them no
   * row is scored twice or left out, since a batch is committed on prepared votes of all parties
   * alone: an attempt that a peer tells of, and this party doesn't know any more, is abandoned and
   * never computed again. If a peer has committed on a vote that is lost, or still needs it, the
   * partition stands still by itself, and the batch machine says why (CDT-605); a vote that is left
   * and was built on a lost one can't be recovered, and halts.
   */
  private synchronized void lostBetween(long from, long begin) {
    long first = Math.max(from, lostBelow);
    if (first < begin) {
      lostBelow = begin;
      lost.accept(begin - first);
      LOG.atWarn()
          .addKeyValue("code", Code.CDT_620.label())
          .addKeyValue("topic", votesTopic)
          .addKeyValue("partition", partition)
          .addKeyValue("fromOffset", first)
          .addKeyValue("beforeOffset", begin)
          .addKeyValue("fix", Code.CDT_620.fix())
          .log(Code.CDT_620.cause());
    }
  }

  private long endOf(Consumer<byte[], byte[]> consumer, String topic) {
    var at = new TopicPartition(topic, partition);
    return consumer.endOffsets(List.of(at)).getOrDefault(at, 0L);
  }

  private long beginOf(Consumer<byte[], byte[]> consumer, String topic) {
    var at = new TopicPartition(topic, partition);
    return consumer.beginningOffsets(List.of(at)).getOrDefault(at, 0L);
  }

  /** Of a window's records, each of which may have tens of MiB; null where it has none. */
  private @Nullable ConsumerRecord<byte[], byte[]> readLast(
      Consumer<byte[], byte[]> consumer, String topic, long window) {
    long end = endOf(consumer, topic);
    var last = new AtomicReference<@Nullable ConsumerRecord<byte[], byte[]>>();
    readTo(consumer, topic, Math.max(beginOf(consumer, topic), end - window), end, last::set);
    return last.get();
  }

  /**
   * @param from the topic's beginning, or after it; what is removed meanwhile is an exception
   * @throws TimeoutException the brokers stopped answering
   */
  private void readTo(
      Consumer<byte[], byte[]> consumer,
      String topic,
      long from,
      long end,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
    var at = new TopicPartition(topic, partition);
    consumer.assign(List.of(at));
    consumer.seek(at, from);
    long position = consumer.position(at);
    int idle = 0;
    while (position < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < end) {
          each.accept(record);
        }
      }
      idle = consumer.position(at) > position ? 0 : idle + 1;
      if (idle > IDLE_POLLS_MAX) {
        throw new TimeoutException("The brokers stopped answering.");
      }
      position = consumer.position(at);
    }
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
