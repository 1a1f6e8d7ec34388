package org.concordat.schemas.problem;

/**
 * One thing that is wrong, as a person needs it.
 *
 * @param reason what is wrong at this place; holds no secret and no feature value
 * @param fix what to do at this place
 */
public record Problem(Code code, Place place, String reason, String fix) {
  /** The code's own cause and fix at a place. */
  public static Problem of(Code code, Place place) {
    return new Problem(code, place, code.cause(), code.fix());
  }

  @Override
  public String toString() {
    return place + ": " + code.label() + " " + reason + " " + fix;
  }
}
