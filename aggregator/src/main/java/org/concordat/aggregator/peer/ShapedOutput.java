package org.concordat.aggregator.peer;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Passes bytes on as a network of some {@link LinkShape} would: each write leaves when those before
 * it have left at the link's rate, and arrives one way later. Holds at most what the network itself
 * would, plus {@link #BUFFER_BYTES}, beyond which writers wait.
 */
final class ShapedOutput extends OutputStream {
  /** A socket's buffer. */
  static final int BUFFER_BYTES = 4 << 20;

  private record Parcel(byte[] bytes, long leaves, long arrives) {}

  private final OutputStream target;
  private final LinkShape shape;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Parcel> parcels = new ArrayDeque<>();
  private long waitingBytes;
  private long lastLeaves = System.nanoTime();
  private @Nullable IOException failure;
  private boolean closed;

  ShapedOutput(OutputStream target, LinkShape shape, String name) {
    this.target = target;
    this.shape = shape;
    Thread.ofPlatform().name(name).daemon().start(this::carry);
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    lock.lock();
    try {
      while (waitingBytes >= BUFFER_BYTES && failure == null && !closed) {
        changed.awaitUninterruptibly();
        dropDeparted();
      }
      if (failure != null) {
        throw failure;
      }
      if (closed) {
        throw new IOException("The link is closed.");
      }
      long nanos = (long) (length * (Byte.SIZE * 1e9 / shape.bitsPerSecond()));
      lastLeaves = Math.max(lastLeaves, System.nanoTime()) + nanos;
      byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
      parcels.add(new Parcel(copy, lastLeaves, lastLeaves + shape.oneWay().toNanos()));
      waitingBytes += length;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What has left the sender no longer fills its buffer, though it is still on its way. */
  private void dropDeparted() {
    long now = System.nanoTime();
    waitingBytes = 0;
    for (Parcel parcel : parcels) {
      waitingBytes += parcel.leaves() > now ? parcel.bytes().length : 0;
    }
  }

  private void carry() {
    lock.lock();
    try {
      while (!closed) {
        Parcel first = parcels.peek();
        if (first == null) {
          changed.await();
          continue;
        }
        long left = first.arrives() - System.nanoTime();
        if (left > 0) {
          changed.awaitNanos(left);
          continue;
        }
        parcels.remove();
        dropDeparted();
        lock.unlock();
        try {
          target.write(first.bytes());
          target.flush();
        } finally {
          lock.lock();
        }
        changed.signalAll();
      }
    } catch (IOException e) {
      failure = e;
      changed.signalAll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    target.close();
  }
}
