package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.concordat.aggregator.bus.TestFleet;
import org.concordat.aggregator.bus.WorkerDirectory;
import org.concordat.aggregator.bus.WorkerDirectory.Worker;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.peer.PeerListener;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.aggregator.peer.PeerSettings;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Standing;
import org.junit.jupiter.api.Test;

/** Which partitions share links with whom, as workers come and go. */
class PartitionSessionsTest {
  private static final InetSocketAddress SECOND_ALONE = address("second", 7_443);
  private static final InetSocketAddress THIRD_ALONE = address("third", 7_443);

  private final TestFleet fleet = new TestFleet();

  private static InetSocketAddress address(String host, int port) {
    return InetSocketAddress.createUnresolved(host, port);
  }

  /** Links that were opened for a view. */
  private record Opened(Map<String, InetSocketAddress> peers, PeerListener listener) {}

  private static final class Partition implements SessionUser {
    final int number;
    final List<PeerSession> up = new ArrayList<>();
    final List<PeerMessage> messages = new ArrayList<>();
    final List<Runnable> untaken = new ArrayList<>();

    Partition(int number) {
      this.number = number;
    }

    @Override
    public int partition() {
      return number;
    }

    @Override
    public void sessionUp(PeerSession session) {
      up.add(session);
    }

    @Override
    public void sessionDown(PeerSession session) {
      up.remove(session);
    }

    @Override
    public void fromPeer(PeerSession from, int peer, PeerMessage message, Runnable taken) {
      messages.add(message);
      untaken.add(taken);
    }
  }

  /** One process of an aggregator. */
  private final class Process {
    final int me;
    final WorkerDirectory directory = new WorkerDirectory(fleet.charter);
    final Map<Digest, Opened> open = new LinkedHashMap<>();
    final Set<Digest> everOpened = new HashSet<>();
    final List<Partition> partitions =
        IntStream.range(0, TestFleet.PARTITIONS).mapToObj(Partition::new).toList();
    final PartitionSessions sessions;

    Process(int me) {
      this.me = me;
      this.sessions =
          new PartitionSessions(
              fleet.charter,
              me,
              Map.of("agg-2", SECOND_ALONE, "agg-3", THIRD_ALONE),
              directory,
              new AggregatorMetrics(new SimpleMeterRegistry(), "test"),
              (view, peers, listener) -> {
                assertThat(open).as("a view has links once").doesNotContainKey(view);
                everOpened.add(view);
                open.put(view, new Opened(peers, listener));
                return () -> open.remove(view);
              });
    }

    /** All partitions are at this process, under what it has told of them. */
    void update(Map<Integer, Worker> own) {
      sessions.update(
          partitions.stream()
              .map(p -> new PartitionSessions.Member(p, own.getOrDefault(p.number, Worker.ALONE)))
              .toList());
    }

    void hear(int party, int partition, Worker worker) {
      directory.take(fleet.entry(party, partition, worker));
    }
  }

  @Test
  void singleProcessesShareOneSession() {
    var first = new Process(0);
    first.update(Map.of());
    assertThat(first.open.keySet()).containsExactly(PeerSettings.ALONE);
    assertThat(first.open.get(PeerSettings.ALONE).peers())
        .isEqualTo(Map.of("agg-2", SECOND_ALONE, "agg-3", THIRD_ALONE));
    Opened before = first.open.get(PeerSettings.ALONE);
    first.update(Map.of());
    assertThat(first.open.get(PeerSettings.ALONE)).as("nothing has changed").isSameAs(before);
  }

  @Test
  void aPartitionThatAWorkerHasIsLinkedToThatWorkerAlone() {
    var first = new Process(0);
    first.update(Map.of());
    Opened before = first.open.get(PeerSettings.ALONE);
    first.hear(1, 3, new Worker("w1", 1, "worker:1"));
    first.update(Map.of());
    assertThat(first.open).hasSize(2);
    assertThat(first.open.get(PeerSettings.ALONE)).as("without the fourth").isNotSameAs(before);
    Digest view =
        first.open.keySet().stream().filter(v -> !v.equals(PeerSettings.ALONE)).findFirst().get();
    assertThat(first.open.get(view).peers())
        .isEqualTo(Map.of("agg-2", address("worker", 1), "agg-3", THIRD_ALONE));
  }

  @Test
  void allThatShareAPartitionHaveOneView() {
    var workers = new Worker[] {worker("w1", 1), worker("w2", 7), Worker.ALONE};
    Set<Digest> views = new HashSet<>();
    for (int me = 0; me < workers.length; me++) {
      var process = new Process(me);
      for (int party = 0; party < workers.length; party++) {
        if (party != me && !workers[party].isAlone()) {
          process.hear(party, 1, workers[party]);
        }
      }
      process.update(Map.of(1, workers[me]));
      process.open.keySet().stream().filter(v -> !v.equals(PeerSettings.ALONE)).forEach(views::add);
    }
    assertThat(views).hasSize(1);
  }

