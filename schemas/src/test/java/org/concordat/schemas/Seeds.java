package org.concordat.schemas;

import java.util.Random;

/** The seed of random tests: {@code -Dconcordat.seed=}, 1 if it isn't set. */
public final class Seeds {
  private Seeds() {}

  public static long seed() {
    String seed = System.getProperty("concordat.seed", "");
    return seed.isEmpty() || seed.startsWith("${") ? 1 : Long.parseLong(seed);
  }

  /** A generator of its own for each test that names itself. */
  public static Random random(String test) {
    return new Random(seed() * 31 + test.hashCode());
  }
}
