package org.concordat.agent.ingest;

import java.util.List;
import org.concordat.schemas.problem.Place;

/** How the body of one message becomes a record. Has no state: any thread may ask. */
public interface MessageFormat {
  /** What the cells of a record are, in their order. */
  List<String> columns();

  /** The record, or why there is none. */
  SourceRecord read(byte[] body, Place place);
}
