package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.model.Score;
import org.concordat.rules.model.WeightedSum;
import org.concordat.rules.plan.PlanBuilder.OverflowException;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * Compiles scores to a sum and its comparison with the threshold.
 *
 * <p>The scale is the smallest at which rounded weights move the score by at most half a step,
 * wherever the features lie in their ranges; a finer scale would cost wider comparisons. Where none
 * does that within a word, it is the finest that fits, with a warning.
 */
final class ScoreCompiler {
  private static final BigDecimal HALF = new BigDecimal("0.5");

  private final PlanBuilder builder;
  private final SumCompiler sums;
  private final Problems problems;
  private final List<Problem> warnings;

  ScoreCompiler(PlanBuilder builder, SumCompiler sums, Problems problems, List<Problem> warnings) {
    this.builder = builder;
    this.sums = sums;
    this.problems = problems;
    this.warnings = warnings;
  }

  /** Whether a score reaches a bound. */
  interface Reaches {
    /**
     * @param bound times the score's scale
     */
    Bit at(BigInteger bound) throws OverflowException;
  }

  /**
   * A score's nodes.
   *
   * @param node the score times its scale
   * @param threshold the smallest flagged value of the node
   */
  record Compiled(Bit flag, int node, int widthBits, long scale, long threshold, Reaches reaches) {}

  /** A score; nothing where it was refused. */
  Optional<Compiled> compile(Score score) {
    try {
      BigDecimal scale = scale(score);
      Compiled compiled = at(score, scale);
      Compiler.warnKnown(compiled.flag(), score.place(), warnings);
      BigDecimal error = SumCompiler.roundingErrorMax(score.sum(), scale);
      if (error.compareTo(score.step()) > 0) {
        warnings.add(
            new Problem(
                Code.CDT_233,
                score.place(),
                "At the ends of the declared ranges the score can be off by "
                    + error.round(new MathContext(2)).toPlainString()
                    + ", its step is "
                    + score.step().toPlainString()
                    + ".",
                Code.CDT_233.fix()));
      }
      return Optional.of(compiled);
    } catch (OverflowException e) {
      Compiler.overflow(e, score.place(), problems);
      return Optional.empty();
    }
  }

  private BigDecimal scale(Score score) throws OverflowException {
    BigDecimal base =
        score.step().unscaledValue().bitLength() == 1 ? BigDecimal.TEN : BigDecimal.TWO;
    BigDecimal scale = BigDecimal.ONE.divide(score.step());
    BigDecimal enough = score.step().multiply(HALF);
    // Fails at the coarsest scale already if none fits.
    at(score, scale);
    while (SumCompiler.roundingErrorMax(score.sum(), scale).compareTo(enough) > 0) {
      BigDecimal finer = scale.multiply(base);
      if (finer.toBigInteger().bitLength() > Long.SIZE - 2 || !fits(score, finer)) {
        return scale;
      }
      scale = finer;
    }
    return scale;
  }

  private boolean fits(Score score, BigDecimal scale) {
    try {
      at(score, scale);
      return true;
    } catch (OverflowException e) {
      return false;
    }
  }

  private Compiled at(Score score, BigDecimal scale) throws OverflowException {
    WeightedSum sum = score.sum();
    LinearForm form = sums.form(sum, scale);
    BigInteger threshold = Compiler.ceil(score.threshold().multiply(scale));
    int node = builder.sum(form);
    Reaches reaches = bound -> builder.not(builder.negative(form.plus(bound.negate())));
    int told = form.max().subtract(form.min()).bitLength();
    return new Compiled(
        reaches.at(threshold),
        node,
        told,
        scale.longValueExact(),
        threshold.longValueExact(),
        reaches);
  }
}
