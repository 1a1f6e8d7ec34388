package org.concordat.ops.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Appends payments to the banks' files at a steady rate, whoever reads them or not. */
final class Feeder implements AutoCloseable {
  private static final long PAUSE_MILLIS = 50;

  /** A bank's source and target, and how many payments the source has. */
  private record Bank(BufferedReader from, Writer to, long payments) {}

  private final List<Bank> banks = new ArrayList<>();
  private final int ratePerSecond;
  private final Thread thread;
  private volatile boolean running = true;
  private final AtomicLong written = new AtomicLong();

  /**
   * @param sources of all payments of each bank; the first line names columns
   * @param targets the files that agents follow
   * @param ratePerSecond over all banks, to each as it has payments
   */
  Feeder(List<Path> sources, List<Path> targets, int ratePerSecond) throws IOException {
    this.ratePerSecond = ratePerSecond;
    for (int i = 0; i < sources.size(); i++) {
      long payments;
      try (Stream<String> lines = Files.lines(sources.get(i))) {
        payments = lines.count() - 1;
      }
      var bank =
          new Bank(
              Files.newBufferedReader(sources.get(i)),
              Files.newBufferedWriter(targets.get(i)),
              payments);
      bank.to().write(bank.from().readLine() + "\n");
      bank.to().flush();
      banks.add(bank);
    }
    this.thread = Thread.ofPlatform().daemon().name("feeder").unstarted(this::feed);
  }

  void start() {
    thread.start();
  }

  private void feed() {
    long begin = System.nanoTime();
    long all = banks.stream().mapToLong(Bank::payments).sum();
    long[] fed = new long[banks.size()];
    try {
      while (running && written.get() < all) {
        long due = (System.nanoTime() - begin) / 1_000_000 * ratePerSecond / 1_000;
        for (int b = 0; b < fed.length; b++) {
          Bank bank = banks.get(b);
          long dueOfBank = Math.min(bank.payments(), due * bank.payments() / all);
          for (; fed[b] < dueOfBank; fed[b]++) {
            bank.to().write(bank.from().readLine() + "\n");
            written.incrementAndGet();
          }
          bank.to().flush();
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Payments of all banks. */
  long written() {
    return written.get();
  }

  /** No more come; those that were written stay. */
  void stop() throws InterruptedException {
    running = false;
    thread.join();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    stop();
    for (Bank bank : banks) {
      bank.from().close();
      bank.to().close();
    }
  }
}
