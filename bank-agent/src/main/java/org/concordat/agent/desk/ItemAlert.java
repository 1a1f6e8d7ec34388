package org.concordat.agent.desk;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.concordat.agent.config.DeskConfig.Priority;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.Verification;

/** One rule's alert of an item. Holds a score: prints its rule only. */
final class ItemAlert {
  /** So many contributions are shown. */
  static final int CONTRIBUTIONS_MAX = 5;

  private static final String EVIDENCE = "evidence";

  private final JsonObject json;

  private ItemAlert(JsonObject json) {
    this.json = json;
  }

  static ItemAlert of(JsonObject json) {
    return new ItemAlert(json);
  }

  /**
   * @param mutedBy a snooze, or empty
   */
  static ItemAlert of(Arrival arrival, Priority priority, boolean overBudget, String mutedBy) {
    Alert alert = arrival.alert();
    var json =
        new JsonObject()
            .put("id", alert.getId())
            .put("rule", alert.getRule())
            .put("title", alert.getRuleTitle())
            .put("ruleSet", alert.getRuleSet())
            .put("ruleSetVersion", alert.getRuleSetVersion())
            .put("priority", priority.name())
            .put("verified", alert.getVerification() == Verification.VERIFIED)
            .put("overBudget", overBudget)
            .put("committedAt", Instant.ofEpochMilli(alert.getCommittedMillis()).toString())
            .put("deliveredAt", Instant.ofEpochMilli(alert.getDeliveredMillis()).toString());
    if (alert.getScore() != null) {
      json.put("score", alert.getScore()).put("threshold", alert.getThreshold());
    }
    var reasons = new JsonArray();
    alert
        .getReasons()
        .forEach(
            reason ->
                reasons.add(
                    new JsonObject().put("code", reason.getCode()).put("text", reason.getText())));
    json.put("reasons", reasons);
    if (!arrival.contributions().isEmpty()) {
      json.put("contributions", top(arrival.contributions()));
    }
    if (!mutedBy.isEmpty()) {
      json.put("mutedBy", mutedBy);
    }
    if (!arrival.evidence().isEmpty()) {
      json.put(EVIDENCE, arrival.evidence());
    }
    return new ItemAlert(json);
  }

  private static JsonArray top(List<Arrival.Contribution> contributions) {
    var top = new JsonArray();
    contributions.stream()
        .filter(part -> !part.feature().isEmpty())
        .sorted(
            Comparator.comparing((Arrival.Contribution part) -> new BigDecimal(part.points()).abs())
                .reversed())
        .limit(CONTRIBUTIONS_MAX)
        .filter(part -> new BigDecimal(part.points()).signum() != 0)
        .forEach(
            part ->
                top.add(
                    new JsonObject().put("feature", part.feature()).put("points", part.points())));
    return top;
  }

  String id() {
    return json.getString("id");
  }

  String rule() {
    return json.getString("rule");
  }

  Priority priority() {
    return Priority.valueOf(json.getString("priority"));
  }

  boolean isVerified() {
    return json.getBoolean("verified");
  }

  boolean isOverBudget() {
    return json.getBoolean("overBudget");
  }

  JsonArray reasons() {
    return json.getJsonArray("reasons");
  }

  String title() {
    return json.getString("title");
  }

  /** Against which a later share is held; empty where none is waited for. */
  String evidence() {
    return json.getString(EVIDENCE, "");
  }

  /** The same, after the last share came and fits. */
  ItemAlert verified() {
    JsonObject copy = json.copy().put("verified", true);
    copy.remove(EVIDENCE);
    return new ItemAlert(copy);
  }

  /** As it is stored. */
  JsonObject stored() {
    return json;
  }

  /** As people see it. */
  JsonObject shown() {
    JsonObject copy = json.copy();
    copy.remove(EVIDENCE);
    return copy.put("priority", priority().name().toLowerCase(java.util.Locale.ROOT));
  }

  @Override
  public String toString() {
    return "ItemAlert[" + rule() + "]";
  }
}
