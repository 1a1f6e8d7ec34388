package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.model.Score;
import org.concordat.rules.model.SecretTreeScore;
import org.concordat.rules.model.tree.TreeFile;
import org.concordat.rules.model.tree.TreeModel;
import org.concordat.rules.model.tree.TreeModel.Split;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * A publisher's own trees as the bits that its rule's plan takes. Every tree is completed to the
 * declared depth: below a leaf that comes earlier all leaves have its value, whatever the tests
 * there say. The base score, and a secret threshold, are dealt out to the trees' leaves.
 */
public final class SecretTreeValues {
  private static final int AVERAGE_DECIMALS = 40;

  /** Stands for a tree that the model lacks. */
  private static final TreeModel.Tree NONE =
      new TreeModel.Tree(List.of(), List.of(0.0), List.of(0));

  private final SecretTreeScore score;
  private final BigDecimal scale;
  private final TreeTables tables;
  private final String file;
  private final Problems problems;
  private final long[] words;
  private final Map<Integer, Integer> offered = new HashMap<>();

  private SecretTreeValues(SecretTreeScore score, String file, Problems problems) {
    this.score = score;
    this.scale = BigDecimal.valueOf(TreeCompiler.scale(score.step(), score.trees()));
    this.tables = SecretTreeCompiler.tables(score);
    this.file = file;
    this.problems = problems;
    this.words = new long[tables.words()];
  }

  /**
   * Reads a model file.
   *
   * @param threshold in the score's unit, of a logistic score a probability; given exactly where
   *     the rule says that it is secret
   * @return the bits of the plan's {@link TreeTables}; nothing where {@code problems} has grown
   */
  public static Optional<long[]> read(
      SecretTreeScore score, Path file, Optional<BigDecimal> threshold, Problems problems) {
    Place place = Place.of(file.toString());
    if (!SecretValues.isGiven(score.threshold(), threshold, place, problems)
        || (score.kind() != Score.Kind.LINEAR
            && !SecretValues.isProbability(threshold, place, problems))) {
      return Optional.empty();
    }
    int before = problems.list().size();
    return TreeFile.read(SourceFile.read(file), problems)
        .flatMap(
            model -> {
              var values = new SecretTreeValues(score, file.toString(), problems);
              values.write(model, threshold);
              return problems.list().size() > before ? Optional.empty() : Optional.of(values.words);
            });
  }

  private void write(TreeModel model, Optional<BigDecimal> threshold) {
    boolean isLogit = model.logitSlope() != 0;
    if (isLogit != (score.kind() == Score.Kind.LOGISTIC)) {
      add(
          file,
          isLogit ? "The model gives probabilities." : "The model gives no probabilities.",
          "Write 'probability: " + isLogit + "' in the rule, or give another model.");
    }
    if (model.trees().size() > score.trees()) {
      add(
          file,
          "The model has "
              + model.trees().size()
              + " trees; the rule declares "
              + score.trees()
              + ".",
          "Declare as many in the rule, or train fewer.");
    }
    List<BigInteger> parts = parts(model, threshold);
    for (int tree = 0; tree < score.trees(); tree++) {
      boolean isThere = tree < model.trees().size();
      TreeModel.Tree given = isThere ? model.trees().get(tree) : NONE;
      new Completed(tree, given, model, parts.get(tree))
          .add(given.splits().isEmpty() ? -1 : 0, 0, 0);
    }
  }

  /** What each tree's leaves take over of the base score and of the threshold, if it is secret. */
  private List<BigInteger> parts(TreeModel model, Optional<BigDecimal> threshold) {
    BigInteger constant = scaled(logit(new BigDecimal(model.base()), model));
    if (threshold.isPresent()) {
      BigDecimal bound = SecretValues.unit(threshold.get(), score.kind());
      constant = constant.subtract(Compiler.ceil(bound.multiply(scale)));
    }
    List<BigInteger> parts = new ArrayList<>();
    for (int tree = 0; tree < score.trees(); tree++) {
      BigInteger left = BigInteger.valueOf(score.trees() - tree);
      BigInteger part = constant.divide(left);
      parts.add(part);
      constant = constant.subtract(part);
    }
    return parts;
  }

  private static BigDecimal logit(BigDecimal value, TreeModel model) {
    boolean isLogit = model.logitSlope() != 0;
    return isLogit ? value.multiply(new BigDecimal(model.logitSlope())) : value;
  }

  private BigInteger scaled(BigDecimal value) {
    return value.multiply(scale).setScale(0, RoundingMode.HALF_EVEN).toBigIntegerExact();
  }

  private void add(String place, String message, String fix) {
    problems.add(Code.CDT_245, Place.of(place), message, fix);
  }

  private void set(long bit) {
    words[(int) (bit >>> 6)] |= 1L << (bit & 63);
  }

  /** One tree being brought to the declared depth. */
  private final class Completed {
    private final int tree;
    private final TreeModel.Tree given;
    private final TreeModel model;
    private final BigInteger part;
    private boolean isTooDeep;
    private boolean isTooLarge;

    Completed(int tree, TreeModel.Tree given, TreeModel model, BigInteger part) {
      this.tree = tree;
      this.given = given;
      this.model = model;
      this.part = part;
    }

    private String place() {
      return file + ": trees[" + tree + "]";
    }

