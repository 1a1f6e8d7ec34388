package org.concordat.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;

/**
 * What {@code concordat check} says of a consortium, as a process of its own.
 *
 * @param printed its report; its last words where it ended without one
 * @param holds whether the alerts are the oracle's and every row is accounted for
 */
record FinalCheck(JsonNode printed, boolean holds) {
  /**
   * Checks a consortium whose broker runs.
   *
   * @param megabytes the most that its heap may take
   */
  static FinalCheck of(Consortium consortium, int megabytes)
      throws IOException, InterruptedException {
    Role check = consortium.check(megabytes);
    String last = check.lastLine();
    if (last.isEmpty()) {
      throw check.ended();
    }
    // What was measured isn't lost where a check ends for want of memory.
    JsonNode printed =
        last.startsWith("{") ? new ObjectMapper().readTree(last) : TextNode.valueOf(last);
    return new FinalCheck(printed, check.exitValue() == 0);
  }
}
