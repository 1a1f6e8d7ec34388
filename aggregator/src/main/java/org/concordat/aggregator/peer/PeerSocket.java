package org.concordat.aggregator.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A connection below TLS that asks the system for much at once: TLS would read the head and the
 * body of each record of 16 KiB apart, and write each apart, and every such call costs as much as
 * sealing a record does.
 */
final class PeerSocket extends Socket {
  /** The JDK passes no more to the system in one call. */
  private static final int BUFFER_BYTES = 1 << 17;

  private final ReentrantLock writing = new ReentrantLock();
  private byte[] waiting = {};
  private int waitingBytes;
  private InputStream in = InputStream.nullInputStream();
  private OutputStream direct = OutputStream.nullOutputStream();
  private boolean opened;

  /** Accepts such connections. */
  static final class Server extends ServerSocket {
    Server() throws IOException {}

    @Override
    public PeerSocket accept() throws IOException {
      var socket = new PeerSocket();
      implAccept(socket);
      return socket;
    }
  }

  /** Asks the system once for what has come; a BufferedInputStream asks whether there is more. */
  private static final class Buffered extends InputStream {
    private final InputStream source;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    Buffered(InputStream source) {
      this.source = source;
    }

    @Override
    public int read() throws IOException {
      byte[] single = new byte[1];
      return read(single, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(single[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (position == limit) {
        int count = source.read(buffer);
        if (count < 0) {
          return count;
        }
        position = 0;
        limit = count;
      }
      int count = Math.min(length, limit - position);
      System.arraycopy(buffer, position, target, offset, count);
      position += count;
      return count;
    }

    @Override
    public int available() throws IOException {
      return limit - position + source.available();
    }
  }

  /** From now on what is written waits for {@link #send}, or for more than fits the buffer. */
  void gather() {
    writing.lock();
    try {
      waiting = new byte[BUFFER_BYTES];
    } finally {
      writing.unlock();
    }
  }

  /** Sends what waits. */
  void send() throws IOException {
    writing.lock();
    try {
      if (waitingBytes > 0) {
        direct.write(waiting, 0, waitingBytes);
        waitingBytes = 0;
      }
    } finally {
      writing.unlock();
    }
  }

  private void write(byte[] bytes, int offset, int length) throws IOException {
    writing.lock();
    try {
      if (length > waiting.length - waitingBytes) {
        send();
      }
      if (length > waiting.length) {
        direct.write(bytes, offset, length);
      } else {
        System.arraycopy(bytes, offset, waiting, waitingBytes, length);
        waitingBytes += length;
      }
    } finally {
      writing.unlock();
    }
  }

  private synchronized void open() throws IOException {
    if (!opened) {
      in = new Buffered(super.getInputStream());
      direct = super.getOutputStream();
      opened = true;
    }
  }

  @Override
  public InputStream getInputStream() throws IOException {
    open();
    return in;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    open();
    return new OutputStream() {
      @Override
      public void write(int single) throws IOException {
        PeerSocket.this.write(new byte[] {(byte) single}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        PeerSocket.this.write(bytes, offset, length);
      }
    };
  }

  @Override
  public void shutdownOutput() throws IOException {
    send();
    super.shutdownOutput();
  }
}
