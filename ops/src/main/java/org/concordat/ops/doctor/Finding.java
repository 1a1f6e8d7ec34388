package org.concordat.ops.doctor;

/**
 * One thing that was looked at.
 *
 * @param fix what to do; empty where nothing is wrong
 */
public record Finding(Level level, String check, String text, String fix) {
  /** How it is. */
  public enum Level {
    OK,
    WARN,
    FAIL
  }

  static Finding ok(String check, String text) {
    return new Finding(Level.OK, check, text, "");
  }

  static Finding warn(String check, String text, String fix) {
    return new Finding(Level.WARN, check, text, fix);
  }

  static Finding fail(String check, String text, String fix) {
    return new Finding(Level.FAIL, check, text, fix);
  }
}
