package org.concordat.aggregator.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Passes connections on to a port of this machine, and cuts them when told. */
final class Relay implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final List<Socket> sockets = new ArrayList<>();
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
    try (from;
        to) {
      for (int count; (count = from.getInputStream().read(bytes)) >= 0; ) {
        if (!silent) {
          to.getOutputStream().write(bytes, 0, count);
        }
      }
    } catch (IOException e) {
      // Either end has gone.
    }
  }

  /** Swallows all that comes from now on, as a dead network does; no end hears of it. */
  void silence() {
    silent = true;
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
