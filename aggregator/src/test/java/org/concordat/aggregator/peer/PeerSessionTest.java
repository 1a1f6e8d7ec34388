package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions of three aggregators over real TLS: agreement, keys, flights, losses. */
@Timeout(120)
class PeerSessionTest {
  private static final byte[] BATCH = new byte[32];

  @Test
  void allPartiesAgreeOnOneSession() {
    try (var consortium = Consortium.started()) {
      PeerSession[] sessions = consortium.sessions();
      for (int party = 0; party < Consortium.PARTIES; party++) {
        assertThat(sessions[party].id()).isEqualTo(sessions[0].id()).isNotNegative();
        assertThat(sessions[party].protocol()).isEqualTo(PeerSettings.PROTOCOL.newest());
        assertThat(sessions[party].party()).isEqualTo(party);
        assertThat(sessions[party].isUp()).isTrue();
        assertThat(consortium.links[party].session()).contains(sessions[party]);
        assertThat(consortium.links[party].waitingFor()).isEmpty();
      }
    }
  }

  @Test
  void messagesArriveInOrderFromEveryPeer() {
    try (var consortium = Consortium.started()) {
      PeerSession[] sessions = consortium.sessions();
      for (int number = 0; number < 100; number++) {
        for (int sender = 0; sender < Consortium.PARTIES; sender++) {
          sessions[sender].sendControl((sender + 1) % 3, new byte[] {(byte) number});
        }
      }
      byte[] largest = new byte[PeerLimits.CONTROL_BYTES_MAX];
      new Random(Seeds.seed()).nextBytes(largest);
      sessions[0].sendControl(1, largest);
      for (int receiver = 0; receiver < Consortium.PARTIES; receiver++) {
        for (int number = 0; number < 100; number++) {
          Ear.Message message = consortium.ears[receiver].nextMessage();
          assertThat(message.peer()).isEqualTo((receiver + 2) % 3);
          assertThat(message.session()).isSameAs(sessions[receiver]);
          assertThat(message.bytes()).containsExactly(number);
        }
      }
      assertThat(consortium.ears[1].nextMessage().bytes()).isEqualTo(largest);
      assertThatThrownBy(
              () -> sessions[0].sendControl(1, new byte[PeerLimits.CONTROL_BYTES_MAX + 1]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void attemptKeysAreEqualAtBothEndsAndDifferInAllElse() {
    Set<String> seen = new TreeSet<>();
    try (var consortium = Consortium.started()) {
      PeerSession[] first = consortium.sessions();
      collectKeys(first, seen);
      consortium.cut(0, 1);
      collectKeys(consortium.sessions(), seen);
      assertThatThrownBy(() -> first[0].attemptKey(1, BATCH, 7))
          .isInstanceOf(UnavailableException.class);
    }
    // 2 sessions, 3 pairs, 2 batches, 3 attempts.
    assertThat(seen).hasSize(2 * 3 * 2 * 3);
  }

  private static void collectKeys(PeerSession[] sessions, Set<String> seen) {
    for (int one = 0; one < 3; one++) {
      for (int other = one + 1; other < 3; other++) {
        for (int batch = 0; batch < 2; batch++) {
          byte[] hash = BATCH.clone();
          hash[31] = (byte) batch;
          for (int attempt = 0; attempt < 3; attempt++) {
            byte[] key = sessions[one].attemptKey(other, hash, attempt);
            assertThat(key).hasSize(32).isEqualTo(sessions[other].attemptKey(one, hash, attempt));
            seen.add(HexFormat.of().formatHex(key));
          }
        }
      }
    }
  }

  @Test
  void anAttemptKeyIsGivenOnce() {
    try (var consortium = Consortium.started()) {
      PeerSession session = consortium.sessions()[0];
      session.attemptKey(1, BATCH, 0);
      assertThatThrownBy(() -> session.attemptKey(1, BATCH, 0))
          .isInstanceOf(IllegalStateException.class);
      assertThat(session.attemptKey(2, BATCH, 0)).hasSize(32);
      assertThatThrownBy(() -> session.attemptKey(0, BATCH, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void flightsOfAllSizesCrossInBothDirectionsAtOnce() throws Exception {
    List<Integer> sizes = new ArrayList<>(List.of(1, 2, 63, 64, 65, 16_383, 16_384, 16_385));
    sizes.add(1_000_003);
    var random = new Random(Seeds.seed());
    for (int i = 0; i < 20; i++) {
      sizes.add(1 + random.nextInt(200_000));
    }
    try (var consortium = Consortium.started();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      PeerSession[] sessions = consortium.sessions();
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int partition = 0; partition < 3; partition++) {
        for (int party = 0; party < 3; party++) {
          PeerChannel channel = sessions[party].channel(partition, 5, 0);
          tasks.add(() -> exchange(channel, sizes));
        }
      }
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
      for (int party = 0; party < 3; party++) {
        PeerStatistics statistics = consortium.links[party].statistics();
        assertThat(statistics.bytesSent((party + 1) % 3)).isGreaterThan(30_000_000L);
        assertThat(statistics.bytesReceived((party + 1) % 3)).isGreaterThan(30_000_000L);
      }
    }
  }

  /** Sends to both peers, then receives from both, flight by flight. */
  private static Void exchange(PeerChannel channel, List<Integer> sizes) {
    int party = channel.party();
    for (int number = 0; number < sizes.size(); number++) {
      var step = new Step(number, "test/" + number);
      int size = sizes.get(number);
      for (int peer : List.of((party + 1) % 3, (party + 2) % 3)) {
        long[] words = content(party, peer, number, size + 3);
        channel.send(peer, step, words, 3, size);
        Arrays.fill(words, 0);
      }
      for (int peer : List.of((party + 1) % 3, (party + 2) % 3)) {
        long[] words = new long[size + 1];
        channel.receive(peer, step, words, 1, size);
        long[] sent = content(peer, party, number, size + 3);
        assertThat(Arrays.equals(words, 1, size + 1, sent, 3, size + 3)).isTrue();
      }
    }
    return null;
  }

  private static long[] content(int sender, int receiver, int number, int size) {
    var random = new SplittableRandom(sender * 31L + receiver * 7L + number);
    long[] words = new long[size];
    Arrays.setAll(words, unused -> random.nextLong());
    return words;
  }

  @Test
  void flightsWaitForAnAttemptToBeOpened() {
    try (var consortium = Consortium.started()) {
      PeerSession[] sessions = consortium.sessions();
      var step = new Step(4, "early");
      sessions[0].channel(2, 9, 1).send(1, step, new long[] {11, 12}, 0, 2);
      // The message comes behind the flight, so the flight has arrived when it does.
      sessions[0].sendControl(1, new byte[] {1});
      consortium.ears[1].nextMessage();
      long[] words = new long[2];
      sessions[1].channel(2, 9, 1).receive(0, step, words, 0, 2);
      assertThat(words).containsExactly(11, 12);
    }
  }

  @Test
  void flightsOfEndedAttemptsAreDropped() {
    try (var consortium = Consortium.started()) {
      PeerSession[] sessions = consortium.sessions();
      var step = new Step(0, "late");
      PeerChannel late = sessions[0].channel(0, 1, 0);
      PeerChannel ended = sessions[1].channel(0, 1, 0);
      ended.close();
      for (int i = 0; i < 100; i++) {
        late.send(1, step, new long[100_000], 0, 100_000);
      }
      sessions[0].sendControl(1, new byte[] {1});
      consortium.ears[1].nextMessage();
      assertThatThrownBy(() -> ended.receive(0, step, new long[1], 0, 1))
          .isInstanceOf(UnavailableException.class);
      assertThatThrownBy(() -> sessions[1].channel(0, 1, 0))
          .isInstanceOf(IllegalStateException.class);
      assertThat(sessions[1].channel(0, 1, 1)).isNotNull();
      assertThatThrownBy(() -> late.send(0, step, new long[1], 0, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aLaterAttemptEndsTheEarlierOne() {
    try (var consortium = Consortium.started()) {
      PeerSession session = consortium.sessions()[0];
      PeerChannel first = session.channel(0, 1, 0);
      session.channel(0, 1, 1);
      assertThatThrownBy(() -> first.receive(1, new Step(0, "gone"), new long[1], 0, 1))
          .isInstanceOf(UnavailableException.class);
    }
  }

  @Test
  void aFlightOfAnotherStepOrLengthAborts() {
    try (var consortium = Consortium.started()) {
      PeerSession[] sessions = consortium.sessions();
      PeerChannel sender = sessions[0].channel(0, 0, 0);
      PeerChannel receiver = sessions[1].channel(0, 0, 0);
      sender.send(1, new Step(1, "a"), new long[8], 0, 8);
      sender.send(1, new Step(2, "b"), new long[8], 0, 8);
      var wrongStep =
          catchThrowableOfType(
              ProtocolAbortException.class,
              () -> receiver.receive(0, new Step(3, "c"), new long[8], 0, 8));
      assertThat(wrongStep.fault()).isEqualTo(Fault.WRONG_STEP);
      assertThat(wrongStep.peer()).isZero();
      var wrongLength =
          catchThrowableOfType(
              ProtocolAbortException.class,
              () -> receiver.receive(0, new Step(2, "b"), new long[8], 0, 7));
      assertThat(wrongLength.fault()).isEqualTo(Fault.WRONG_LENGTH);
    }
  }

  @Test
  void losingOneLinkEndsTheSessionEverywhereAndAnotherFollows() throws Exception {
    try (var consortium = Consortium.started();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      PeerSession[] sessions = consortium.sessions();
      for (int round = 0; round < 10; round++) {
        int lower = round % 3 == 2 ? 1 : 0;
        int higher = round % 3 == 0 ? 1 : 2;
        List<Future<?>> waits = new ArrayList<>();
        for (PeerSession session : sessions) {
          PeerChannel channel = session.channel(0, round, 0);
          int peer = (session.party() + 1) % 3;
          waits.add(
              threads.submit(() -> channel.receive(peer, new Step(0, "never"), new long[1], 0, 1)));
        }
        awaitWaits(consortium);
        consortium.cut(lower, higher);
        for (Future<?> wait : waits) {
          assertThatThrownBy(wait::get)
              .isInstanceOf(ExecutionException.class)
              .hasCauseInstanceOf(UnavailableException.class)
              .satisfies(
                  e ->
                      assertThat(((UnavailableException) e.getCause()).peer())
                          .isIn(Consortium.NAMES));
        }
        for (int party = 0; party < 3; party++) {
          assertThat(consortium.ears[party].nextDown().session()).isSameAs(sessions[party]);
          assertThat(sessions[party].isUp()).isFalse();
        }
        PeerSession[] fresh = consortium.settled();
        assertThat(fresh[0].id()).isNotEqualTo(sessions[0].id());
        sessions = fresh;
      }
    }
  }

  private static void awaitWaits(Consortium consortium) {
    for (PeerLinks links : consortium.links) {
      while (links.waitingFor().stream().noneMatch(w -> w.awaited().equals("never"))) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aPartyThatStopsEndsTheSessionAndComesBack() {
    try (var consortium = Consortium.started()) {
      PeerSession[] before = consortium.sessions();
      int port = consortium.links[1].port();
      consortium.links[1].close();
      assertThat(consortium.ears[0].nextDown().session()).isSameAs(before[0]);
      assertThat(consortium.ears[2].nextDown().session()).isSameAs(before[2]);
      assertThat(consortium.ears[1].nextDown().session()).isSameAs(before[1]);
      assertThat(consortium.links[0].session()).isEmpty();
      assertThat(consortium.links[0].waitingFor())
          .anySatisfy(w -> assertThat(w.peer()).isEqualTo("agg-2"));
      assertThatThrownBy(() -> before[0].sendControl(2, new byte[1]))
          .isInstanceOf(UnavailableException.class);
      consortium.start(1, port, s -> s, consortium.tls(1));
      PeerSession[] after = consortium.settled();
      assertThat(after[0].id()).isNotEqualTo(before[0].id());
    }
  }

  @Test
  void aPeerThatRunsTooFarAheadIsCutOff() {
    PeerLimits usual = Consortium.LIMITS;
    // Between slow and cut off is room for one flight, before which reading waits.
    var small =
        new PeerLimits(
            1L << 20,
            5L << 18,
            usual.channelsAheadMax(),
            usual.framesPerKey(),
            usual.handshake(),
            usual.heartbeat(),
            usual.silence(),
            usual.retryFirst(),
            usual.retryMax());
    try (var consortium = Consortium.started(small)) {
      PeerSession[] sessions = consortium.sessions();
      PeerChannel channel = sessions[0].channel(0, 0, 0);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  channel.send(1, new Step(i, "flood"), new long[32_768], 0, 32_768);
                }
              })
          .isInstanceOf(UnavailableException.class);
      assertThat(consortium.ears[1].nextDown().reason()).isEqualTo("agg-1 CDT-652");
    }
  }

  @Test
  void aSlowReceiverSlowsTheSenderDown() throws Exception {
    PeerLimits usual = Consortium.LIMITS;
    var small =
        new PeerLimits(
            1L << 20,
            4L << 20,
            usual.channelsAheadMax(),
            usual.framesPerKey(),
            usual.handshake(),
            usual.heartbeat(),
            usual.silence(),
            usual.retryFirst(),
            usual.retryMax());
    try (var consortium = Consortium.started(small);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      PeerSession[] sessions = consortium.sessions();
      PeerChannel sender = sessions[0].channel(0, 0, 0);
      PeerChannel receiver = sessions[1].channel(0, 0, 0);
      int flights = 200;
      int length = 32_768;
      Future<?> sending =
          threads.submit(
              () -> {
                for (int i = 0; i < flights; i++) {
                  sender.send(1, new Step(i, "bulk"), new long[length], 0, length);
                }
              });
      for (int i = 0; i < flights; i++) {
        receiver.receive(0, new Step(i, "bulk"), new long[length], 0, length);
      }
      sending.get();
      assertThat(sessions[1].isUp()).isTrue();
    }
  }

  @Test
  void tooManyAttemptsBegunByAPeerAreCutOff() {
    try (var consortium = Consortium.started()) {
      PeerSession[] sessions = consortium.sessions();
      int max = Consortium.LIMITS.channelsAheadMax();
      var step = new Step(0, "ahead");
      for (int batch = 0; batch < max; batch++) {
        sessions[0].channel(0, batch, 0).send(1, step, new long[1], 0, 1);
      }
      sessions[0].sendControl(1, new byte[] {1});
      consortium.ears[1].nextMessage();
      assertThat(sessions[1].isUp()).isTrue();
      sessions[0].channel(0, max, 0).send(1, step, new long[1], 0, 1);
      assertThat(consortium.ears[1].nextDown().reason()).isEqualTo("agg-1 CDT-652");
    }
  }

  @Test
  void messagesThatNobodyTakesCutThePeerOff() {
    PeerLimits usual = Consortium.LIMITS;
    var small =
        new PeerLimits(
            1L << 20,
            2L << 20,
            usual.channelsAheadMax(),
            usual.framesPerKey(),
            usual.handshake(),
            usual.heartbeat(),
            usual.silence(),
            usual.retryFirst(),
            usual.retryMax());
    byte[] longest = new byte[PeerLimits.CONTROL_BYTES_MAX];
    int fitting = (int) (small.messageBytesMax() / (longest.length + 1));
    assertThat(fitting).isEqualTo(3);
    try (var consortium = Consortium.started(small)) {
      PeerSession[] sessions = consortium.sessions();
      Ear slow = consortium.ears[1];
      slow.hold();
      for (int number = 0; number < fitting; number++) {
        sessions[0].sendControl(1, longest);
        slow.nextMessage();
      }
      slow.takeOne();
      sessions[0].sendControl(1, longest);
      slow.nextMessage();
      assertThat(sessions[1].isUp()).as("as much waits as may").isTrue();
      // The longest of another peer have room of their own.
      sessions[2].sendControl(1, longest);
      assertThat(slow.nextMessage().peer()).isEqualTo(2);
      sessions[0].sendControl(1, longest);
      assertThat(slow.nextDown().reason()).isEqualTo("agg-1 CDT-652");
      // What waits of the session before counts on.
      PeerSession[] next = consortium.settled();
      next[0].sendControl(1, longest);
      assertThat(slow.nextDown().reason()).isEqualTo("agg-1 CDT-652");
      slow.takeOne();
      consortium.settled()[0].sendControl(1, longest);
      assertThat(slow.nextMessage().peer()).isZero();
    }
  }

  @Test
  void keysChangeWithinALinkWithoutANotice() {
    PeerLimits usual = Consortium.LIMITS;
    var often =
        new PeerLimits(
            usual.bufferSlowBytes(),
            usual.bufferBytesMax(),
            usual.channelsAheadMax(),
            3,
            usual.handshake(),
            usual.heartbeat(),
            usual.silence(),
            usual.retryFirst(),
            usual.retryMax());
    try (var consortium = Consortium.started(often)) {
      PeerSession[] sessions = consortium.sessions();
      for (int number = 0; number < 50; number++) {
        sessions[0].sendControl(1, new byte[] {(byte) number});
        assertThat(consortium.ears[1].nextMessage().bytes()).containsExactly(number);
      }
    }
  }
}
