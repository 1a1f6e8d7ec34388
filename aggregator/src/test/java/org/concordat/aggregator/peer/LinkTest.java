package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a link makes of frames that someone inside TLS has recorded and changed. */
@Timeout(60)
class LinkTest {
  private static final byte[] SECRETS = new byte[32];
  private static final int FLIGHT = 4;

  /** Collects proposals and the end of a link; has a session of its own for flights. */
  private static final class Collector implements Link.Keeper, LiveSession.Owner {
    private final List<byte[]> proposals = Collections.synchronizedList(new ArrayList<>());
    private final LinkedBlockingQueue<Code> ends = new LinkedBlockingQueue<>();
    private @Nullable LiveSession session;
    private boolean broken;

    @Override
    public void proposal(Link link, byte[] message) {
      if (broken) {
        throw new IllegalStateException("A bug.");
      }
      proposals.add(message);
    }

    @Override
    public @Nullable LiveSession session(Link link) {
      return session;
    }

    @Override
    public void lost(Link link, Code code) {
      ends.add(code);
    }

    @Override
    public void control(LiveSession from, Link link, byte[] message) {}
  }

  private static Link link(boolean dialer, byte[] incoming, OutputStream out, Collector c) {
    return link(dialer, 2, incoming, out, c);
  }

  private static Link link(
      boolean dialer, int protocol, byte[] incoming, OutputStream out, Collector c) {
    return new Link(
        1,
        "agg-2",
        new Handshake.Outcome(new LinkKeys(SECRETS, dialer), 1, protocol, PeerSettings.ALONE),
        new Link.Streams(new ByteArrayInputStream(incoming), out, () -> {}),
        Consortium.LIMITS,
        new PeerStatistics(3),
        c);
  }

  /** Frames as the dialer would send them. */
  private static List<byte[]> recorded(int frames) throws IOException {
    List<byte[]> recorded = new ArrayList<>();
    var out = new ByteArrayOutputStream();
    Link sender = link(true, new byte[0], out, new Collector());
    for (int number = 0; number < frames; number++) {
      out.reset();
      sender.sendProposal(new byte[] {(byte) number});
      recorded.add(out.toByteArray());
    }
    return recorded;
  }

