package org.concordat.rules.link;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * For each rule the places of records whose alert has been sent, so that one arrives once however
 * many patterns a record is part of. Used by one thread at a time.
 */
public final class Alerted {
  /** Of a rule; beyond it the earliest records are forgotten, and readers drop what comes twice. */
  static final int PLACES_MAX = 1 << 17;

  private final Map<String, TreeSet<Long>> places = new HashMap<>();

  public boolean contains(String rule, long place) {
    TreeSet<Long> of = places.get(rule);
    return of != null && of.contains(place);
  }

  public void add(String rule, long place) {
    TreeSet<Long> of = places.computeIfAbsent(rule, r -> new TreeSet<>());
    of.add(place);
    if (of.size() > PLACES_MAX) {
      of.pollFirst();
    }
  }

  /** All of them, by rule; a view. */
  public Map<String, Set<Long>> all() {
    return Collections.unmodifiableMap(places);
  }

  @Override
  public String toString() {
    return "Alerted[rules=" + places.size() + "]";
  }
}
