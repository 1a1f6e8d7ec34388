package org.concordat.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Set;
import org.concordat.ops.consortium.FreePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each way in which a relay breaks connections, and that it passes them else. */
class RelayTest {
  private static final int SILENCE_MILLIS = 50;

  private final ServerSocket target = target();
  private final int port = port();
  private final Relay relay = relay();
  private Socket caller = new Socket();
  private Socket called = new Socket();

  private static ServerSocket target() {
    try {
      return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static int port() {
    try {
      return FreePorts.find(1, Set.of()).getFirst();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Relay relay() {
    try {
      return new Relay(port, target.getLocalPort());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void connect() throws IOException {
    caller = new Socket(InetAddress.getLoopbackAddress(), port);
    called = target.accept();
    pass(caller, called, 1);
    pass(called, caller, 2);
  }

  @AfterEach
  void close() throws IOException {
    for (AutoCloseable each : List.of(caller, called, relay, target)) {
      try {
        each.close();
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }

  private static void pass(Socket from, Socket to, int value) throws IOException {
    from.getOutputStream().write(value);
    assertThat(to.getInputStream().read()).isEqualTo(value);
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(SILENCE_MILLIS);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(0);
  }

  private static void assertReset(Socket socket) {
    assertThatThrownBy(
            () -> {
              if (socket.getInputStream().read() < 0) {
                throw new IOException("ended");
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void droppedBothEndsLearnItAtOnceAndNewConnectionsToo() throws IOException {
    relay.cut(LinkMode.DROP);
    assertReset(caller);
    assertReset(called);
    try (var again = new Socket(InetAddress.getLoopbackAddress(), port)) {
      assertReset(again);
    }
    relay.heal();
    connect();
  }

  @Test
  void stalledNothingPassesUntilItIsHealed() throws IOException {
    relay.cut(LinkMode.STALL);
    caller.getOutputStream().write(3);
    assertSilent(called);
    relay.heal();
    assertThat(called.getInputStream().read()).isEqualTo(3);
  }

  @Test
  void halfOpenTheCallerHearsNothingForGood() throws IOException {
    relay.cut(LinkMode.HALF_OPEN);
    assertReset(called);
    caller.getOutputStream().write(3);
    assertSilent(caller);
    relay.heal();
    caller.getOutputStream().write(4);
    assertSilent(caller);
    caller.close();
    connect();
  }

  @Test
  void corruptOneByteInEachDirectionIsAltered() throws IOException {
    relay.cut(LinkMode.CORRUPT);
    caller.getOutputStream().write(new byte[] {8, 8, 8});
    assertThat(called.getInputStream().readNBytes(3)).isNotEqualTo(new byte[] {8, 8, 8});
    pass(caller, called, 8);
    called.getOutputStream().write(16);
    assertThat(caller.getInputStream().read()).isEqualTo(17);
    pass(called, caller, 16);
  }

  @Test
  void whereNobodyListensTheCallerIsReset() throws IOException {
    target.close();
    try (var again = new Socket(InetAddress.getLoopbackAddress(), port)) {
      assertReset(again);
    }
  }
}
