package org.concordat.agent.desk;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;

/**
 * What somebody found out about an item.
 *
 * @param by the name of their token
 * @param note may be empty
 */
public record Verdict(Finding finding, String by, long millis, String note) {
  /** What it was. */
  public enum Finding {
    FRAUD,
    FALSE_ALARM,
    UNSURE;

    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Characters of a note. */
  public static final int NOTE_CHARS_MAX = 500;

  JsonObject json() {
    return new JsonObject()
        .put("verdict", finding.label())
        .put("by", by)
        .put("at", Instant.ofEpochMilli(millis).toString())
        .put("note", note);
  }

  static Verdict of(JsonObject json) {
    String label = json.getString("verdict").toUpperCase(Locale.ROOT).replace('-', '_');
    return new Verdict(
        Finding.valueOf(label),
        json.getString("by"),
        Instant.parse(json.getString("at")).toEpochMilli(),
        json.getString("note"));
  }

  @Override
  public String toString() {
    return "Verdict[" + finding + "]";
  }
}
