package org.concordat.aggregator.peer;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.ReentrantLock;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.process.Outline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One peer's connection with confirmed keys: sealed frames out from any thread, in on one thread of
 * its own, which always reads on, so that two ends that write at once can't block each other.
 *
 * <p>A frame is its sealed length (4 bytes), then the sealed bytes. Plain, it has a head of {@link
 * #HEAD_BYTES} and a body; all numbers are little-endian.
 */
final class Link {
  /** What a link tells whoever keeps it. */
  interface Keeper {
    /** The peer's list of its links. */
    void proposal(Link link, byte[] message) throws LinkFault;

    /** Waits for the session that this link is part of; null if the link is no longer wanted. */
    @Nullable LiveSession session(Link link) throws InterruptedException;

    void lost(Link link, Code code);
  }

  /**
   * Where a link's bytes go.
   *
   * @param connection below TLS, so that closing it ends writes that wait
   */
  record Streams(InputStream in, OutputStream out, Closeable connection) {}

  /**
   * The peer's last sign of life.
   *
   * @param sentNanos by the peer's clock
   * @param cameNanos by this one's
   */
  private record SignOfLife(long sentNanos, long cameNanos) {
    static final SignOfLife NONE = new SignOfLife(0, 0);
  }

  static final int HEAD_BYTES = 32;
  static final int FRAME_BYTES_MAX =
      HEAD_BYTES + PeerLimits.CONTROL_BYTES_MAX + FrameCipher.TAG_BYTES;

  private static final int LENGTH_BYTES = 4;
  private static final int TLS_RECORD_BYTES = 1 << 14;
  private static final int FRAME_RECORDS = 7;

  /**
   * Whole records of TLS, as many as go out in one call. Large enough to spread the cost of a
   * frame, small enough that cipher and socket overlap.
   */
  static final int FLIGHT_FRAME_WORDS =
      (FRAME_RECORDS * TLS_RECORD_BYTES - LENGTH_BYTES - HEAD_BYTES - FrameCipher.TAG_BYTES)
          / Long.BYTES;

  private static final byte HEARTBEAT = 1;
  private static final byte PROPOSAL = 2;
  private static final byte CONTROL = 3;
  private static final byte FLIGHT = 4;
  private static final int FIRST_BUFFER_BYTES = 8_192;

  /** When it was sent, the peer's last such time, and for how long that has been here. */
  private static final int SIGN_OF_LIFE_BYTES = 3 * Long.BYTES;

  private static final Logger log = LoggerFactory.getLogger(Link.class);

  private final int peer;
  private final String peerName;
  private final long epoch;
  private final int protocol;
  private final LinkKeys keys;
  private final Streams streams;
  private final PeerLimits limits;
  private final PeerStatistics statistics;
  private final Keeper keeper;
  private final Backlog backlog;
  private final FrameCipher opening;

  private final ReentrantLock writing = new ReentrantLock();
  private final FrameCipher sealing;
  private ByteBuffer plain = buffer(FIRST_BUFFER_BYTES);
  private byte[] wire = wire(FIRST_BUFFER_BYTES);
  private volatile boolean closed;
  private volatile SignOfLife lastSign = SignOfLife.NONE;

  // The reader's alone.
  private @Nullable LiveSession session;

  Link(
      int peer,
      String peerName,
      Handshake.Outcome outcome,
      Streams streams,
      PeerLimits limits,
      PeerStatistics statistics,
      Keeper keeper) {
    this.peer = peer;
    this.peerName = peerName;
    this.epoch = outcome.epoch();
    this.protocol = outcome.protocol();
    this.keys = outcome.keys();
    this.streams = streams;
    this.limits = limits;
    this.statistics = statistics;
    this.keeper = keeper;
    this.backlog = new Backlog(limits.bufferSlowBytes(), limits.bufferBytesMax());
    this.sealing = FrameCipher.sealing(keys.sending(), limits.framesPerKey());
    this.opening = FrameCipher.opening(keys.receiving(), limits.framesPerKey());
  }

  int peer() {
    return peer;
  }

  String peerName() {
    return peerName;
  }

  long epoch() {
    return epoch;
  }

  /** The newest version that both ends speak. */
  int protocol() {
    return protocol;
  }

  LinkKeys keys() {
    return keys;
  }

  Backlog backlog() {
    return backlog;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Starts reading, and signs of life. */
  void start() {
    Thread.ofPlatform().name("link-" + peerName).daemon().start(this::read);
    Thread.ofVirtual().name("heartbeat-" + peerName).start(this::beat);
  }

  void sendProposal(byte[] message) throws IOException {
    sendBytes(PROPOSAL, message);
  }

  void sendControl(byte[] message) throws IOException {
    sendBytes(CONTROL, message);
  }

  private void sendBytes(byte kind, byte[] body) throws IOException {
    writing.lock();
    try {
      head(kind, HEAD_BYTES + body.length).position(HEAD_BYTES).put(body);
      write(HEAD_BYTES + body.length);
      streams.out().flush();
    } finally {
      writing.unlock();
    }
  }

  /** Sends a flight as one or more frames; frames of other senders may come between them. */
  void sendFlight(ChannelKey channel, int step, long[] words, int offset, int length)
      throws IOException {
    statistics.countFlight();
    for (int done = 0; done < length; done += FLIGHT_FRAME_WORDS) {
      int count = Math.min(FLIGHT_FRAME_WORDS, length - done);
      int bytes = HEAD_BYTES + count * Long.BYTES;
      writing.lock();
      try {
        head(FLIGHT, bytes)
            .putInt(channel.partition())
            .putLong(channel.batch())
            .putInt(channel.attempt())
            .putInt(step)
            .putInt(length)
            .putInt(done)
            .asLongBuffer()
            .put(words, offset + done, count);
        write(bytes);
        if (done + count == length) {
          streams.out().flush();
        }
      } finally {
        writing.unlock();
      }
    }
  }

  private ByteBuffer head(byte kind, int bytes) {
    if (plain.capacity() < bytes) {
      plain = buffer(bytes);
      wire = wire(bytes);
    }
    return plain.clear().putInt(kind);
  }

  /** Room for a frame of so many bytes as it is sent. */
  private static byte[] wire(int bytes) {
    return new byte[LENGTH_BYTES + bytes + FrameCipher.TAG_BYTES];
  }

  private void write(int bytes) throws IOException {
    if (closed) {
      throw new IOException("The link is closed.");
    }
    int sealed = sealing.seal(plain.array(), bytes, wire, LENGTH_BYTES);
    ByteBuffer.wrap(wire).order(ByteOrder.LITTLE_ENDIAN).putInt(sealed);
    streams.out().write(wire, 0, LENGTH_BYTES + sealed);
    statistics.countSent(peer, LENGTH_BYTES + sealed);
  }

  private void beat() {
    try {
      while (!closed) {
        Thread.sleep(limits.heartbeat());
        sendSignOfLife();
      }
    } catch (IOException e) {
      keeper.lost(this, Code.CDT_653);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void sendSignOfLife() throws IOException {
    SignOfLife last = lastSign;
    long now = System.nanoTime();
    ByteBuffer body = buffer(SIGN_OF_LIFE_BYTES);
    body.putLong(now).putLong(last.sentNanos()).putLong(now - last.cameNanos());
    sendBytes(HEARTBEAT, body.array());
  }

  /** An earlier release's sign of life says nothing more. */
  private void signOfLife(ByteBuffer frame) {
    if (frame.limit() != HEAD_BYTES + SIGN_OF_LIFE_BYTES) {
      return;
    }
    long now = System.nanoTime();
    frame.position(HEAD_BYTES);
    lastSign = new SignOfLife(frame.getLong(), now);
    long echoed = frame.getLong();
    long held = frame.getLong();
    long roundTrip = now - echoed - held;
    if (echoed != 0 && held >= 0 && roundTrip >= 0) {
      statistics.roundTrip(peer, roundTrip);
    }
  }

  private void read() {
    Code reason = Code.CDT_653;
    try {
      readFrames();
    } catch (LinkFault e) {
      reason = e.code();
    } catch (IOException e) {
      reason = Code.CDT_653;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // Whatever a peer's bytes have found: they cost it the link, and nobody this process.
      log.atError().setCause(Outline.of(e)).log("event=peer-frame-failed peer={}", peerName);
      reason = Code.CDT_651;
    } finally {
      keeper.lost(this, reason);
      destroy();
    }
  }

  private void readFrames() throws IOException, LinkFault, InterruptedException {
    var stream = new DataInputStream(streams.in());
    byte[] sealed = new byte[FIRST_BUFFER_BYTES];
    ByteBuffer frame = buffer(FIRST_BUFFER_BYTES);
    while (!closed) {
      int length = Integer.reverseBytes(stream.readInt());
      if (length < HEAD_BYTES + FrameCipher.TAG_BYTES || length > FRAME_BYTES_MAX) {
        throw new LinkFault(Code.CDT_651);
      }
      if (sealed.length < length) {
        sealed = new byte[length];
        frame = buffer(length);
      }
      stream.readFully(sealed, 0, length);
      statistics.countReceived(peer, LENGTH_BYTES + length);
      frame.clear().limit(opening.open(sealed, length, frame.array()));
      dispatch(frame);
    }
  }

  private void dispatch(ByteBuffer frame) throws LinkFault, InterruptedException {
    switch (frame.getInt()) {
      case HEARTBEAT -> signOfLife(frame);
      case PROPOSAL -> keeper.proposal(this, body(frame));
      case CONTROL -> control(frame);
      case FLIGHT -> flight(frame);
      default -> throw new LinkFault(Code.CDT_651);
    }
  }

  private static byte[] body(ByteBuffer frame) {
    byte[] body = new byte[frame.limit() - HEAD_BYTES];
    frame.position(HEAD_BYTES).get(body);
    return body;
  }

  private void control(ByteBuffer frame) throws LinkFault, InterruptedException {
    byte[] message = body(frame);
    LiveSession live = live();
    if (live != null) {
      live.control(this, message);
    }
  }

  /** A link is part of one session at most, so the first one found is the one. */
  private @Nullable LiveSession live() throws InterruptedException {
    if (session == null) {
      session = keeper.session(this);
    }
    return session;
  }

  private void flight(ByteBuffer frame) throws LinkFault, InterruptedException {
    int partition = frame.getInt();
    long batch = frame.getLong();
    int attempt = frame.getInt();
    var position = new Inbox.Position(frame.getInt(), frame.getInt(), frame.getInt());
    if (partition < 0 || batch < 0 || attempt < 0 || frame.remaining() % Long.BYTES != 0) {
      throw new LinkFault(Code.CDT_651);
    }
    LiveSession live = live();
    Inbox inbox = live == null ? null : live.inbox(peer, new ChannelKey(partition, batch, attempt));
    if (inbox != null) {
      inbox.put(position, frame);
    }
  }

  /** Ends the connection at once; waits for nobody. */
  void close() {
    closed = true;
    try {
      streams.connection().close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  /** Ends a link that was never started, or whose reader has ended, and overwrites its keys. */
  void destroy() {
    close();
    opening.destroy();
    writing.lock();
    try {
      sealing.destroy();
    } finally {
      writing.unlock();
    }
    keys.destroy();
  }
}
