package org.concordat.rules.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;

/** Random LightGBM models over features of every kind, and rows for them. */
public final class RandomTrees {
  static final List<String> NAMES = List.of("amount", "age", "channel", "flag", "change", "speed");

  public static final String CONTRACT =
      """
      format: 1
      contract: trees
      version: 1
      currency: EUR
      features:
        amount: {type: decimal, decimals: 2, min: -50, max: 50, domain: boolean}
        age: {type: integer, min: 0, max: 100, domain: boolean, optional: true}
        channel: {type: category, values: [a, b, c, d, e, f], optional: true}
        flag: {type: flag}
        change: {type: decimal, decimals: 1, min: -10, max: 10, optional: true}
        speed: {type: bins, decimals: 1, cuts: [1.0, 2.5, 7.0, 8.5], optional: true}
      """;

  private static final double[] CUTS = {1.0, 2.5, 7.0, 8.5};

  private RandomTrees() {}

  /**
   * Columns of the contract's fields.
   *
   * @param values gets each row as the tool reads it, NaN for what is missing
   */
  public static long[][] rows(FeatureContract contract, Random random, double[][] values) {
    long[][] columns = new long[contract.layout().fields().size()][values.length];
    for (int row = 0; row < values.length; row++) {
      values[row] = new double[NAMES.size()];
      for (int i = 0; i < NAMES.size(); i++) {
        Feature feature = contract.feature(NAMES.get(i)).orElseThrow();
        int field = contract.fieldOf(feature.name());
        if (feature.optional() && random.nextInt(4) == 0) {
          values[row][i] = Double.NaN;
          columns[contract.missingFieldOf(feature.name())][row] = 1;
          columns[field][row] = feature.fieldValue(feature.whenMissing());
          continue;
        }
        boolean isBins = NAMES.get(i).equals("speed");
        long value =
            isBins
                ? random.nextInt(120)
                : random.nextInt(5) == 0 && feature.min() <= 0
                    ? 0
                    : random.nextLong(feature.min(), feature.max() + 1);
        values[row][i] = value / Math.pow(10, isBins ? 1 : feature.decimals());
        columns[field][row] = isBins ? bin(values[row][i]) : feature.fieldValue(value);
      }
    }
    return columns;
  }

  private static long bin(double value) {
    int bin = 0;
    while (bin < CUTS.length && value >= CUTS[bin]) {
      bin++;
    }
    return bin;
  }

  /**
   * A model of random trees.
   *
   * @param leavesMax of a tree, which is no deeper than one less
   * @param zeroes whether zero may count as missing
   */
  public static String model(
      Random random, int trees, int leavesMax, boolean averages, boolean zeroes) {
    List<String> texts = new ArrayList<>();
    for (int tree = 0; tree < trees; tree++) {
      texts.add(tree(random, 1 + random.nextInt(leavesMax), zeroes));
    }
    return model(texts, averages);
  }

  /** A model of trees as LightGBM writes them. */
  public static String model(List<String> trees, boolean averages) {
    var text = new StringBuilder("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\n");
    text.append(averages ? "average_output\n" : "");
    text.append("max_feature_idx=5\nobjective=binary sigmoid:1\nfeature_names=");
    text.append(String.join(" ", NAMES)).append("\n\n");
    for (int tree = 0; tree < trees.size(); tree++) {
      text.append("Tree=").append(tree).append('\n').append(trees.get(tree)).append("\n\n");
    }
    return text.append("end of trees\n").toString();
  }

  /** Grows by splitting a leaf at random; each kind of split and of missing value comes up. */
  private static String tree(Random random, int leaves, boolean zeroes) {
    int[] left = new int[leaves - 1];
    int[] right = new int[leaves - 1];
    List<int[]> open = new ArrayList<>();
    List<String> features = new ArrayList<>();
    List<String> bounds = new ArrayList<>();
    List<String> decisions = new ArrayList<>();
    List<String> categories = new ArrayList<>();
    for (int node = 0; node < leaves - 1; node++) {
      if (node > 0) {
        int[] place = open.remove(random.nextInt(open.size()));
        (place[1] == 0 ? left : right)[place[0]] = node;
      }
      open.add(new int[] {node, 0});
      open.add(new int[] {node, 1});
      int feature = random.nextInt(NAMES.size());
      features.add("" + feature);
      // Zero can't be told apart from other values in a bin.
      int missing = feature == 5 ? 4 * 2 : 4 * random.nextInt(3);
      missing = zeroes || missing != 4 ? missing : 8;
      decisions.add("" + (feature == 2 ? 1 : missing + 2 * random.nextInt(2)));
      bounds.add(
          switch (feature) {
            case 0 -> "" + (random.nextInt(9_000) - 4_500) / 100.0;
            case 1 -> "" + (random.nextInt(99) + 0.5);
            case 2 -> "" + categories.size();
            case 3 -> "0.5";
            case 4 -> "" + (random.nextInt(180) - 90) / 10.0;
            default -> "" + (CUTS[random.nextInt(CUTS.length)] - 0.05);
          });
      if (feature == 2) {
        categories.add("" + (1 + random.nextInt(62)));
      }
    }
    for (int leaf = 0; leaf < leaves && !open.isEmpty(); leaf++) {
      int[] place = open.get(leaf);
      (place[1] == 0 ? left : right)[place[0]] = -1 - leaf;
    }
    String values =
        random.doubles(leaves, -1, 1).mapToObj(Double::toString).collect(Collectors.joining(" "));
    var text = new StringBuilder("num_leaves=" + leaves + "\nnum_cat=" + categories.size() + "\n");
    text.append("split_feature=").append(String.join(" ", features));
    text.append("\nthreshold=").append(String.join(" ", bounds));
    text.append("\ndecision_type=").append(String.join(" ", decisions));
    text.append("\nleft_child=")
        .append(joined(left))
        .append("\nright_child=")
        .append(joined(right));
    text.append("\nleaf_value=").append(values);
    if (!categories.isEmpty()) {
      text.append("\ncat_boundaries=0");
      for (int i = 1; i <= categories.size(); i++) {
        text.append(' ').append(i);
      }
      text.append("\ncat_threshold=").append(String.join(" ", categories));
    }
    return text.toString();
  }

  private static String joined(int[] numbers) {
    return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }
}
