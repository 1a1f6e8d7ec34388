package org.concordat.aggregator.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Passes connections on to a port of this machine, and breaks them when told. */
final class Relay implements AutoCloseable {
  private final ServerSocket server;
  private final int target;

  /** Of each connection the caller's, and behind it the one to whoever is called. */
  private final List<Socket> sockets = new ArrayList<>();

  /** Callers' ends that stay open although the other end is closed. */
  private final Set<Socket> unanswered = ConcurrentHashMap.newKeySet();

  /** Ends of whose next bytes one is altered. */
  private final Set<Socket> altered = ConcurrentHashMap.newKeySet();

  private volatile boolean silent;

  Relay(int target) {
    this.target = target;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        near.setTcpNoDelay(true);
        Socket far;
        try {
          far = new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException e) {
          near.close();
          continue;
        }
        far.setTcpNoDelay(true);
        synchronized (sockets) {
          sockets.add(near);
          sockets.add(far);
        }
        Thread.ofVirtual().start(() -> pass(near, far));
        Thread.ofVirtual().start(() -> pass(far, near));
      } catch (IOException e) {
        // The test has ended, or the connection has.
      }
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] bytes = new byte[16_384];
    try {
      for (int count; (count = from.getInputStream().read(bytes)) >= 0; ) {
        if (altered.remove(from)) {
          bytes[count - 1] ^= 1;
        }
        if (!silent) {
          to.getOutputStream().write(bytes, 0, count);
        }
      }
    } catch (IOException e) {
      // Either end has gone.
    } finally {
      if (!unanswered.contains(from) && !unanswered.contains(to)) {
        closeQuietly(from);
        closeQuietly(to);
      }
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  /** Swallows all that comes from now on, as a dead network does; no end hears of it. */
  void silence() {
    silent = true;
  }

  /** Closes the called end of every connection that passes now; no caller hears of it. */
  void halfOpen() {
    synchronized (sockets) {
      for (int caller = 0; caller < sockets.size(); caller += 2) {
        unanswered.add(sockets.get(caller));
        closeQuietly(sockets.get(caller + 1));
      }
    }
  }

  /** Alters a byte of what comes next in each direction of every connection that passes now. */
  void alter() {
    synchronized (sockets) {
      altered.addAll(sockets);
    }
  }

  /** Ends every connection that passes now; later ones pass again. */
  void cut() {
    synchronized (sockets) {
      for (Socket socket : sockets) {
        try {
          socket.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      sockets.clear();
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      cut();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
