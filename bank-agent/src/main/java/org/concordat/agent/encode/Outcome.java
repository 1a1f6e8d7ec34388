package org.concordat.agent.encode;

import java.util.List;
import org.concordat.agent.store.Id;
import org.concordat.schemas.problem.Problem;

/** What became of a record. */
public sealed interface Outcome {
  /** It is a row that will be scored, under a transaction id. */
  record Accepted(Id transactionId) implements Outcome {}

  /** It was accepted before, with the same content, under this transaction id. */
  record Duplicate(Id transactionId) implements Outcome {}

  /** It says something of another payment, and is kept under an id of its own. */
  record Noted(Id noticeId) implements Outcome {}

  /** It is a dead letter. */
  record Refused(List<Problem> problems) implements Outcome {}
}
