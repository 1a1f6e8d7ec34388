package org.concordat.agent.store;

import java.util.Locale;

/** What the fraud team's desk keeps; the ordinal is the first byte of a stored key. */
public enum DeskTable {
  /** Items, by transaction id. */
  ITEM,
  /** Snoozes, by id. */
  SNOOZE,
  /** Numbers, by name. */
  COUNT,
  /** Who did what, by a running number. */
  AUDIT,
  /** Alerts that not every sink has taken, by a running number. */
  OUTBOX,
  /** Tries of a sink, by a running number. */
  DELIVERY,
  /** How far a sink is, by its name. */
  MARK;

  String kind() {
    return name().toLowerCase(Locale.ROOT);
  }
}
