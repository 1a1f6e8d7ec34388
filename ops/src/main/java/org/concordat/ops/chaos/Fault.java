package org.concordat.ops.chaos;

import java.util.Optional;

/**
 * A fault as it is planned.
 *
 * @param target a process; for a link both its ends with a slash between, for an agent's or
 *     aggregator's brokers its name alone where all of them are cut off
 * @param mode of a link
 * @param dueMillis from the start of the run; later if the fault before isn't over
 * @param lastsMillis until it is undone: restarted, resumed, healed
 * @param aimed whether it waits for a batch that is prepared and not committed
 */
record Fault(
    int number,
    FaultKind kind,
    String target,
    Optional<LinkMode> mode,
    long dueMillis,
    long lastsMillis,
    boolean aimed) {
  /** The first of a target's names. */
  String party() {
    return target.split("/", 2)[0];
  }

  String describe() {
    return kind.label() + " " + target + mode.map(m -> " " + m.label()).orElse("");
  }
}
