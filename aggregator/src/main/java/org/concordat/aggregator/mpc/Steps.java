package org.concordat.aggregator.mpc;

/** Numbers the steps of one attempt, from 0, in the order in which its code asks for them. */
public final class Steps {
  private int next;

  public Step next(String path) {
    Step step = new Step(next, path);
    next = Math.incrementExact(next);
    return step;
  }
}
