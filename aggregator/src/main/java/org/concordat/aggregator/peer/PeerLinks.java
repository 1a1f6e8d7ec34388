package org.concordat.aggregator.peer;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLSocket;
import org.concordat.schemas.identity.Charter.Aggregator;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one link to each peer and says when a session begins and ends.
 *
 * <p>The lower index dials the higher. A link is TLS 1.3 with certificates on both sides, inside it
 * {@link Handshake} makes fresh keys, and {@link FrameCipher} seals every frame under them. When
 * all links are up, the parties agree on a session ({@link Proposal}). A party that loses one link
 * closes all of its links, so all parties' links end, and all begin again with other keys; a link
 * is never part of two sessions.
 *
 * <p>Protects what aggregators tell each other from everyone on the way, also from one who records
 * it and breaks X25519 and P-256 later; from forged, altered, repeated or reordered frames; from
 * peers of another charter, rule set or certificate authority; from an older worker of a peer,
 * while this process remembers the newer. Does NOT protect against a peer that lies in what it
 * sends: that is the protocol's part. Nor against one who stops traffic or fills the handshake
 * slots: then there is no session. Shows sizes and times of frames to the network.
 *
 * <p>Threads: a reader and a heartbeat a link, one to accept, one a peer to dial, one for the
 * listener. Interrupting a virtual thread that sends closes its link, as the JDK's sockets do.
 */
public final class PeerLinks implements AutoCloseable {
  /** Connections whose peers aren't known yet. */
  static final int HANDSHAKES_MAX = 16;

