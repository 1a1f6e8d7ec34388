package org.concordat.aggregator.mpc;

/** The tests' seed: {@code -Dconcordat.seed=}, 1 if unset. */
public final class Seeds {
  private Seeds() {}

  public static long seed() {
    String seed = System.getProperty("concordat.seed", "");
    return seed.isEmpty() || seed.startsWith("$") ? 1 : Long.parseLong(seed);
  }
}
