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

  /** A bank's source and target, how many payments the source has, and how many came from it. */
  private record Bank(BufferedReader from, Writer to, long payments, AtomicLong written) {}

  private final List<Bank> banks = new ArrayList<>();
  private final int ratePerSecond;
  private final Thread thread;
  private volatile boolean running = true;

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
              payments,
              new AtomicLong());
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
    try {
      while (running && written() < all) {
        long due = (System.nanoTime() - begin) / 1_000_000 * ratePerSecond / 1_000;
        for (Bank bank : banks) {
          long dueOfBank = Math.min(bank.payments(), due * bank.payments() / all);
          while (bank.written().get() < dueOfBank) {
            bank.to().write(bank.from().readLine() + "\n");
            bank.written().incrementAndGet();
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
    return banks.stream().mapToLong(bank -> bank.written().get()).sum();
  }

  /**
   * Payments of one bank.
   *
   * @param bank its place among the sources
   */
  long written(int bank) {
    return banks.get(bank).written().get();
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
