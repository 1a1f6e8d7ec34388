package org.concordat.agent.store;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** A notice, and when the agent took it. */
public record TakenNotice(Notice notice, long takenMillis) {
  /** As {@link Notice#shown}. */
  public Map<String, Object> shown() {
    Map<String, Object> shown = new LinkedHashMap<>(notice.shown());
    shown.put("takenAt", Instant.ofEpochMilli(takenMillis).toString());
    return shown;
  }
}
