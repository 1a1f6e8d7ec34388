package org.concordat.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A file system of a few megabytes, where the machine lets a test mount one. */
final class SmallDisk implements AutoCloseable {
  private static final int CHUNK_BYTES = 4_096;

  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Nothing where this user may not. */
  static Optional<SmallDisk> mount(Path folder, int megabytes)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", "mode=700,size=" + megabytes + "m", "tmpfs", folder);
    return mounted ? Optional.of(new SmallDisk(folder)) : Optional.empty();
  }

  private static boolean run(Object... command) throws IOException, InterruptedException {
    String[] words = new String[command.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = command[i].toString();
    }
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      // There is no such program.
      return false;
    }
  }

  private Path filler() {
    return folder.resolve("filler");
  }

  /** Leaves no room at all. */
  void fill() throws IOException {
    try (var out = Files.newOutputStream(filler())) {
      while (true) {
        out.write(new byte[CHUNK_BYTES]);
      }
    } catch (IOException e) {
      if (!Files.exists(filler())) {
        throw e;
      }
    }
  }

  void free() throws IOException {
    Files.delete(filler());
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (!run("umount", "-l", folder)) {
      throw new IOException("The file system can't be unmounted.");
    }
  }
}
