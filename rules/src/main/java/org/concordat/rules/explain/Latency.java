package org.concordat.rules.explain;

import java.util.List;
import java.util.Locale;

/**
 * What bounds a batch's latency over some links. Each round is one way: a party sends, and goes on
 * when its peer's message is there.
 *
 * @param bitsPerSecond of a link and direction; 0 where it isn't looked at, like what follows of it
 * @param openingRounds after the plan's: of the flags, and of the shares of what flagged rows tell
 * @param roundsMillis of the plan's rounds and the openings, however fast the links are
 * @param rowsMillis of the bytes of {@link #ROWS} rows
 * @param rowsPerSecond that the links carry
 * @param rule whose operations take the most rounds
 * @param chain of that rule, each operation waiting for the one before it
 */
public record Latency(
    double roundTripMillis,
    long bitsPerSecond,
    int rounds,
    int openingRounds,
    double roundsMillis,
    double rowsMillis,
    double rowsPerSecond,
    String rule,
    List<Part> chain) {
  /** Of a full block. */
  public static final int ROWS = 1_024;

  private static final int OPENING_ROUNDS = 2;

  /** Rounds that an operation adds to a chain. */
  public record Part(String operation, int rounds) {}

  static Latency of(Network network, Cost total, String rule, List<Part> chain) {
    double oneWay = network.roundTripMillis() / 2;
    double perSecond = network.bitsPerSecond() / (total.bytesSent() * Byte.SIZE);
    return new Latency(
        network.roundTripMillis(),
        network.bitsPerSecond(),
        total.rounds(),
        OPENING_ROUNDS,
        (total.rounds() + OPENING_ROUNDS) * oneWay,
        perSecond > 0 ? 1_000 * ROWS / perSecond : 0,
        perSecond,
        rule,
        List.copyOf(chain));
  }

  String text() {
    var text = new StringBuilder();
    text.append(line("\nLatency of a batch at a round trip of %s ms\n", number(roundTripMillis)));
    text.append(
        line(
            "  %d rounds, and %d that open flags and details, each one way: %s ms\n",
            rounds, openingRounds, number(roundsMillis)));
    if (bitsPerSecond > 0) {
      text.append(
          line(
              "  bytes of %d rows at %s Mbit/s: %s ms; the links carry at most %.0f rows a"
                  + " second\n",
              ROWS, number(bitsPerSecond / 1e6), number(rowsMillis), Math.floor(rowsPerSecond)));
      boolean isSlow = rowsMillis > roundsMillis;
      text.append(
          line("  bound by the %s\n", isSlow ? "bytes: widen the links" : "rounds, not the bytes"));
    }
    text.append(line("  the longest chain is that of rule '%s':\n", rule));
    for (Part part : chain) {
      text.append(line("    %3d  %s\n", part.rounds, part.operation));
    }
    text.append(
        """
          Waiting for a batch to fill, reading and committing it come on top. Batches in flight
          at the same time wait side by side, so the round trip doesn't bound throughput.
        """);
    return text.toString();
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static String number(double value) {
    String text = line("%.2f", value);
    return text.endsWith(".00") ? text.substring(0, text.length() - 3) : text;
  }
}
