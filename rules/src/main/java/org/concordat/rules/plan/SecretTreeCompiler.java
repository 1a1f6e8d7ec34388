package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.model.SecretTreeScore;
import org.concordat.rules.plan.PlanBuilder.OverflowException;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;

/**
 * Compiles scores of secret trees. Nothing is known of the trees but their declared shape, which
 * {@link TreeTables} lays out; leaves are unsigned codes of the declared width, so no sum of them
 * overflows whatever a publisher shares.
 */
final class SecretTreeCompiler {
  /** Of all rules together: they go out in one flight, beside those of other rules. */
  private static final long SELECTIONS_MAX = 2L * TreeTables.ROWS_MAX;

  private final PlanBuilder builder;
  private final FeatureNodes features;
  private final Problems problems;
  private long selections;

  SecretTreeCompiler(PlanBuilder builder, FeatureNodes features, Problems problems) {
    this.builder = builder;
    this.features = features;
    this.problems = problems;
  }

  /** A score; nothing where it was refused. */
  Optional<ScoreCompiler.Compiled> compile(String rule, SecretTreeScore score) {
    TreeTables tables = tables(score);
    if (!tables.fits()) {
      problems.add(
          Code.CDT_220,
          score.place(),
          "Trees of this shape would need more than "
              + TreeTables.BITS_MAX
              + " secret bits, or "
              + TreeTables.ROWS_MAX
              + " products at once.",
          "Declare fewer trees, less depth, or fewer or narrower features.");
      return Optional.empty();
    }
    selections += tables.selections();
    if (selections > SELECTIONS_MAX) {
      problems.add(
          Code.CDT_220,
          score.place(),
          "Secret trees up to here would need more than " + SELECTIONS_MAX + " products at once.",
          "Declare fewer trees, less depth, or fewer or narrower features.");
      return Optional.empty();
    }
    try {
      return Optional.of(compiled(rule, score, tables));
    } catch (OverflowException e) {
      Compiler.overflow(e, score.place(), problems);
      return Optional.empty();
    }
  }

  /** The shape that a score's trees are brought to. */
  static TreeTables tables(SecretTreeScore score) {
    List<TreeTables.Code> codes =
        score.features().stream()
            .map(each -> new TreeTables.Code(FeatureNodes.codeBits(each), each.optional()))
            .toList();
    return TreeTables.cheapest(score.trees(), score.depth(), score.leafBits(), codes);
  }

  /** What is taken off the sum of all leaves' codes: leaves may be negative. */
  static BigInteger offset(SecretTreeScore score) {
    return BigInteger.valueOf(score.trees()).shiftLeft(score.leafBits() - 1);
  }

  private ScoreCompiler.Compiled compiled(String rule, SecretTreeScore score, TreeTables tables)
      throws OverflowException {
    BigInteger leafMax = BigInteger.ONE.shiftLeft(score.leafBits()).subtract(BigInteger.ONE);
    BigInteger max = leafMax.multiply(BigInteger.valueOf(score.trees()));
    if (max.bitLength() > TreeCompiler.SUM_BITS_MAX) {
      throw new OverflowException(max.bitLength());
    }
    List<Integer> inputs = new ArrayList<>();
    for (Feature feature : score.features()) {
      inputs.add(features.code(feature));
    }
    for (Feature feature : score.features()) {
      if (feature.optional()) {
        inputs.add(features.missing(feature));
      }
    }
    var model = SecretModel.ofBits(rule, score.publisher(), tables.words());
    int sum = builder.secretForest(model, tables, inputs, max.bitLength());
    long scale = TreeCompiler.scale(score.step(), score.trees());
    BigInteger threshold =
        score
            .threshold()
            .map(bound -> Compiler.ceil(bound.multiply(BigDecimal.valueOf(scale))))
            .orElse(BigInteger.ZERO);
    BigInteger offset = offset(score);
    if (threshold.bitLength() > TreeCompiler.SUM_BITS_MAX) {
      throw new OverflowException(threshold.bitLength());
    }
    ScoreCompiler.Reaches reaches =
        bound -> builder.atLeast(sum, bound.add(offset), BigInteger.ZERO, max);
    return new ScoreCompiler.Compiled(
        reaches.at(threshold), sum, max.bitLength(), scale, threshold.longValueExact(), reaches);
  }
}
