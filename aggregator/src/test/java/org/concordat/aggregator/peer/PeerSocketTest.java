package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import org.concordat.aggregator.mpc.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waits below TLS arrives whole and in order, and only when it is sent. */
@Timeout(60)
class PeerSocketTest {
  private static final int BUFFER_BYTES = 1 << 17;

  private final PeerSocket near = new PeerSocket();
  private Socket far = new Socket();
  private OutputStream out = OutputStream.nullOutputStream();
  private DataInputStream arrived = new DataInputStream(InputStream.nullInputStream());

  @BeforeEach
  void connect() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      near.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
      far = server.accept();
    }
    out = near.getOutputStream();
    arrived = new DataInputStream(far.getInputStream());
  }

  @AfterEach
  void close() throws IOException {
    near.close();
    far.close();
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(Seeds.seed()).nextBytes(bytes);
    return bytes;
  }

  private byte[] read(int length) throws IOException {
    byte[] bytes = new byte[length];
    arrived.readFully(bytes);
    return bytes;
  }

  @Test
  void writesAtOnceUntilToldToGather() throws IOException {
    byte[] bytes = bytes(100);
    out.write(bytes);
    assertThat(read(100)).isEqualTo(bytes);
  }

  @Test
  void whatIsGatheredWaitsForItsSending() throws IOException {
    near.gather();
    out.write(bytes(100));
    out.write(7);
    assertThat(arrived.available()).isZero();
    near.send();
    assertThat(read(100)).isEqualTo(bytes(100));
    assertThat(arrived.read()).isEqualTo(7);
  }

  @Test
  void moreThanFitsTheBufferArrivesInOrder() throws Exception {
    near.gather();
    byte[] bytes = bytes(5 * BUFFER_BYTES);
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    int at = 0;
                    for (int length :
                        new int[] {1, BUFFER_BYTES - 1, 1, BUFFER_BYTES, BUFFER_BYTES + 1, 9}) {
                      out.write(bytes, at, length);
                      at += length;
                    }
                    out.write(bytes, at, bytes.length - at);
                    near.send();
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    assertThat(read(bytes.length)).isEqualTo(bytes);
    writer.join();
  }

  @Test
  void readsWhatCameInPiecesOfAnySize() throws Exception {
    byte[] bytes = bytes(3 * BUFFER_BYTES + 1);
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    far.getOutputStream().write(bytes);
                    far.shutdownOutput();
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    var in = new DataInputStream(near.getInputStream());
    byte[] read = new byte[bytes.length];
    read[0] = in.readByte();
    in.readFully(read, 1, 5);
    in.readFully(read, 6, 2 * BUFFER_BYTES);
    in.readFully(read, 6 + 2 * BUFFER_BYTES, bytes.length - 6 - 2 * BUFFER_BYTES);
    assertThat(read).isEqualTo(bytes);
    assertThat(in.read()).isEqualTo(-1);
    writer.join();
  }

  @Test
  void theEndSendsWhatWaits() throws IOException {
    near.gather();
    out.write(bytes(9));
    near.shutdownOutput();
    assertThat(arrived.readAllBytes()).isEqualTo(bytes(9));
  }

  @Test
  void acceptsConnectionsOfItsKind() throws IOException {
    try (var server = new PeerSocket.Server()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (var dialed = new Socket(server.getInetAddress(), server.getLocalPort());
          PeerSocket accepted = server.accept()) {
        dialed.getOutputStream().write(bytes(3));
        assertThat(accepted.getInputStream().readNBytes(3)).isEqualTo(bytes(3));
      }
    }
  }
}