  @Test
  void noViewComesBackWhenAPartitionDoes() {
    var first = new Process(0);
    for (int term = 1; term <= 6; term++) {
      // The two take turns; the third time round the names are the first's again.
      first.hear(1, 0, worker(term % 2 == 0 ? "w2" : "w1", term));
      first.update(Map.of());
    }
    assertThat(first.everOpened).hasSize(1 + 6);
    assertThat(first.open).hasSize(2);
  }

  @Test
  void aMoveDisturbsNoOtherPartition() {
    var first = new Process(0);
    for (int partition = 0; partition < TestFleet.PARTITIONS; partition++) {
      first.hear(1, partition, worker("w1", 1));
    }
    first.update(Map.of());
    assertThat(first.open).hasSize(TestFleet.PARTITIONS);
    Map<Digest, Opened> before = new HashMap<>(first.open);
    first.hear(1, 2, worker("w2", 2));
    first.update(Map.of());
    assertThat(first.open).hasSize(TestFleet.PARTITIONS);
    before.values().removeAll(first.open.values());
    assertThat(before).as("the links that ended").hasSize(1);
  }

  @Test
  void viewsDifferInPartitionWorkerAndTerm() {
    Set<Digest> views = new HashSet<>();
    for (int partition = 0; partition < 2; partition++) {
      for (String name : List.of("w", "w1")) {
        for (int term = 1; term <= 2; term++) {
          Worker worker = worker(name, term);
          views.add(PartitionSessions.view(partition, worker, Worker.ALONE, Worker.ALONE));
          views.add(PartitionSessions.view(partition, Worker.ALONE, worker, Worker.ALONE));
          views.add(PartitionSessions.view(partition, worker, worker, Worker.ALONE));
        }
      }
    }
    assertThat(views).hasSize(24).doesNotContain(PeerSettings.ALONE);
    assertThat(PartitionSessions.view(1, new Worker("", 9, ""), Worker.ALONE, Worker.ALONE))
        .as("a single process again")
        .isEqualTo(PeerSettings.ALONE);
  }

  @Test
  void aSessionsMessagesReachItsPartitionsAlone() {
    var first = new Process(0);
    first.hear(1, 3, worker("w1", 1));
    first.update(Map.of());
    PeerListener alone = first.open.get(PeerSettings.ALONE).listener();
    PeerSession session = new NoSession();
    alone.sessionUp(session);
    assertThat(first.partitions.stream().filter(p -> !p.up.isEmpty()).map(p -> p.number))
        .containsExactly(0, 1, 2);
    var taken = new ArrayList<Integer>();
    alone.control(session, 1, standing(2), () -> taken.add(2));
    assertThat(taken).as("the partition hasn't taken it yet").isEmpty();
    alone.control(session, 1, standing(3), () -> taken.add(3));
    alone.control(session, 1, standing(4), () -> taken.add(4));
    alone.control(session, 1, new byte[] {9}, () -> taken.add(9));
    alone.control(session, 1, findsBug(), () -> taken.add(10));
    assertThat(taken).as("what nobody gets waits for nobody").containsExactly(3, 4, 9, 10);
    assertThat(first.partitions.stream().map(p -> p.messages.size())).containsExactly(0, 0, 1, 0);
    first.partitions.get(2).untaken.forEach(Runnable::run);
    assertThat(taken).containsExactly(3, 4, 9, 10, 2);
    alone.sessionDown(session, "");
    assertThat(first.partitions).allMatch(p -> p.up.isEmpty());
  }

  private static byte[] standing(int partition) {
    return PeerRouter.encode(new PeerMessage(new Standing(partition, 0L, List.of())));
  }

  /** Stands for a message that finds a bug: none is known that does. */
  @SuppressWarnings("NullAway")
  private static byte[] findsBug() {
    return null;
  }

  private static Worker worker(String name, long term) {
    return new Worker(name, term, "host:1");
  }

  /** A session that nobody sends over. */
  private static final class NoSession implements PeerSession {
    @Override
    public long id() {
      return 1;
    }

    @Override
    public int party() {
      return 0;
    }

    @Override
    public int parties() {
      return 3;
    }

    @Override
    public int protocol() {
      return 1;
    }

    @Override
    public boolean isUp() {
      return true;
    }

    @Override
    public void sendControl(int peer, byte[] message) {
      throw new AssertionError();
    }

    @Override
    public byte[] attemptKey(int peer, byte[] batchHash, int attempt) {
      throw new AssertionError();
    }

    @Override
    public org.concordat.aggregator.peer.PeerChannel channel(
        int partition, long batch, int attempt) {
      throw new AssertionError();
    }
  }
}
