package org.concordat.aggregator.mpc;

/**
 * One flight or random draw of an attempt. All parties number the steps of an attempt alike; the
 * number separates masks and routes messages.
 *
 * @param number from 0, ascending within an attempt
 * @param path for people, such as {@code pass0/round3/and}
 */
public record Step(int number, String path) {
  public Step {
    if (number < 0) {
      throw new IllegalArgumentException("number");
    }
  }
}
