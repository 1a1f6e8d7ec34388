package org.concordat.ops.chaos;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What is done to a consortium. */
public enum FaultKind {
  /** SIGKILL of an agent, and its restart. */
  AGENT_KILL,
  /** SIGKILL of an aggregator, and its restart. */
  AGGREGATOR_KILL,
  /** SIGKILL of a broker, and its restart. */
  BROKER_KILL,
  /** SIGSTOP of any process, and SIGCONT. */
  FREEZE,
  /** The link between two aggregators breaks. */
  PEER_CUT,
  /** An agent's or aggregator's connections to brokers break. */
  BROKER_CUT,
  /** SIGTERM of any process, and its restart once it has ended. */
  RESTART;

  /** After which a process starts anew without having been told to end. */
  static final Set<FaultKind> KILLS = EnumSet.of(AGENT_KILL, AGGREGATOR_KILL, BROKER_KILL);

  /** As reports name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
