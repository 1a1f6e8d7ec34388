package org.concordat.agent.desk;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.concordat.agent.config.DeskConfig.Priority;
import org.concordat.agent.store.JournalRow;

/**
 * All that is known of one flagged transaction: each rule's alert, the bank's own row, verdicts. It
 * has the id of its transaction. Immutable; holds plaintext, prints its id only.
 */
public final class Item {
  private final String id;
  private final String group;
  private final String account;
  private final long number;
  private final long change;
  private final long eventMillis;
  private final long arrivedMillis;
  private final long lastMillis;
  private final JsonObject transaction;
  private final List<ItemAlert> alerts;
  private final List<Verdict> verdicts;

  private Item(
      JsonObject head, JsonObject transaction, List<ItemAlert> alerts, List<Verdict> verdicts) {
    this.id = head.getString("id");
    this.group = head.getString("group");
    this.account = head.getString("account");
    this.number = head.getLong("number");
    this.change = head.getLong("change");
    this.eventMillis = head.getLong("eventMillis");
    this.arrivedMillis = head.getLong("arrivedMillis");
    this.lastMillis = head.getLong("lastMillis");
    this.transaction = transaction;
    this.alerts = List.copyOf(alerts);
    this.verdicts = List.copyOf(verdicts);
  }

  /** An item without an alert yet. */
  static Item begin(Arrival arrival, String group, long number, long nowMillis) {
    JournalRow row = arrival.row();
    var features = new JsonArray();
    arrival
        .features()
        .forEach(
            value ->
                features.add(
                    new JsonObject()
                        .put("feature", value.feature())
                        .put("value", value.text())
                        .put("unit", value.unit())));
    var transaction =
        new JsonObject()
            .put("reference", row.reference())
            .put("eventAt", Instant.ofEpochMilli(row.eventMillis()).toString())
            .put("acceptedAt", Instant.ofEpochMilli(row.acceptedMillis()).toString())
            .put("features", features);
    var head =
        new JsonObject()
            .put("id", idOf(row))
            .put("group", group)
            .put("account", row.account())
            .put("number", number)
            .put("change", number)
            .put("eventMillis", row.eventMillis())
            .put("arrivedMillis", nowMillis)
            .put("lastMillis", nowMillis);
    return new Item(head, transaction, List.of(), List.of());
  }

  static String idOf(JournalRow row) {
    return HexFormat.of().formatHex(row.transactionId());
  }

  static Item decode(byte[] bytes) {
    var json = new JsonObject(Buffer.buffer(bytes));
    List<ItemAlert> alerts = new ArrayList<>();
    json.getJsonArray("alerts").forEach(each -> alerts.add(ItemAlert.of((JsonObject) each)));
    List<Verdict> verdicts = new ArrayList<>();
    json.getJsonArray("verdicts").forEach(each -> verdicts.add(Verdict.of((JsonObject) each)));
    return new Item(json, json.getJsonObject("transaction"), alerts, verdicts);
  }

  byte[] encode() {
    var stored = new JsonArray();
    alerts.forEach(alert -> stored.add(alert.stored()));
    var given = new JsonArray();
    verdicts.forEach(verdict -> given.add(verdict.json()));
    return head(change, lastMillis)
        .put("transaction", transaction)
        .put("alerts", stored)
        .put("verdicts", given)
        .toBuffer()
        .getBytes();
  }

  private JsonObject head(long changed, long last) {
    return new JsonObject()
        .put("id", id)
        .put("group", group)
        .put("account", account)
        .put("number", number)
        .put("change", changed)
        .put("eventMillis", eventMillis)
        .put("arrivedMillis", arrivedMillis)
        .put("lastMillis", last);
  }

  /** With one more rule's alert. */
  Item with(ItemAlert alert, long changed, long nowMillis) {
    List<ItemAlert> more = new ArrayList<>(alerts);
    more.add(alert);
    return new Item(head(changed, nowMillis), transaction, more, verdicts);
  }

  /** With a verdict that holds from now on. */
  Item with(Verdict verdict) {
    List<Verdict> more = new ArrayList<>(verdicts);
    more.add(verdict);
    return new Item(head(change, lastMillis), transaction, alerts, more);
  }

  /** With one alert in the place of the one with the same id. */
  Item replacing(ItemAlert alert, long changed) {
    List<ItemAlert> all =
        alerts.stream().map(old -> old.id().equals(alert.id()) ? alert : old).toList();
    return new Item(head(changed, lastMillis), transaction, all, verdicts);
  }

  public String id() {
    return id;
  }

  /** The group's id, which is the id of its first member. */
  public String group() {
    return group;
  }

  /** Empty where the source doesn't say. */
  String account() {
    return account;
  }

  /** Rises with the order in which items came. */
  long number() {
    return number;
  }

  /** Rises with every alert that comes; the last of this item. */
  long change() {
    return change;
  }

  long eventMillis() {
    return eventMillis;
  }

  /** When its last alert came. */
  long lastMillis() {
    return lastMillis;
  }

  long arrivedMillis() {
    return arrivedMillis;
  }

  List<ItemAlert> alerts() {
    return alerts;
  }

  Optional<ItemAlert> alert(String alertId) {
    return alerts.stream().filter(alert -> alert.id().equals(alertId)).findFirst();
  }

  List<Verdict> verdicts() {
    return verdicts;
  }

  Optional<Verdict> verdict() {
    return verdicts.isEmpty() ? Optional.empty() : Optional.of(verdicts.getLast());
  }

  /** The highest of its rules. */
  Priority priority() {
    return alerts.stream().map(ItemAlert::priority).max(Priority::compareTo).orElse(Priority.LOW);
  }

  /** The bank's own row. */
  JsonObject transaction() {
    return transaction;
  }

  @Override
  public String toString() {
    return "Item[" + id + "]";
  }
}
