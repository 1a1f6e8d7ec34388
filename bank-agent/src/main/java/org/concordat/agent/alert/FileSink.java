package org.concordat.agent.alert;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.concordat.schemas.record.Alert;

/** Appends a line of JSON for each alert to a file, and forces it to the disk. */
final class FileSink implements AlertSink {
  /** Far more than an alert takes: 64 reasons of at most a few hundred characters. */
  private static final int LINE_BYTES_MAX = 256 << 10;

  /** So much of the file's end is looked through for alerts that came before a kill. */
  static final int TAIL_BYTES = 4 << 20;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final FileChannel channel;

  /** What stands at the file's end: a kill between the line and the mark brings it again. */
  private final Set<String> tail;

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
      this.tail = tail(file);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static Set<String> tail(Path file) throws IOException {
    Set<String> ids = new HashSet<>();
    try (FileChannel reader = FileChannel.open(file, StandardOpenOption.READ)) {
      long start = Math.max(0, reader.size() - TAIL_BYTES);
      ByteBuffer bytes = ByteBuffer.allocate((int) (reader.size() - start));
      while (bytes.hasRemaining() && reader.read(bytes, start + bytes.position()) >= 0) {
        // Until all of it is read.
      }
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
      // Of a line that begins before it there is only a part.
      int first = start == 0 ? 0 : text.indexOf('\n') + 1;
      for (String line : text.substring(first).lines().toList()) {
        ids.add(MAPPER.readTree(line).path("id").asText());
      }
    }
    return ids;
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
    String lines =
        alerts.stream()
            .filter(alert -> !tail.contains(alert.getId()))
            .map(alert -> AlertJson.line(alert) + "\n")
            .collect(Collectors.joining());
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
