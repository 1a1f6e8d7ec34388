package org.concordat.agent.desk;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.concordat.agent.store.TakenNotice;

/** Items and groups as the API shows them. */
final class ItemJson {
  private final Function<String, List<TakenNotice>> notices;

  /**
   * @param notices what was said later of the payment with a reference
   */
  ItemJson(Function<String, List<TakenNotice>> notices) {
    this.notices = notices;
  }

  /** What a list shows of an item: one line of a table. */
  JsonObject line(Seen seen) {
    return line(seen, said(seen));
  }

  private List<TakenNotice> said(Seen seen) {
    return notices.apply(seen.item().transaction().getString("reference"));
  }

  private static JsonObject line(Seen seen, List<TakenNotice> said) {
    Item item = seen.item();
    var reasons = new JsonArray();
    var rules = new JsonArray();
    for (ItemAlert alert : item.alerts()) {
      rules.add(alert.rule());
      if (alert.reasons().isEmpty()) {
        reasons.add(alert.title());
      }
      alert.reasons().forEach(reason -> reasons.add(((JsonObject) reason).getString("text")));
    }
    var json =
        new JsonObject()
            .put("id", item.id())
            .put("group", item.group())
            .put("state", seen.state().label())
            .put("priority", item.priority().name().toLowerCase(Locale.ROOT))
            .put("reference", item.transaction().getString("reference"))
            .put("eventAt", item.transaction().getString("eventAt"))
            .put("firstAlertAt", at(item.arrivedMillis()))
            .put("lastAlertAt", at(item.lastMillis()))
            .put("verified", item.alerts().stream().allMatch(ItemAlert::isVerified))
            .put("rules", rules)
            .put("reasons", reasons);
    if (!item.account().isEmpty()) {
      json.put("account", item.account());
    }
    item.verdict().ifPresent(verdict -> json.put("verdict", verdict.finding().label()));
    if (!said.isEmpty()) {
      json.put("paymentStatus", said.getLast().notice().kind().status());
    }
    return json;
  }

  private static String at(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  /** All of an item. */
  JsonObject whole(Seen seen) {
    var alerts = new JsonArray();
    seen.item().alerts().forEach(alert -> alerts.add(alert.shown()));
    var verdicts = new JsonArray();
    seen.item().verdicts().forEach(verdict -> verdicts.add(verdict.json()));
    List<TakenNotice> said = said(seen);
    JsonObject json =
        line(seen, said)
            .put("transaction", seen.item().transaction())
            .put("alerts", alerts)
            .put("verdicts", verdicts);
    if (!said.isEmpty()) {
      json.put("notices", new JsonArray(said.stream().map(TakenNotice::shown).toList()));
    }
    return json;
  }

  JsonArray lines(List<Seen> items) {
    var array = new JsonArray();
    items.forEach(seen -> array.add(line(seen)));
    return array;
  }

  /** What a list shows of a group. */
  static JsonObject group(SeenGroup group) {
    List<Entry> members = group.members();
    var counts = new JsonObject();
    for (State state : State.values()) {
      counts.put(state.label(), group.states().getOrDefault(state, 0L));
    }
    var json =
        new JsonObject()
            .put("id", group.id())
            .put("items", members.size())
            .put("states", counts)
            .put(
                "priority",
                members.stream()
                    .map(entry -> entry.priority)
                    .max(Comparable::compareTo)
                    .orElseThrow()
                    .name()
                    .toLowerCase(Locale.ROOT))
            .put("fromAt", at(members.stream().mapToLong(e -> e.eventMillis).min().orElse(0)))
            .put("toAt", at(members.stream().mapToLong(e -> e.eventMillis).max().orElse(0)));
    if (!group.account().isEmpty()) {
      json.put("account", group.account());
    }
    return json;
  }
}
