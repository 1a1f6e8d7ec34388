package org.concordat.agent.iso;

import java.util.List;
import org.concordat.agent.store.Notice;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/** What is read of one transaction of a message. Holds plaintext. */
sealed interface Transaction permits Transfer, LaterNotice {
  /** What the message says under a path, or of an amount's currency. */
  void put(String path, String text);

  /** Why it can't be taken whatever the mapping; null if it can. */
  @Nullable Code refusal();

  List<String> cells(List<IsoField> fields);

  /** What it says of another payment; null where it is a payment itself. */
  @Nullable Notice notice();
}
