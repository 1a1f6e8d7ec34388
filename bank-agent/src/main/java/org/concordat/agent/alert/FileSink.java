package org.concordat.agent.alert;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import org.concordat.schemas.record.Alert;

/** Appends a line of JSON for each alert to a file, and forces it to the disk. */
final class FileSink implements AlertSink {
  private final FileChannel channel;

  FileSink(Path file) throws IOException {
    this.channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  @Override
  public void deliver(List<Alert> alerts) throws IOException {
    String lines = alerts.stream().map(AlertJson::line).collect(Collectors.joining("\n", "", "\n"));
    ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
