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

/** Appends payments to the banks' files at a steady rate, whoever reads them or not. */
final class Feeder implements AutoCloseable {
  private static final long PAUSE_MILLIS = 50;

  private record Bank(BufferedReader from, Writer to) {}

  private final List<Bank> banks = new ArrayList<>();
  private final int ratePerBank;
  private final Thread thread;
  private volatile boolean running = true;
  private final AtomicLong written = new AtomicLong();

  /**
   * @param sources of all payments of each bank; the first line names columns
   * @param targets the files that agents follow
   */
  Feeder(List<Path> sources, List<Path> targets, int ratePerBank) throws IOException {
    this.ratePerBank = ratePerBank;
    for (int i = 0; i < sources.size(); i++) {
      var bank =
          new Bank(
              Files.newBufferedReader(sources.get(i)), Files.newBufferedWriter(targets.get(i)));
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
    long each = 0;
    try {
      while (running) {
        long due = (System.nanoTime() - begin) / 1_000_000 * ratePerBank / 1_000;
        for (Bank bank : banks) {
          for (long i = each; i < due; i++) {
            String line = bank.from().readLine();
            if (line == null) {
              return;
            }
            bank.to().write(line + "\n");
            written.incrementAndGet();
          }
          bank.to().flush();
        }
        each = due;
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
