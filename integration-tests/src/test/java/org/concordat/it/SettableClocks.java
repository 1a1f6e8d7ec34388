package org.concordat.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.concordat.ops.demo.Consortium;

/**
 * Gives each process of a consortium a clock of its own, which a test may set while the process
 * runs. libfaketime stands between the process and the C library, and reads in a file by how much
 * the clock is off. The monotonic clock stays the machine's, as it does where somebody sets a real
 * clock.
 */
final class SettableClocks {
  static final String BROKER = "broker";

  /** Where one for amd64 may be: processes that can't load it run by the machine's clock. */
  private static final List<Path> FOLDERS =
      List.of(Path.of("/usr/lib/x86_64-linux-gnu"), Path.of("/usr/lib64"), Path.of("/usr/lib"));

  /** Of its variants the one for processes with threads. */
  private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

  private final Consortium consortium;
  private final Path folder;

  /**
   * @param consortium nothing of which is started yet
   * @param folder for the files that say by how much each clock is off
   * @param library as {@link #library} finds it
   */
  SettableClocks(Consortium consortium, Path folder, Path library) {
    this.consortium = consortium;
    this.folder = folder;
    consortium.environment("LD_PRELOAD", library.toString());
    consortium.environment("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    // Else it takes the monotonic end of a timed wait for one that it has faked, and no thread of a
    // virtual machine ever waits.
    consortium.environment("FAKETIME_FORCE_MONOTONIC_FIX", "0");
    // It looks into the file once in two seconds, where by default it does once in ten.
    consortium.environment("FAKETIME_CACHE_DURATION", "1");
    // Else processes that one has started share what it keeps, and each is to go by its own file.
    consortium.environment("FAKETIME_DISABLE_SHM", "1");
    consortium.environment("NO_FAKE_STAT", "1");
  }

  /** Where libfaketime is installed; nothing where it isn't, or on another machine than amd64. */
  static Optional<Path> library() {
    if (!"amd64".equals(System.getProperty("os.arch"))) {
      return Optional.empty();
    }
    return FOLDERS.stream()
        .map(at -> at.resolve(LIBRARY))
        .filter(at -> Files.isRegularFile(at))
        .findFirst();
  }

  /** Starts every process, its clock right. */
  void startAll() throws IOException, InterruptedException {
    begin(BROKER);
    consortium.startBroker();
    for (String aggregator : Consortium.AGGREGATORS) {
      begin(aggregator);
      consortium.startAggregator(aggregator);
    }
    for (String bank : consortium.banks()) {
      begin(bank);
      consortium.startAgent(bank);
    }
  }

  /** Lets the next process that is started go by its own file. */
  private void begin(String process) throws IOException {
    set(process, Duration.ZERO);
    consortium.environment("FAKETIME_TIMESTAMP_FILE", file(process).toString());
  }

  /**
   * Sets a process's clock, which shows it within seconds.
   *
   * @param ahead of the machine's clock; negative if behind
   */
  void set(String process, Duration ahead) throws IOException {
    Path next = folder.resolve(process + ".next");
    Files.writeString(next, "%+d\n".formatted(ahead.toSeconds()));
    // It may look at any moment, and half a line would be another time.
    Files.move(next, file(process), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path file(String process) {
    return folder.resolve(process);
  }
}
