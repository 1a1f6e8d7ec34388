package org.concordat.rules.language;

import java.math.BigDecimal;
import java.util.List;
import org.concordat.rules.model.Score;
import org.concordat.rules.model.SecretScore;
import org.concordat.rules.model.SecretTreeScore;
import org.concordat.rules.model.TreeScore;
import org.concordat.schemas.problem.Place;

/**
 * One rule of a rule set.
 *
 * @param name 1 to 64 of [a-z0-9-]
 * @param live false for shadow
 * @param tellsScore whether the bank concerned gets the score of a flagged row
 * @param cuts ascending: whether the score reaches each is what the bank gets of it instead
 * @param reasons what the bank concerned is told of a flagged row
 * @param membersMax earlier records of its paths that are alerted with a flagged row; 0 for none
 * @param place of its name
 */
public record Rule(
    String name,
    String title,
    boolean live,
    Body body,
    boolean tellsScore,
    List<Cut> cuts,
    List<Reason> reasons,
    int membersMax,
    Place place) {
  /** A rule that alerts no earlier records. */
  public Rule(
      String name,
      String title,
      boolean live,
      Body body,
      boolean tellsScore,
      List<Cut> cuts,
      List<Reason> reasons,
      Place place) {
    this(name, title, live, body, tellsScore, cuts, reasons, 0, place);
  }

  /** The code of the reason that an earlier payment of a pattern is alerted with. */
  public static final String EARLIER = "earlier-payment";

  /** Its words. */
  public static final String EARLIER_TEXT =
      "An earlier payment of a pattern that a later one has completed.";

  /** The codes of the reasons that tell a score's band start so; a number from 1 follows. */
  public static final String BAND = "band-";

  /**
   * A public cut point between bands of a score.
   *
   * @param bound in the score's unit, as its threshold
   * @param text as it was written
   */
  public record Cut(BigDecimal bound, String text) {}

  /** What flags. */
  public sealed interface Body {}

  /** Flags where a condition holds. */
  public record ByCondition(Condition condition) implements Body {}

  /** Flags where a score reaches its threshold. */
  public record ByScore(Score score) implements Body {}

  /** Flags where a tree ensemble's score reaches its threshold. */
  public record ByTrees(TreeScore score) implements Body {}

  /** Flags where a score with secret weights reaches its threshold. */
  public record BySecretScore(SecretScore score) implements Body {}

  /** Flags where the score of secret trees reaches its threshold. */
  public record BySecretTrees(SecretTreeScore score) implements Body {}

  /** A condition that may have held, with the words that the bank shows. */
  public record Reason(String code, String text, Condition when) {}
}
