package org.concordat.agent.desk;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * Mutes alerts for a while: they are kept and counted, and don't stand among the new ones. May name
 * an account: prints its id only.
 */
public final class Snooze {
  /** What is muted. */
  public enum Scope {
    RULE,
    ACCOUNT,
    /** One transaction. */
    ITEM;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Nothing is muted for longer at once. */
  public static final Duration DURATION_MAX = Duration.ofDays(90);

  /** Characters of a reason. */
  public static final int REASON_CHARS_MAX = 500;

  /** Characters of what is muted. */
  public static final int TARGET_CHARS_MAX = 512;

  private final JsonObject json;

  private Snooze(JsonObject json) {
    this.json = json;
  }

  /**
   * @param target the rule, account or item
   * @param by the name of the author's token
   */
  static Snooze begin(
      String id,
      Scope scope,
      String target,
      String by,
      String reason,
      long fromMillis,
      long untilMillis) {
    return new Snooze(
        new JsonObject()
            .put("id", id)
            .put("scope", scope.label())
            .put("target", target)
            .put("by", by)
            .put("reason", reason)
            .put("from", Instant.ofEpochMilli(fromMillis).toString())
            .put("until", Instant.ofEpochMilli(untilMillis).toString())
            .put("muted", 0L));
  }

  static Snooze decode(byte[] bytes) {
    return new Snooze(new JsonObject(Buffer.buffer(bytes)));
  }

  byte[] encode() {
    return json.toBuffer().getBytes();
  }

  public String id() {
    return json.getString("id");
  }

  Scope scope() {
    return Scope.valueOf(json.getString("scope").toUpperCase(Locale.ROOT));
  }

  long untilMillis() {
    return Instant.parse(json.getString("until")).toEpochMilli();
  }

  boolean isInForce(long nowMillis) {
    return nowMillis < untilMillis();
  }

  boolean mutes(String rule, String account, String item) {
    String target = json.getString("target");
    return switch (scope()) {
      case RULE -> rule.equals(target);
      case ACCOUNT -> account.equals(target);
      case ITEM -> item.equals(target);
    };
  }

  /** With so many more alerts that it has muted. */
  Snooze muting(long more) {
    return new Snooze(json.copy().put("muted", json.getLong("muted") + more));
  }

  /** Ended before its time. */
  Snooze ended(String by, long nowMillis) {
    return new Snooze(
        json.copy().put("until", Instant.ofEpochMilli(nowMillis).toString()).put("endedBy", by));
  }

  /** As people see it. */
  JsonObject shown(long nowMillis) {
    return json.copy().put("inForce", isInForce(nowMillis));
  }

  @Override
  public String toString() {
    return "Snooze[" + id() + "]";
  }
}
