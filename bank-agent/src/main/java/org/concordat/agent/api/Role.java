package org.concordat.agent.api;

/** What a token's holder may do. */
public enum Role {
  /** Hand in transactions, and ask what became of them. */
  INGEST,
  /** Work with alerts. */
  ANALYST,
  /** Read what others did. */
  AUDITOR
}
