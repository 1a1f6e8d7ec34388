package org.concordat.rules.model.tree;

import java.util.List;
import java.util.SortedSet;

/**
 * Trees whose chosen leaves add up to a score.
 *
 * @param features by index, as the tool names them
 * @param base added once, after any division
 * @param averages whether the leaves' sum is divided by the number of trees
 * @param logitSlope a probability's logit is the score times this; 0 where the score is no logit
 */
public record TreeModel(
    List<String> features, List<Tree> trees, double base, boolean averages, double logitSlope) {
  /** Trees of one model. */
  public static final int TREES_MAX = 10_000;

  /** Inner nodes of one model's trees together. */
  public static final int NODES_MAX = 100_000;

  /** Tests on the way to a leaf. */
  public static final int DEPTH_MAX = 64;

  /** Features of one model. */
  public static final int FEATURES_MAX = 4_096;

  /** Bytes of a file. */
  public static final int BYTES_MAX = 64 << 20;

  public TreeModel {
    features = List.copyOf(features);
    trees = List.copyOf(trees);
  }

  /**
   * One tree. A child is an inner node's index or, below 0, {@code -1 - leaf}.
   *
   * @param splits inner nodes; the first is the root; none where there is one leaf
   * @param leaves values
   * @param leafIds by leaf: the number that the tool gives it
   */
  public record Tree(List<Split> splits, List<Double> leaves, List<Integer> leafIds) {
    public Tree {
      splits = List.copyOf(splits);
      leaves = List.copyOf(leaves);
      leafIds = List.copyOf(leafIds);
    }
  }

  /**
   * An inner node.
   *
   * @param feature index
   * @param missing what a missing value does
   */
  public record Split(int feature, Test test, Missing missing, int left, int right) {}

  /** What sends a row to the left. */
  public sealed interface Test {
    /** Whether a value that is there goes left. */
    boolean goesLeft(double value);
  }

  /** XGBoost and ONNX: value and bound as floats, {@code value < bound}. */
  public record BelowFloat(float bound) implements Test {
    @Override
    public boolean goesLeft(double value) {
      return (float) value < bound;
    }
  }

  /** ONNX: value and bound as floats, {@code value <= bound}. */
  public record AtMostFloat(float bound) implements Test {
    @Override
    public boolean goesLeft(double value) {
      return (float) value <= bound;
    }
  }

  /** ONNX: value and bound as floats, {@code value == bound}. */
  public record EqualFloat(float bound) implements Test {
    @Override
    public boolean goesLeft(double value) {
      return (float) value == bound;
    }
  }

  /** LightGBM: {@code value <= bound}. */
  public record AtMost(double bound) implements Test {
    @Override
    public boolean goesLeft(double value) {
      return value <= bound;
    }
  }

  /**
   * The value's integer part is one of some categories, or none of them.
   *
   * @param categories at least 0
   */
  public record Member(SortedSet<Integer> categories, boolean listedGoLeft) implements Test {
    @Override
    public boolean goesLeft(double value) {
      return (value >= 0 && categories.contains((int) value)) == listedGoLeft;
    }
  }

  /** What a missing value does, and whether a zero counts as missing. */
  public enum Missing {
    LEFT(true, false),
    RIGHT(false, false),
    /** As a zero would. */
    AS_ZERO(false, false),
    ZERO_TOO_LEFT(true, true),
    ZERO_TOO_RIGHT(false, true);

    private final boolean left;
    private final boolean zeroToo;

    Missing(boolean left, boolean zeroToo) {
      this.left = left;
      this.zeroToo = zeroToo;
    }

    /** Whether zero goes where missing values go, whatever the test says. */
    public boolean zeroToo() {
      return zeroToo;
    }

    /** Whether a missing value goes left at a test. */
    public boolean goesLeft(Test test) {
      return this == AS_ZERO ? test.goesLeft(0) : left;
    }
  }
}
