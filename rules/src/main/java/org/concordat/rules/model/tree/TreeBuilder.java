package org.concordat.rules.model.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.rules.model.tree.TreeModel.Split;
import org.concordat.rules.model.tree.TreeModel.Tree;

/**
 * Checks a tree of a file and puts it in order: the root first, children after their parents. A
 * tool's child is an inner node's index or, below 0, {@code -1 - leaf}.
 */
final class TreeBuilder {
  private TreeBuilder() {}

  /** What is wrong with a tree. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  static Tree build(List<Split> splits, List<Double> leaves, List<Integer> leafIds)
      throws MalformedException {
    if (leaves.isEmpty()) {
      throw new MalformedException("has no leaf");
    }
    for (double leaf : leaves) {
      if (!Double.isFinite(leaf)) {
        throw new MalformedException("has a leaf that is no finite number");
      }
    }
    int[] places = new int[splits.size()];
    int[] depths = new int[splits.size()];
    boolean[] leafSeen = new boolean[leaves.size()];
    Arrays.fill(places, -1);
    List<Integer> order = new ArrayList<>();
    var open = new ArrayDeque<Integer>();
    if (splits.isEmpty()) {
      leafSeen[0] = true;
    } else {
      open.add(0);
      places[0] = 0;
    }
    while (!open.isEmpty()) {
      int node = open.remove();
      order.add(node);
      for (int child : new int[] {splits.get(node).left(), splits.get(node).right()}) {
        if (child >= 0) {
          visit(child, node, places, depths);
          open.add(child);
          places[child] = order.size() + open.size() - 1;
        } else if (-1 - child >= leafSeen.length || leafSeen[-1 - child]) {
          throw new MalformedException("has a leaf that is missing, or reached twice");
        } else {
          leafSeen[-1 - child] = true;
        }
      }
    }
    if (order.size() < splits.size()) {
      throw new MalformedException("has nodes that are never reached");
    }
    List<Split> sorted = new ArrayList<>();
    for (int node : order) {
      Split split = splits.get(node);
      sorted.add(
          new Split(
              split.feature(),
              split.test(),
              split.missing(),
              moved(split.left(), places),
              moved(split.right(), places)));
    }
    return new Tree(sorted, leaves, leafIds);
  }

  private static void visit(int child, int parent, int[] places, int[] depths)
      throws MalformedException {
    if (child >= places.length || places[child] >= 0) {
      throw new MalformedException("has a node that is missing, or reached twice");
    }
    depths[child] = depths[parent] + 1;
    if (depths[child] >= TreeModel.DEPTH_MAX) {
      throw new MalformedException("is deeper than " + TreeModel.DEPTH_MAX);
    }
  }

  private static int moved(int child, int[] places) {
    return child < 0 ? child : places[child];
  }
}
