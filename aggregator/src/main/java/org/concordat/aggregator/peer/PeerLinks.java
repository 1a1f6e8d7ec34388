package org.concordat.aggregator.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.concordat.schemas.identity.Charter.Aggregator;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.process.Outline;
import org.concordat.schemas.record.Digest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where this process is reached by its peers, and its groups of links to them.
 *
 * <p>The lower index dials the higher. A link is TLS 1.3 with certificates on both sides, inside it
 * {@link Handshake} makes fresh keys, and {@link FrameCipher} seals every frame under them. The
 * dialer says for which group it calls ({@link PeerSettings#view}). When all links of a group are
 * up, its parties agree on a session ({@link Proposal}). A party that loses one link of a group
 * closes all of them, so all parties' links end, and all begin again with other keys; a link is
 * never part of two sessions, nor of two groups.
 *
 * <p>Protects what aggregators tell each other from everyone on the way, also from one who records
 * it and breaks X25519 and P-256 later; from forged, altered, repeated or reordered frames; from
 * peers of another charter, rule set or certificate authority; from an older worker of a peer,
 * while this process remembers the newer: one that is linked, or one that began before it was by
 * this process's clock. Does NOT protect against a peer that lies in what it sends: that is the
 * protocol's part. Nor against one who stops traffic or fills the handshake slots: then there is no
 * session. Shows sizes and times of frames to the network.
 *
 * <p>Threads: one to accept; for each group a reader and a heartbeat a link, one a peer to dial,
 * one for the listener. Interrupting a virtual thread that sends closes its link, as the JDK's
 * sockets do.
 */
public final class PeerLinks implements AutoCloseable {
  /** Connections whose peers aren't known yet. */
  static final int HANDSHAKES_MAX = 16;

  private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);
  private static final Logger log = LoggerFactory.getLogger(PeerLinks.class);

  private final PeerSettings settings;
  private final Supplier<PeerTls> tls;
  private final PeerLimits limits;
  private final LinkShape shape;
  private final PeerStatistics statistics;
  private final PeerSocket.Server server;
  private final Semaphore handshakes = new Semaphore(HANDSHAKES_MAX);
  private final Map<Digest, PeerGroup> groups = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable Code> lastRefusal = new AtomicReference<@Nullable Code>();
  private final Set<Socket> unready = new HashSet<>();
  private final Handshake.Reception reception =
      new Handshake.Reception() {
        @Override
        public PeerSettings settings(Digest view) throws LinkFault {
          return group(view).settings();
        }

        @Override
        public void checkEpoch(Digest view, int party, long epoch) throws LinkFault {
          group(view).table().checkEpoch(party, epoch);
        }
      };
  private boolean closed;

  private PeerLinks(
      PeerSettings settings,
      Supplier<PeerTls> tls,
      PeerLimits limits,
      LinkShape shape,
      PeerSocket.Server server) {
    this.settings = settings;
    this.tls = tls;
    this.limits = limits;
    this.shape = shape;
    this.server = server;
    this.statistics = new PeerStatistics(settings.parties());
  }

  /**
   * Listens and starts to dial, for one group. Sessions are told to the listener.
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
    PeerLinks peerLinks = listen(settings, () -> tls, limits, shape);
    peerLinks.open(settings.view(), settings.peers(), limits, listener);
    return peerLinks;
  }

  /**
   * As above, without any group yet: until there is one, every caller is refused.
   *
   * @param tls asked for each connection, so that it can be replaced
   */
  public static PeerLinks listen(
      PeerSettings settings, Supplier<PeerTls> tls, PeerLimits limits, LinkShape shape) {
    if (!PeerTls.nameIn(tls.get().certificate()).equals(settings.name())) {
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
    var peerLinks = new PeerLinks(settings, tls, limits, shape, server);
    Thread.ofVirtual().name("peer-accept").start(peerLinks::accept);
    return peerLinks;
  }

  /**
   * Links this process to one of each peer's, until the group is closed.
   *
   * @param view no open group has it
   * @param peers addresses by aggregator, unresolved
   * @param itsLimits of each of its links
   */
  public PeerGroup open(
      Digest view,
      Map<String, InetSocketAddress> peers,
      PeerLimits itsLimits,
      PeerListener listener) {
    var table =
        new LinkTable(settings.in(view, peers), itsLimits, statistics, new Announcer(listener));
    var group = new PeerGroup(this, settings.in(view, peers), itsLimits, table);
    if (groups.putIfAbsent(view, group) != null) {
      throw new IllegalStateException("A view has one group.");
    }
    table.start();
    for (int peer = settings.party() + 1; peer < settings.parties(); peer++) {
      int higher = peer;
      Thread.ofVirtual()
          .name("peer-dial-" + settings.nameOf(peer))
          .start(() -> dial(group, higher));
    }
    return group;
  }

  void forget(PeerGroup group) {
    groups.remove(group.view(), group);
  }

  private static InetSocketAddress resolved(InetSocketAddress address) {
    return new InetSocketAddress(address.getHostString(), address.getPort());
  }

  /** Where this aggregator listens. */
  public int port() {
    return server.getLocalPort();
  }

  /** The session that is up now; the first, where there are several groups. */
  public Optional<PeerSession> session() {
    return groups.values().stream().flatMap(group -> group.session().stream()).findFirst();
  }

  /** Whether every group has its link to a peer. */
  public boolean linked(int peer) {
    return groups.values().stream().allMatch(group -> group.linked(peer));
  }

  public PeerStatistics statistics() {
    return statistics;
  }

  /** Whom and what this process waits for, for readiness and for people. */
  public List<Wait> waitingFor() {
    return groups.values().stream().flatMap(group -> group.waitingFor().stream()).toList();
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
      connect(socket, null, lower);
    } catch (LinkFault e) {
      refused(e.code(), null);
    } catch (RuntimeException e) {
      // Whatever a caller's bytes have found: nobody ends this process by calling it.
      refused(Code.CDT_557, Outline.of(e));
    } finally {
      handshakes.release();
    }
  }

  /** Someone who called was refused; logged when the reason is new, so that callers can't flood. */
  private void refused(Code fault, @Nullable Outline cause) {
    if (server.isClosed()) {
      return;
    }
    if (lastRefusal.getAndSet(fault) != fault) {
      log.atWarn().setCause(cause).log("event=peer-refused code={}", fault.label());
    }
    statistics.countFault(fault);
  }

  private void dial(PeerGroup group, int peer) {
    String name = settings.nameOf(peer);
    InetSocketAddress address = Objects.requireNonNull(group.settings().peers().get(name));
    try {
      while (group.table().awaitTurn(peer)) {
        var socket = new PeerSocket();
        try {
          socket.connect(resolved(address), (int) limits.handshake().toMillis());
          connect(socket, group, Set.of(name));
        } catch (IOException e) {
          closeQuietly(socket);
          group.table().failed(peer, Code.CDT_654);
        } catch (LinkFault e) {
          group.table().failed(peer, e.code());
        } catch (RuntimeException e) {
          closeQuietly(socket);
          log.atError().setCause(Outline.of(e)).log("event=peer-dial-failed peer={}", name);
          group.table().failed(peer, Code.CDT_557);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes a connection through both handshakes, within the time limit.
   *
   * @param dialers group of the side that dials
   */
  private void connect(PeerSocket socket, @Nullable PeerGroup dialers, Set<String> names)
      throws LinkFault {
    if (!admit(socket)) {
      closeQuietly(socket);
      return;
    }
    Thread timer = Thread.ofVirtual().start(() -> closeAfter(limits.handshake(), socket));
    boolean up = false;
    try {
      socket.setTcpNoDelay(true);
      PeerTls now = tls.get();
      SSLSocket secured = now.handshake(socket, dialers != null, names);
      var handshake =
          new Handshake(
              secured,
              settings.charter(),
              now.certificate(),
              dialers == null ? null : dialers.settings());
      int peer = handshake.party();
      Handshake.Outcome outcome = handshake.run(reception);
      secured.setSoTimeout((int) limits.silence().toMillis());
      socket.gather();
      PeerGroup group = group(outcome.view());
      LinkTable table = group.table();
      up =
          table.up(
              new Link(
                  peer,
                  settings.nameOf(peer),
                  outcome,
                  streams(secured, socket, peer),
                  group.limits(),
                  statistics,
                  table));
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

  private PeerGroup group(Digest view) throws LinkFault {
    PeerGroup group = groups.get(view);
    if (group == null) {
      throw new LinkFault(Code.CDT_560);
    }
    return group;
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

  private Link.Streams streams(SSLSocket secured, PeerSocket socket, int peer) throws IOException {
    InputStream in = secured.getInputStream();
    OutputStream out = sending(secured.getOutputStream(), socket);
    if (shape.isNone()) {
      return new Link.Streams(in, out, socket);
    }
    var shaped = new ShapedOutput(out, shape, "shape-" + settings.nameOf(peer));
    return new Link.Streams(in, shaped, () -> closeBoth(socket, shaped));
  }

  /** What shapes the output has a thread of its own, which ends by that. */
  private static void closeBoth(Socket socket, ShapedOutput shaped) throws IOException {
    try {
      socket.close();
    } finally {
      shaped.close();
    }
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

  /** Ends all sessions, tells the listeners, and stops listening and dialing. */
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
    groups.values().forEach(PeerGroup::close);
  }
}
