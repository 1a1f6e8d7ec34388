package org.concordat.ops.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** A port on loopback whose connections go on to another one, until they are to break. */
final class Relay implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int BACKLOG = 64;

  private final ServerSocket server;
  private final int targetPort;
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();

  /** Guarded by this. */
  private Optional<LinkMode> broken = Optional.empty();

  /** A connection that was taken, and the one that was made for it. */
  private final class Pair {
    final Socket caller;
    final Socket called;
    volatile boolean mute;
    final AtomicBoolean alterCalls = new AtomicBoolean();
    final AtomicBoolean alterAnswers = new AtomicBoolean();

    Pair(Socket caller, Socket called) {
      this.caller = caller;
      this.called = called;
    }

    void alter() {
      alterCalls.set(true);
      alterAnswers.set(true);
    }

    void reset() {
      resetQuietly(caller);
      resetQuietly(called);
      pairs.remove(this);
    }

    /** Only the called end learns that the connection is over. */
    void mute() {
      mute = true;
      resetQuietly(called);
    }
  }

  /**
   * @param port where it listens
   * @param targetPort on loopback, of the process behind it
   */
  Relay(int port, int targetPort) throws IOException {
    this.targetPort = targetPort;
    this.server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    Thread.ofVirtual().name("relay-" + port).start(this::accept);
  }

  /** Breaks what is connected, and what will be until it is healed. */
  synchronized void cut(LinkMode mode) {
    broken = Optional.of(mode);
    List<Pair> now = new ArrayList<>(pairs);
    switch (mode) {
      case DROP -> now.forEach(Pair::reset);
      case STALL -> {}
      case HALF_OPEN -> now.forEach(Pair::mute);
      case CORRUPT -> now.forEach(Pair::alter);
    }
  }

  /** New connections pass again, and so do those that stalled. */
  synchronized void heal() {
    broken = Optional.empty();
    notifyAll();
  }

  private synchronized void awaitFlow() throws InterruptedException {
    while (broken.equals(Optional.of(LinkMode.STALL))) {
      wait();
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket caller = server.accept();
        Thread.ofVirtual().start(() -> connect(caller));
      } catch (IOException e) {
        // It is closing, or the system has no more sockets for the moment.
        Thread.yield();
      }
    }
  }

  private void connect(Socket caller) {
    try {
      awaitFlow();
      if (isBroken(LinkMode.DROP) || isBroken(LinkMode.HALF_OPEN)) {
        resetQuietly(caller);
        return;
      }
      caller.setTcpNoDelay(true);
      var called = new Socket(InetAddress.getLoopbackAddress(), targetPort);
      called.setTcpNoDelay(true);
      var pair = new Pair(caller, called);
      synchronized (this) {
        pairs.add(pair);
        if (isBroken(LinkMode.CORRUPT)) {
          pair.alter();
        }
      }
      Thread.ofVirtual().start(() -> pump(pair, true));
      pump(pair, false);
    } catch (IOException e) {
      // Nobody listens behind it: the caller learns the same.
      resetQuietly(caller);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isBroken(LinkMode mode) {
    return broken.equals(Optional.of(mode));
  }

  private void pump(Pair pair, boolean calls) {
    Socket from = calls ? pair.caller : pair.called;
    Socket to = calls ? pair.called : pair.caller;
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        awaitFlow();
        if ((calls ? pair.alterCalls : pair.alterAnswers).compareAndSet(true, false)) {
          // The last byte is of a record's body or tag, not of a length that might never come.
          buffer[count - 1] ^= 1;
        }
        if (!pair.mute) {
          out.write(buffer, 0, count);
        }
      }
      if (!pair.mute) {
        to.shutdownOutput();
      }
    } catch (IOException e) {
      if (!pair.mute) {
        pair.reset();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (calls) {
      // A caller that has ended waits for no answer.
      pair.reset();
    }
  }

  private static void resetQuietly(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    heal();
    List.copyOf(pairs).forEach(Pair::reset);
  }
}
