package org.concordat.ops.chaos;

import java.util.Locale;

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

  /** As reports name it. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
