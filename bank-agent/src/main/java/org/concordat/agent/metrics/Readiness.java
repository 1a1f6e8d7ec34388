package org.concordat.agent.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.concordat.schemas.problem.Code;

/**
 * Whether the agent can take a row and make it durable, and every reason why not. What aggregators
 * do and whether they score is not part of it.
 */
public final class Readiness {
  /**
   * One unmet condition.
   *
   * @param waitsFor whom or what the agent waits for; may be empty
   */
  public record Reason(Code code, String text, String waitsFor) {}

  private final List<Supplier<List<Reason>>> conditions = new CopyOnWriteArrayList<>();

  /** Adds a condition: no reason means that it is met. */
  public void add(Supplier<List<Reason>> condition) {
    conditions.add(condition);
  }

  public List<Reason> reasons() {
    var reasons = new ArrayList<Reason>();
    conditions.forEach(condition -> reasons.addAll(condition.get()));
    return reasons;
  }
}