  private static byte[] joined(List<byte[]> frames) {
    var out = new ByteArrayOutputStream();
    frames.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static Code read(byte[] bytes, Collector collector) throws InterruptedException {
    Link receiver = link(false, bytes, new ByteArrayOutputStream(), collector);
    if (collector.session == null) {
      collector.session = session(receiver, collector);
    }
    receiver.start();
    return collector.ends.poll(60, TimeUnit.SECONDS);
  }

  /** Around the size of the buffers that a link begins with, and that it grows out of. */
  @Test
  void theFirstFrameMayHaveAnySize() throws Exception {
    for (int size = 8_100; size <= 8_200; size++) {
      var out = new ByteArrayOutputStream();
      link(true, new byte[0], out, new Collector()).sendProposal(new byte[size]);
      var collector = new Collector();
      assertThat(read(out.toByteArray(), collector)).as("its end").isEqualTo(Code.CDT_653);
      assertThat(collector.proposals).hasSize(1);
      assertThat(collector.proposals.getFirst()).hasSize(size);
    }
  }

  private static LiveSession session(Link receiver, Collector collector) {
    return session(receiver, receiver, collector);
  }

  private static LiveSession session(Link first, Link second, Collector collector) {
    var consortium = new Consortium(Consortium.LIMITS);
    // The highest index dials nobody, so it needs no running peers.
    return new LiveSession(
        1,
        consortium.settings(2, 0),
        Consortium.LIMITS,
        new Link[] {first, second, null},
        collector,
        new WordPool());
  }

  @Test
  void aSessionSpeaksWhatEveryPartyDoes() {
    var collector = new Collector();
    List<Link> links = new ArrayList<>();
    for (int protocol = 1; protocol <= 2; protocol++) {
      links.add(link(false, protocol, new byte[0], new ByteArrayOutputStream(), collector));
    }
    Link older = links.get(0);
    Link equal = links.get(1);
    assertThat(session(equal, equal, collector).protocol()).isEqualTo(2);
    assertThat(session(older, equal, collector).protocol()).isEqualTo(1);
    assertThat(session(equal, older, collector).protocol()).isEqualTo(1);
  }

  @Test
  void honestFramesArriveUntilTheEnd() throws Exception {
    var collector = new Collector();
    assertThat(read(joined(recorded(3)), collector)).isEqualTo(Code.CDT_653);
    assertThat(collector.proposals).hasSize(3);
    assertThat(collector.proposals.get(2)).containsExactly(2);
  }

  @Test
  void aBugThatAFrameFindsEndsTheLinkAlone() throws Exception {
    var collector = new Collector();
    collector.broken = true;
    assertThat(read(joined(recorded(1)), collector)).isEqualTo(Code.CDT_651);
  }

  /** A frame takes what the JDK's cipher takes to begin, whatever is in it. */
  @Test
  void flightsLeaveNothingForTheirWords() throws Exception {
    Link sender = link(true, new byte[0], OutputStream.nullOutputStream(), new Collector());
    var channel = new ChannelKey(0, 0, 0);
    long[] words = new long[1 << 20];
    sender.sendFlight(channel, 0, words, 0, words.length);
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    long before = threads.getCurrentThreadAllocatedBytes();
    sender.sendFlight(channel, 1, words, 0, words.length);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat((double) allocated / words.length).isLessThan(0.5);
  }

  @Test
  void signsOfLifeTellTheRoundTrip() throws Exception {
    var toFirst = new PipedInputStream();
    var toSecond = new PipedInputStream();
    var statistics = new PeerStatistics(3);
    var end = new Collector();
    Link first = piped(true, toFirst, new PipedOutputStream(toSecond), statistics, end);
    Link second =
        piped(false, toSecond, new PipedOutputStream(toFirst), new PeerStatistics(3), end);
    assertThat(statistics.roundTripNanos(1)).as("before the first").isZero();
    first.start();
    second.start();
    // Each side's third sign at the latest answers one of the other's.
    while (statistics.roundTripNanos(1) == 0) {
      assertThat(end.ends.poll(10, TimeUnit.MILLISECONDS)).as("the link ended").isNull();
    }
    assertThat(statistics.roundTripNanos(1)).isPositive();
    first.close();
    second.close();
  }

  private static Link piped(
      boolean dialer, InputStream in, OutputStream out, PeerStatistics statistics, Collector c) {
    return new Link(
        1,
        "agg-2",
        new Handshake.Outcome(new LinkKeys(SECRETS, dialer), 1, 2, PeerSettings.ALONE),
        new Link.Streams(in, out, () -> {}),
        Consortium.LIMITS,
        statistics,
        c);
  }

  @Test
  void anyFlippedBitEndsTheLink() throws Exception {
    byte[] second = recorded(2).get(1);
    var random = new Random(Seeds.seed());
    for (int trial = 0; trial < 50; trial++) {
      List<byte[]> frames = recorded(3);
      // Behind the length: that one is the next test's.
      int bit = Integer.SIZE + random.nextInt((second.length - Integer.BYTES) * Byte.SIZE);
      frames.get(1)[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      var collector = new Collector();
      assertThat(read(joined(frames), collector)).isEqualTo(Code.CDT_650);
      assertThat(collector.proposals).hasSize(1);
    }
  }

  @Test
  void repeatedMissingMovedAndReflectedFramesEndTheLink() throws Exception {
    List<byte[]> f = recorded(3);
    for (List<byte[]> changed :
        List.of(
            List.of(f.get(0), f.get(0)),
            List.of(f.get(0), f.get(2)),
            List.of(f.get(0), f.get(2), f.get(1)))) {
      var collector = new Collector();
      assertThat(read(joined(changed), collector)).isEqualTo(Code.CDT_650);
      assertThat(collector.proposals).hasSize(1);
    }
    var reflected = new Collector();
    Link dialer = link(true, f.get(0), new ByteArrayOutputStream(), reflected);
    dialer.start();
    assertThat(reflected.ends.poll(60, TimeUnit.SECONDS)).isEqualTo(Code.CDT_650);
    assertThat(reflected.proposals).isEmpty();
  }

  @Test
  void lengthsOutsideTheLimitsEndTheLink() throws Exception {
    for (int length :
        new int[] {-1, 0, Link.HEAD_BYTES + FrameCipher.TAG_BYTES - 1, Link.FRAME_BYTES_MAX + 1}) {
      byte[] bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array();
      assertThat(read(bytes, new Collector())).isEqualTo(Code.CDT_651);
    }
    byte[] cut = Arrays.copyOf(recorded(1).get(0), 20);
    assertThat(read(cut, new Collector())).isEqualTo(Code.CDT_653);
  }

  /** Seals frames as the dialer, whatever is in them. */
  private static byte[] sealed(ByteBuffer... frames) {
    FrameCipher cipher = FrameCipher.sealing(new LinkKeys(SECRETS, true).sending(), 1L << 24);
    var out = new ByteArrayOutputStream();
    for (ByteBuffer frame : frames) {
      byte[] target = new byte[frame.capacity() + FrameCipher.TAG_BYTES];
      int length = cipher.seal(frame.array(), frame.capacity(), target, 0);
      out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array());
      out.writeBytes(target);
    }
    return out.toByteArray();
  }

  private static ByteBuffer flight(
      int partition, int attempt, int step, int length, int offset, int words) {
    return ByteBuffer.allocate(Link.HEAD_BYTES + words * Long.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(FLIGHT)
        .putInt(partition)
        .putLong(0)
        .putInt(attempt)
        .putInt(step)
        .putInt(length)
        .putInt(offset);
  }

  @Test
  void framesOfNoKindEndTheLink() throws Exception {
    ByteBuffer unknown = ByteBuffer.allocate(Link.HEAD_BYTES).putInt(0, 99);
    assertThat(read(sealed(unknown), new Collector())).isEqualTo(Code.CDT_651);
  }

  @Test
  void flightsThatContradictThemselvesEndTheLink() throws Exception {
    ByteBuffer first = flight(0, 0, 1, 10, 0, 5);
    assertThat(read(sealed(first, flight(0, 0, 1, 10, 5, 5)), new Collector()))
        .isEqualTo(Code.CDT_653);
    for (ByteBuffer wrong :
        List.of(
            flight(0, 0, 1, 10, 6, 4),
            flight(0, 0, 1, 10, 5, 6),
            flight(0, 0, 1, 11, 5, 5),
            flight(0, 0, 2, 10, 5, 5),
            flight(0, 0, 1, 10, 0, 5),
            flight(0, 0, 1, 10, 5, 0),
            flight(0, 0, 1, 10, -5, 5))) {
      assertThat(read(sealed(first, wrong), new Collector())).isEqualTo(Code.CDT_651);
    }
    for (ByteBuffer wrong :
        List.of(
            flight(-1, 0, 1, 1, 0, 1),
            flight(0, -1, 1, 1, 0, 1),
            flight(0, 0, 1, 0, 0, 0),
            flight(0, 0, 1, -1, 0, 1),
            flight(0, 0, 1, Channel.FLIGHT_WORDS_MAX + 1, 0, 1),
            flight(0, 0, 1, 10, 5, 5))) {
      assertThat(read(sealed(wrong), new Collector())).isEqualTo(Code.CDT_651);
    }
  }
}
