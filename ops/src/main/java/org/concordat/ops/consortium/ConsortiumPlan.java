package org.concordat.ops.consortium;

import java.nio.file.Path;
import java.util.List;
import org.concordat.schemas.identity.Charter.Mode;

/**
 * What a consortium is made of before it has keys.
 *
 * @param banks names, in charter order
 * @param aggregators names of three
 * @param ruleSet folder of an unsigned rule set; it is copied and signed by the quorum
 * @param ports of the broker (clients, controller), of the aggregators' peer links, in order
 */
public record ConsortiumPlan(
    String name,
    Mode mode,
    List<String> banks,
    List<String> aggregators,
    int partitions,
    int quorum,
    Path ruleSet,
    Ports ports) {
  /** Loopback ports; an HTTP port of 0 means any free one. */
  public record Ports(
      int broker, int controller, List<Integer> peers, List<Integer> aggregatorHttp) {}
}
