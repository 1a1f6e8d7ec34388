package org.concordat.rules.model.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.concordat.rules.model.tree.TreeFile.RefusedException;
import org.concordat.rules.model.tree.TreeModel.AtMost;
import org.concordat.rules.model.tree.TreeModel.Member;
import org.concordat.rules.model.tree.TreeModel.Missing;
import org.concordat.rules.model.tree.TreeModel.Split;
import org.concordat.rules.model.tree.TreeModel.Test;
import org.concordat.rules.model.tree.TreeModel.Tree;

/**
 * LightGBM's text model, versions 2 to 4: a head of {@code key=value} lines, then a block of them
 * for each tree. Children below 0 are leaves already; a split's {@code decision_type} holds whether
 * it is categorical (1), sends missing values left (2), and what counts as missing (bits 2 and 3).
 */
final class LightGbmText {
  private static final int CATEGORICAL = 1;
  private static final int DEFAULT_LEFT = 2;
  private static final Set<String> IDENTITY =
      Set.of("regression", "regression_l1", "huber", "fair", "quantile", "mape");

  private LightGbmText() {}

  static TreeModel read(String text) throws RefusedException {
    String[] blocks = text.split("\nTree=");
    Map<String, String> head = lines(blocks[0]);
    if (count(head, "num_class", "head") > 1 || count(head, "num_tree_per_iteration", "head") > 1) {
      throw new RefusedException(
          "num_class", "The model has several classes.", "Train a model with one score.");
    }
    if (blocks.length - 1 > TreeModel.TREES_MAX) {
      throw TreeFile.malformed("Tree", "There are more than " + TreeModel.TREES_MAX + " trees.");
    }
    int features = count(head, "max_feature_idx", "head") + 1;
    if (features > TreeModel.FEATURES_MAX) {
      throw TreeFile.malformed(
          "max_feature_idx", "There are more than " + TreeModel.FEATURES_MAX + " features.");
    }
    List<Tree> trees = new ArrayList<>();
    int nodes = 0;
    for (int i = 1; i < blocks.length; i++) {
      String place = "Tree=" + (i - 1);
      trees.add(tree(lines(blocks[i].split("\n\n", 2)[0]), place, features));
      nodes += trees.getLast().splits().size();
      if (nodes > TreeModel.NODES_MAX) {
        throw TreeFile.malformed(
            place, "The trees have more than " + TreeModel.NODES_MAX + " inner nodes.");
      }
    }
    List<String> names = List.of(head.getOrDefault("feature_names", "").split(" "));
    if (names.size() != features) {
      throw TreeFile.malformed("feature_names", "There are not as many names as features.");
    }
    boolean averages = blocks[0].lines().anyMatch("average_output"::equals);
    return new TreeModel(names, trees, 0, averages, slope(head.getOrDefault("objective", "")));
  }

  private static double slope(String objective) throws RefusedException {
    String[] parts = objective.split(" ");
    if (IDENTITY.contains(parts[0]) && parts.length == 1) {
      return 0;
    }
    if (parts[0].equals("cross_entropy")) {
      return 1;
    }
    if (parts[0].equals("binary") && parts.length == 2 && parts[1].startsWith("sigmoid:")) {
      try {
        double slope = Double.parseDouble(parts[1].substring("sigmoid:".length()));
        if (slope > 0 && Double.isFinite(slope)) {
          return slope;
        }
      } catch (NumberFormatException e) {
        // Refused below, as every other text.
      }
    }
    throw new RefusedException(
        "objective",
        "The objective '" + objective + "' isn't known here.",
        "Train with objective binary, cross_entropy or regression.");
  }

