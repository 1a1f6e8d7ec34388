package org.concordat.agent.rest;

import java.util.List;
import org.concordat.agent.encode.Outcome;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.Answer;

/** How a body of one kind becomes records, and what became of them an answer. */
public interface BodyFormat {
  /**
   * The records of a body, at least one.
   *
   * @throws org.concordat.agent.api.ApiProblem the body can't be taken as a whole
   */
  List<SourceRecord> read(byte[] body);

  /** The answer, with an outcome for each record. */
  Answer answer(List<Outcome> outcomes);
}
