package org.concordat.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;

/**
 * What {@code concordat check} says of a consortium, as a process of its own.
 *
 * @param printed its report; its last words where it ended without one
 * @param holds whether the alerts are the oracle's and every row is accounted for
 */
record FinalCheck(JsonNode printed, boolean holds) {
  private static final Duration LOOK = Duration.ofMillis(250);

  /**
   * Checks a consortium whose broker runs.
   *
   * @param megabytes the most that its heap may take
   */
  static FinalCheck of(Consortium consortium, int megabytes)
      throws IOException, InterruptedException {
    Path result = consortium.folder().resolve("check.json");
    List<String> args = List.of("check", "--dir", consortium.folder().toString());
    Role check = Role.start("check", megabytes, result, args);
    while (check.isAlive()) {
      Thread.sleep(LOOK);
    }
    List<String> lines = Files.readAllLines(result);
    if (lines.isEmpty()) {
      throw check.ended();
    }
    // What was measured isn't lost where a check ends for want of memory.
    String last = lines.getLast();
    JsonNode printed =
        last.startsWith("{") ? new ObjectMapper().readTree(last) : TextNode.valueOf(last);
    return new FinalCheck(printed, check.exitValue() == 0);
  }
}
