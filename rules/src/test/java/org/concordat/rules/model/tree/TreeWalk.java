package org.concordat.rules.model.tree;

import org.concordat.rules.model.tree.TreeModel.Split;
import org.concordat.rules.model.tree.TreeModel.Tree;

/** Walks down a model's trees, as the tool that wrote it does. */
public final class TreeWalk {
  private TreeWalk() {}

  /** The tool's numbers of the leaves that a row comes to; NaN is a missing value. */
  public static int[] leafIds(TreeModel model, double[] row) {
    return model.trees().stream().mapToInt(tree -> tree.leafIds().get(leaf(tree, row))).toArray();
  }

  /** The score in doubles. */
  public static double score(TreeModel model, double[] row) {
    double sum = 0;
    for (Tree tree : model.trees()) {
      sum += tree.leaves().get(leaf(tree, row));
    }
    return model.base() + (model.averages() ? sum / model.trees().size() : sum);
  }

  private static int leaf(Tree tree, double[] row) {
    int at = tree.splits().isEmpty() ? -1 : 0;
    while (at >= 0) {
      Split split = tree.splits().get(at);
      double value = row[split.feature()];
      boolean isMissing =
          Double.isNaN(value) || (split.missing().zeroToo() && Math.abs(value) <= 1e-35);
      boolean left =
          isMissing ? split.missing().goesLeft(split.test()) : split.test().goesLeft(value);
      at = left ? split.left() : split.right();
    }
    return -1 - at;
  }
}
