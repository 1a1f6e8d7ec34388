package org.concordat.agent.store;

import java.nio.file.Path;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;

/**
 * The store's disk has no room. What the store has taken is on the disk; the write that failed is
 * in no part to be relied on until the store is opened again.
 */
public final class StoreFullException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public StoreFullException(Path folder, Exception cause) {
    super(Code.CDT_350.cause(), cause);
    this.problem = Problem.of(Code.CDT_350, Place.of(folder.toString()));
  }

  /** For the person who can make room. */
  public Problem problem() {
    return problem;
  }
}
