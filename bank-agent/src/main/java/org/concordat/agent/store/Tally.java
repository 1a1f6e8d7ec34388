package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What happened to rows, counted durably.
 *
 * @param reason a code such as CDT-303, or empty
 */
public record Tally(Outcome outcome, String reason) {
  /** The part of the scored rows that were scored in time. A reason, so older releases read it. */
  public static final Tally SCORED_IN_TIME = new Tally(Outcome.SCORED, "in-time");

  /** The part of the accepted rows that filled windows and are never flagged. */
  public static final Tally HISTORY = new Tally(Outcome.ACCEPTED, "history");

  /** The part of the accepted rows that aren't remembered: their event time is too far ahead. */
  public static final Tally HISTORY_AHEAD = new Tally(Outcome.ACCEPTED, "history-ahead");

  /** The part of the accepted rows that aren't wholly remembered: there is no more room. */
  public static final Tally HISTORY_FULL = new Tally(Outcome.ACCEPTED, "history-full");

  private static final String PREFIX = "tally/";

  /** What can happen to a row. A row is accepted, refused or a duplicate; the rest is later. */
  public enum Outcome {
    ACCEPTED,
    REFUSED,
    DUPLICATE,
    SCORED,
    SKIPPED,
    RESUBMITTED
  }

  public static Tally of(Outcome outcome) {
    return new Tally(outcome, "");
  }

  byte[] key() {
    return (PREFIX + outcome + "/" + reason).getBytes(StandardCharsets.UTF_8);
  }

  /** Every tally of a store. */
  static Map<Tally, Long> read(Database db) {
    var tallies = new HashMap<Tally, Long>();
    db.forEachFrom(
        Family.META,
        PREFIX.getBytes(StandardCharsets.UTF_8),
        (key, value) -> {
          var name = new String(key, StandardCharsets.UTF_8);
          if (!name.startsWith(PREFIX)) {
            return false;
          }
          int slash = name.indexOf('/', PREFIX.length());
          Outcome outcome = Outcome.valueOf(name.substring(PREFIX.length(), slash));
          tallies.put(
              new Tally(outcome, name.substring(slash + 1)), ByteBuffer.wrap(value).getLong());
          return true;
        });
    return tallies;
  }
}