  private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);
  private static final Logger log = LoggerFactory.getLogger(PeerLinks.class);

  private final PeerSettings settings;
  private final PeerTls tls;
  private final PeerLimits limits;
  private final LinkShape shape;
  private final PeerStatistics statistics;
  private final LinkTable table;
  private final PeerSocket.Server server;
  private final Semaphore handshakes = new Semaphore(HANDSHAKES_MAX);
  private final Set<Socket> unready = new HashSet<>();
  private boolean closed;

  private PeerLinks(
      PeerSettings settings,
      PeerTls tls,
      PeerLimits limits,
      LinkShape shape,
      PeerListener listener,
      PeerSocket.Server server) {
    this.settings = settings;
    this.tls = tls;
    this.limits = limits;
    this.shape = shape;
    this.server = server;
    this.statistics = new PeerStatistics(settings.parties());
    this.table = new LinkTable(settings, limits, statistics, new Announcer(listener));
  }

  /**
   * Listens and starts to dial. Sessions are told to the listener.
   *
   * @throws InvalidInputException the address can't be listened on, or the certificate carries
   *     another name than this aggregator's
   */
  public static PeerLinks start(
      PeerSettings settings, PeerTls tls, PeerLimits limits, PeerListener listener) {
    return start(settings, tls, limits, LinkShape.NONE, listener);
  }

  /** As above, over a network that is made slower than it is; for measurements alone. */
  public static PeerLinks start(
      PeerSettings settings,
      PeerTls tls,
      PeerLimits limits,
      LinkShape shape,
      PeerListener listener) {
    if (!PeerTls.nameIn(tls.certificate()).equals(settings.name())) {
      throw new InvalidInputException(
          Code.CDT_552,
          Place.of("tls.certificate"),
          "This aggregator's own certificate carries another name than its own.",
          "Name the certificate of '" + settings.name() + "'.");
    }
    PeerSocket.Server server;
    try {
      server = new PeerSocket.Server();
      server.setReuseAddress(true);
      server.bind(resolved(settings.listen()));
    } catch (IOException e) {
      throw new InvalidInputException(
          Code.CDT_656, Place.of("listen"), Code.CDT_656.cause(), Code.CDT_656.fix());
    }
    var peerLinks = new PeerLinks(settings, tls, limits, shape, listener, server);
    peerLinks.startThreads();
    return peerLinks;
  }

  private void startThreads() {
    table.start();
    Thread.ofVirtual().name("peer-accept").start(this::accept);
    for (int peer = settings.party() + 1; peer < settings.parties(); peer++) {
      int higher = peer;
      Thread.ofVirtual().name("peer-dial-" + settings.nameOf(peer)).start(() -> dial(higher));
    }
  }

  private static InetSocketAddress resolved(InetSocketAddress address) {
    return new InetSocketAddress(address.getHostString(), address.getPort());
  }

  /** Where this aggregator listens. */
  public int port() {
    return server.getLocalPort();
  }

  /** The session that is up now. */
  public Optional<PeerSession> session() {
    return table.session();
  }

  /** Whether the link to a peer is up. */
  public boolean linked(int peer) {
    return table.linked(peer);
  }

  public PeerStatistics statistics() {
    return statistics;
  }

  /** Whom and what this aggregator waits for, for readiness and for people. */
  public List<Wait> waitingFor() {
    return table.waits();
  }

  private void accept() {
    while (true) {
      try {
        PeerSocket socket = server.accept();
        if (handshakes.tryAcquire()) {
          Thread.ofVirtual().start(() -> accepted(socket));
        } else {
          statistics.countTurnedAway();
          closeQuietly(socket);
        }
      } catch (IOException e) {
        if (server.isClosed()) {
          return;
        }
        log.warn("event=peer-accept-failed");
        pause(ACCEPT_PAUSE);
      }
    }
  }

  private void accepted(PeerSocket socket) {
    Set<String> lower = new HashSet<>();
    for (Aggregator aggregator : settings.charter().aggregators().subList(0, settings.party())) {
      lower.add(aggregator.name());
    }
    try {
      connect(socket, false, lower);
    } catch (LinkFault e) {
      table.refused(e.code());
    } finally {
      handshakes.release();
    }
  }

  private void dial(int peer) {
    String name = settings.nameOf(peer);
    InetSocketAddress address = Objects.requireNonNull(settings.peers().get(name));
    try {
      while (table.awaitTurn(peer)) {
        var socket = new PeerSocket();
        try {
          socket.connect(resolved(address), (int) limits.handshake().toMillis());
          connect(socket, true, Set.of(name));
        } catch (IOException e) {
          closeQuietly(socket);
          table.failed(peer, Code.CDT_654);
        } catch (LinkFault e) {
          table.failed(peer, e.code());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes a connection through both handshakes, within the time limit. */
  private void connect(PeerSocket socket, boolean dialer, Set<String> names) throws LinkFault {
    if (!admit(socket)) {
      closeQuietly(socket);
      return;
    }
    Thread timer = Thread.ofVirtual().start(() -> closeAfter(limits.handshake(), socket));
    boolean up = false;
    try {
      socket.setTcpNoDelay(true);
      SSLSocket secured = tls.handshake(socket, dialer, names);
      var handshake = new Handshake(secured, dialer, settings, tls.certificate());
      int peer = handshake.party();
      Handshake.Outcome outcome = handshake.run(table::checkEpoch);
      secured.setSoTimeout((int) limits.silence().toMillis());
      socket.gather();
      OutputStream out = shaped(sending(secured.getOutputStream(), socket), peer);
      var streams = new Link.Streams(secured.getInputStream(), out, socket);
      up =
          table.up(
              new Link(peer, settings.nameOf(peer), outcome, streams, limits, statistics, table));
    } catch (IOException e) {
      throw new LinkFault(Code.CDT_558);
    } finally {
      timer.interrupt();
      if (!up) {
        closeQuietly(socket);
      }
      forget(socket);
    }
  }

  /** TLS's output, which sends when it is flushed what waits below TLS. */
  private static OutputStream sending(OutputStream secured, PeerSocket socket) {
    return new OutputStream() {
      @Override
      public void write(int single) throws IOException {
        secured.write(single);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        secured.write(bytes, offset, length);
      }

      @Override
      public void flush() throws IOException {
        socket.send();
      }
    };
  }

  private OutputStream shaped(OutputStream out, int peer) {
    return shape.isNone() ? out : new ShapedOutput(out, shape, "shape-" + settings.nameOf(peer));
  }

  private synchronized boolean admit(Socket socket) {
    return !closed && unready.add(socket);
  }

  private synchronized void forget(Socket socket) {
    unready.remove(socket);
  }

  private static void closeAfter(Duration time, Socket socket) {
    if (pause(time)) {
      closeQuietly(socket);
    }
  }

  private static boolean pause(Duration time) {
    try {
      Thread.sleep(time);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  /** Ends the session, tells the listener, and stops listening and dialing. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      unready.forEach(PeerLinks::closeQuietly);
    }
    try {
      server.close();
    } catch (IOException e) {
      log.warn("event=peer-close-failed");
    }
    table.close();
  }
}
