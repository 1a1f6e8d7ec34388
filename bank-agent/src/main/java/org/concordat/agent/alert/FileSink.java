package org.concordat.agent.alert;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import org.concordat.schemas.record.Alert;

/** Appends a line of JSON for each alert to a file, and forces it to the disk. */
final class FileSink implements AlertSink {
  /** Far more than an alert takes: 64 reasons of at most a few hundred characters. */
  private static final int LINE_BYTES_MAX = 256 << 10;

  private final FileChannel channel;

  FileSink(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    this.channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    try {
      // A kill in the middle of a line: its alert wasn't marked as delivered and comes again.
      channel.truncate(endOfLastLine(file));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static long endOfLastLine(Path file) throws IOException {
    try (FileChannel reader = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      long size = reader.size();
      long end = size;
      byte next = '{';
      while (end > 0 && size - end <= LINE_BYTES_MAX) {
        reader.read(one.clear(), end - 1);
        if (one.get(0) == '\n') {
          break;
        }
        next = one.get(0);
        end--;
      }
      if (next != '{' || size - end > LINE_BYTES_MAX) {
        throw new IOException("The file for alerts holds something else.");
      }
      return end;
    }
  }

  @Override
  public void deliver(List<Alert> alerts) throws IOException {
    String lines = alerts.stream().map(AlertJson::line).collect(Collectors.joining("\n", "", "\n"));
    ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
    long before = channel.size();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    } catch (IOException e) {
      if (channel.isOpen()) {
        channel.truncate(before);
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