  private static Map<String, String> lines(String block) throws RefusedException {
    Map<String, String> values = new HashMap<>();
    for (String line : block.split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0 && values.put(line.substring(0, equals), line.substring(equals + 1)) != null) {
        throw TreeFile.malformed(line.substring(0, equals), "The key stands there twice.");
      }
    }
    return values;
  }

  private static int count(Map<String, String> block, String key, String place)
      throws RefusedException {
    return integers(block, key, 1, place)[0];
  }

  private static int[] integers(Map<String, String> block, String key, int length, String place)
      throws RefusedException {
    return Arrays.stream(numbers(block, key, length, place)).mapToInt(x -> (int) x).toArray();
  }

  private static double[] numbers(Map<String, String> block, String key, int length, String place)
      throws RefusedException {
    String value = block.getOrDefault(key, "").strip();
    try {
      double[] numbers =
          value.isEmpty()
              ? new double[0]
              : Arrays.stream(value.split(" +")).mapToDouble(LightGbmText::number).toArray();
      if (numbers.length == length) {
        return numbers;
      }
      throw TreeFile.malformed(
          place + "." + key,
          "There are " + numbers.length + " numbers where " + length + " are due.");
    } catch (NumberFormatException e) {
      throw TreeFile.malformed(place + "." + key, "A number can't be read.");
    }
  }

  /** An infinite bound, which splits off missing values, stands there as C++ prints it. */
  private static double number(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static Tree tree(Map<String, String> block, String place, int features)
      throws RefusedException {
    if (block.getOrDefault("is_linear", "0").equals("1")) {
      throw new RefusedException(
          place + ".is_linear", "The tree's leaves are linear models.", "Train without them.");
    }
    int leafCount = count(block, "num_leaves", place);
    double[] leaves = numbers(block, "leaf_value", leafCount, place);
    int inner = leafCount - 1;
    int[] feature = integers(block, "split_feature", inner, place);
    double[] bounds = numbers(block, "threshold", inner, place);
    int[] decisions = integers(block, "decision_type", inner, place);
    int[] left = integers(block, "left_child", inner, place);
    int[] right = integers(block, "right_child", inner, place);
    List<Split> splits = new ArrayList<>();
    for (int node = 0; node < inner; node++) {
      if (feature[node] < 0 || feature[node] >= features) {
        throw TreeFile.malformed(place + ".split_feature", "A feature's number is too large.");
      }
      boolean isCategorical = (decisions[node] & CATEGORICAL) != 0;
      Test test = isCategorical ? member(block, (int) bounds[node], place) : atMost(bounds[node]);
      splits.add(
          new Split(
              feature[node],
              test,
              isCategorical ? Missing.RIGHT : missing(decisions[node], place),
              left[node],
              right[node]));
    }
    List<Integer> leafIds = new ArrayList<>();
    for (int leaf = 0; leaf < leafCount; leaf++) {
      leafIds.add(leaf);
    }
    try {
      return TreeBuilder.build(splits, Arrays.stream(leaves).boxed().toList(), leafIds);
    } catch (TreeBuilder.MalformedException e) {
      throw TreeFile.malformed(place, "The tree " + e.getMessage() + ".");
    }
  }

  private static Test atMost(double bound) throws RefusedException {
    if (Double.isNaN(bound)) {
      throw TreeFile.malformed("threshold", "A bound is no number.");
    }
    return new AtMost(bound);
  }

  /** The bits of some words of 32, of those that a split's number among the categorical names. */
  private static Test member(Map<String, String> block, int number, String place)
      throws RefusedException {
    int count = count(block, "num_cat", place);
    int[] boundaries = integers(block, "cat_boundaries", count + 1, place);
    int words = boundaries[count];
    if (number < 0 || number >= count || words < 0 || words > TreeModel.NODES_MAX) {
      throw TreeFile.malformed(place + ".cat_boundaries", "A split's categories are missing.");
    }
    double[] bits = numbers(block, "cat_threshold", words, place);
    var categories = new TreeSet<Integer>();
    for (int word = boundaries[number]; word < Math.min(words, boundaries[number + 1]); word++) {
      for (int bit = 0; bit < Integer.SIZE; bit++) {
        if (((long) bits[word] >>> bit & 1) == 1) {
          categories.add((word - boundaries[number]) * Integer.SIZE + bit);
        }
      }
    }
    return new Member(categories, true);
  }

  private static Missing missing(int decision, String place) throws RefusedException {
    boolean left = (decision & DEFAULT_LEFT) != 0;
    return switch (decision >> 2 & 3) {
      case 0 -> Missing.AS_ZERO;
      case 1 -> left ? Missing.ZERO_TOO_LEFT : Missing.ZERO_TOO_RIGHT;
      case 2 -> left ? Missing.LEFT : Missing.RIGHT;
      default -> throw TreeFile.malformed(place + ".decision_type", "A decision isn't known.");
    };
  }
}
