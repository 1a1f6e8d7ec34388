package org.concordat.ops.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the banks' readers have delivered to their files, as a fraud team would read it. */
final class DeliveredAlerts {
  /** Lines of the latest alerts. */
  static final int LATEST = 5;

  /** Read at a time; what is longer is read the next time. */
  private static final int READ_BYTES_MAX = 4 << 20;

  private final Path folder;
  private final ObjectMapper mapper = new ObjectMapper();
  private final Map<String, Long> offsets = new HashMap<>();
  private final Deque<String> latest = new ArrayDeque<>();
  private final Map<String, String> firstByRule = new LinkedHashMap<>();

  DeliveredAlerts(Path folder) {
    this.folder = folder;
  }

  /** Reads what has been delivered since the last call. */
  void read(List<String> banks) throws IOException {
    for (String bank : banks) {
      Path file = folder.resolve(bank).resolve("alerts.jsonl");
      if (Files.exists(file)) {
        read(bank, file);
      }
    }
  }

  private void read(String bank, Path file) throws IOException {
    long offset = offsets.getOrDefault(bank, 0L);
    try (FileChannel channel = FileChannel.open(file)) {
      var bytes = ByteBuffer.allocate((int) Math.min(READ_BYTES_MAX, channel.size() - offset));
      int read = channel.read(bytes, offset);
      int end = read;
      while (end > 0 && bytes.get(end - 1) != '\n') {
        end--;
      }
      // A line that is still being written is read the next time.
      offsets.put(bank, offset + Math.max(0, end));
      String text = new String(bytes.array(), 0, Math.max(0, end), StandardCharsets.UTF_8);
      text.lines().forEach(this::take);
    }
  }

  private void take(String line) {
    try {
      JsonNode alert = mapper.readTree(line);
      firstByRule.putIfAbsent(
          alert.path("rule").asText(), head(alert) + "\n                           " + why(alert));
      latest.addLast(head(alert) + ": " + why(alert));
      if (latest.size() > LATEST) {
        latest.removeFirst();
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The agent writes JSON.", e);
    }
  }

  private static String head(JsonNode alert) {
    return "%-8s %-15s %s"
        .formatted(
            alert.path("bank").asText(),
            alert.path("reference").asText(),
            alert.path("ruleTitle").asText());
  }

  private static String why(JsonNode alert) {
    var parts = new ArrayList<String>();
    if (alert.path("score").isTextual()) {
      parts.add(
          "score %s, threshold %s"
              .formatted(
                  shortened(alert.path("score").asText()),
                  shortened(alert.path("threshold").asText())));
    }
    alert.path("reasons").forEach(reason -> parts.add(reason.path("text").asText()));
    return String.join("; ", parts);
  }

  /** Scores have as many digits as their scale; people read a few. */
  private static String shortened(String decimal) {
    int point = decimal.indexOf('.');
    return point < 0 || decimal.length() <= point + 4 ? decimal : decimal.substring(0, point + 4);
  }

  /** The newest, oldest first. */
  List<String> latest() {
    return new ArrayList<>(latest);
  }

  /** The first of each rule. */
  List<String> oneOfEachRule() {
    return List.copyOf(firstByRule.values());
  }
}