    /**
     * Adds what is below a node of the complete tree.
     *
     * @param child an inner node of the given tree, or {@code -1 - leaf}
     * @param position from the left, among the nodes of its level
     */
    void add(int child, int level, int position) {
      if (child < 0) {
        int leaves = 1 << (score.depth() - level);
        addLeaf(given.leaves().get(-1 - child), position * leaves, leaves);
      } else if (level == score.depth()) {
        if (!isTooDeep) {
          SecretTreeValues.this.add(
              place(),
              "The tree is deeper than the declared " + score.depth() + ".",
              "Declare more depth in the rule, or train shallower trees.");
        }
        isTooDeep = true;
      } else {
        Split split = given.splits().get(child);
        int node = tree * ((1 << score.depth()) - 1) + (1 << level) - 1 + position;
        int code = offered.computeIfAbsent(split.feature(), _ -> offered(model, split.feature()));
        if (code >= 0) {
          addTest(node, code, split);
        }
        add(split.left(), level + 1, 2 * position);
        add(split.right(), level + 1, 2 * position + 1);
      }
    }

    private void addLeaf(double value, int first, int count) {
      BigDecimal exact = new BigDecimal(value);
      BigDecimal averaged =
          model.averages()
              ? exact.divide(
                  BigDecimal.valueOf(Math.max(1, model.trees().size())),
                  AVERAGE_DECIMALS,
                  RoundingMode.HALF_EVEN)
              : exact;
      BigInteger lowest = BigInteger.ONE.shiftLeft(score.leafBits() - 1);
      BigInteger code = scaled(logit(averaged, model)).add(part).add(lowest);
      if (code.signum() < 0 || code.bitLength() > score.leafBits()) {
        if (!isTooLarge) {
          SecretTreeValues.this.add(
              place(),
              "A leaf with its part of the base score needs more than the declared "
                  + score.leafBits()
                  + " bits.",
              "Declare more leafBits or a coarser step in the rule.");
        }
        isTooLarge = true;
        return;
      }
      for (int bit = 0; bit < score.leafBits(); bit++) {
        long row = tables.leafOffset(tree) + ((long) bit << score.depth());
        for (int leaf = first; code.testBit(bit) && leaf < first + count; leaf++) {
          set(row + leaf);
        }
      }
    }

    private void addTest(int node, int code, Split split) {
      Feature feature = score.features().get(code);
      Optional<SplitCodes> codes = SplitCodes.of(feature, split);
      if (codes.isEmpty()) {
        SecretTreeValues.this.add(
            place(),
            "A test doesn't fit what '" + feature.name() + "' is.",
            "Declare '" + feature.name() + "' as the model was trained, or add the cut point.");
      } else if (!addDigits(node, code, codes.get())) {
        SecretTreeValues.this.add(
            place(),
            "A test of '" + feature.name() + "' is no single bound or value.",
            "Narrow the feature's range to few values, or test it once for each bound.");
      }
    }

    /** From the highest digit down, while one of its values leaves it open. */
    private boolean addDigits(int node, int code, SplitCodes codes) {
      TreeTables.Code shape = tables.codes().get(code);
      BigInteger prefix = BigInteger.ZERO;
      int below = shape.widthBits();
      boolean isOpen = true;
      for (int digit = 0; isOpen && digit < tables.digits(shape); digit++) {
        int width = tables.digitWidth(shape, digit);
        long row = row(node, code, digit);
        below -= width;
        if (TreeTables.hasMissing(shape, digit) && codes.missingGoesLeft()) {
          set(row + (1 << width));
        }
        @Nullable BigInteger open = null;
        for (int value = 0; value < 1 << width; value++) {
          BigInteger upper = prefix.shiftLeft(width).add(BigInteger.valueOf(value));
          BigInteger first = upper.shiftLeft(below);
          BigInteger last = upper.add(BigInteger.ONE).shiftLeft(below).subtract(BigInteger.ONE);
          Optional<Boolean> left = codes.goLeft(first, last);
          if (left.isEmpty()) {
            if (open != null) {
              return false;
            }
            open = upper;
            set(row + tables.inputs(digit) + value);
          } else if (left.get()) {
            set(row + value);
          }
        }
        isOpen = open != null;
        prefix = open == null ? prefix : open;
      }
      return true;
    }

    /** The first bit of a code's part of a node's first row over a digit. */
    private long row(int node, int code, int digit) {
      long row = tables.offset(digit) + (long) node * tables.rows(digit) * tables.inputs(digit);
      for (int before = 0; before < code; before++) {
        row += tables.inputs(tables.codes().get(before), digit);
      }
      return row;
    }
  }

  /** Which of the rule's features a model's is, by name or, of a model without names, by place. */
  private int offered(TreeModel model, int feature) {
    String name = model.features().get(feature);
    List<String> names = score.features().stream().map(Feature::name).toList();
    int found = names.indexOf(name);
    if (found < 0 && name.equals("f" + feature) && feature < names.size()) {
      found = feature;
    }
    if (found < 0) {
      String near = Problems.closest(name, names);
      add(
          file,
          "The rule doesn't offer the feature '" + name + "'.",
          near.isEmpty() ? "Add it to the rule's features." : "Did you mean '" + near + "'?");
    }
    return found;
  }
}
