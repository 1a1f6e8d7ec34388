package org.concordat.rules.model.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.concordat.rules.model.tree.OnnxFile.Node;
import org.concordat.rules.model.tree.OnnxFile.Tensor;
import org.concordat.rules.model.tree.OnnxTrees.Attributes;
import org.concordat.rules.model.tree.OnnxTrees.Ensemble;
import org.concordat.rules.model.tree.TreeFile.RefusedException;
import org.concordat.rules.model.tree.TreeModel.Split;
import org.concordat.rules.model.tree.TreeModel.Tree;

/**
 * {@code TreeEnsemble}, from version 5 on: lists of inner nodes, which name their children by place
 * in the lists of nodes or of leaves, and the roots. A leaf may be a child of several nodes, as
 * where a whole tree is one leaf.
 */
final class OnnxTreeEnsemble {
  private static final List<String> TRANSFORMS =
      List.of("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT");

  /** Above it floats don't hold every whole number. */
  private static final int MEMBER_MAX = 1 << 24;

  private static final int AVERAGE = 0;
  private static final int SUM = 1;

  private final Node node;
  private final Attributes attributes;
  private final long[] roots;
  private final long[] features;
  private final long[] modes;
  private final float[] bounds;
  private final long[] yes;
  private final long[] no;
  private final long[] yesIsLeaf;
  private final long[] noIsLeaf;
  private final long[] tracksTrue;
  private final float[] leafWeights;
  private final float[] members;
  private final boolean[] seen;
  private final int[] membersFrom;

  OnnxTreeEnsemble(Node node) throws RefusedException {
    this.node = node;
    this.attributes = new Attributes(node);
    this.roots = attributes.integers("tree_roots");
    this.features = attributes.integers("nodes_featureids");
    this.modes = modes();
    this.bounds = floats("nodes_splits");
    this.yes = attributes.integers("nodes_truenodeids");
    this.no = attributes.integers("nodes_falsenodeids");
    this.yesIsLeaf = attributes.integers("nodes_trueleafs");
    this.noIsLeaf = attributes.integers("nodes_falseleafs");
    this.tracksTrue = attributes.integers("nodes_missing_value_tracks_true");
    this.leafWeights = floats("leaf_weights");
    this.members =
        node.attributes().containsKey("membership_values")
            ? floats("membership_values")
            : new float[0];
    this.seen = new boolean[features.length];
    this.membersFrom = new int[features.length];
  }

  private long[] modes() throws RefusedException {
    Tensor tensor = attributes.tensor("nodes_modes");
    if (tensor == null || !tensor.holdsUnsignedBytes()) {
      throw TreeFile.malformed(attributes.place("nodes_modes"), "The modes can't be read.");
    }
    return tensor.unsignedBytes();
  }

  private float[] floats(String name) throws RefusedException {
    Tensor tensor = attributes.tensor(name);
    if (tensor == null || !tensor.holdsFloats()) {
      throw new RefusedException(
          attributes.place(name),
          "The numbers are missing, or no floats.",
          "Export with an input of type tensor(float), all in one file.");
    }
    return tensor.floats();
  }

  Ensemble read() throws RefusedException {
    attributes.ignore("nodes_hitrates");
    long[] targets = attributes.integers("leaf_targetids");
    if (attributes.integer("n_targets", 1) != 1 || Arrays.stream(targets).anyMatch(t -> t != 0)) {
      throw new RefusedException(
          attributes.place("n_targets"),
          "The model has several targets.",
          "Export a model with one score.");
    }
    long function = attributes.integer("aggregate_function", SUM);
    if (function != AVERAGE && function != SUM) {
      throw new RefusedException(
          attributes.place("aggregate_function"),
          "The trees' function isn't known here.",
          "Export with SUM or AVERAGE.");
    }
    long transform = attributes.integer("post_transform", 0);
    if (transform != 0) {
      boolean isKnown = transform > 0 && transform < TRANSFORMS.size();
      throw OnnxTrees.unknownTransform(
          isKnown ? TRANSFORMS.get((int) transform) : Long.toString(transform), attributes);
    }
    validateLengths(targets.length);
    findMembers();
    List<Tree> trees = new ArrayList<>();
    for (long root : roots) {
      trees.add(tree(root));
    }
    for (boolean isReached : seen) {
      if (!isReached) {
        throw TreeFile.malformed(node.place(), "A node is never reached.");
      }
    }
    attributes.finish();
    return new Ensemble(trees, 0, function == AVERAGE, 0);
  }

  private void validateLengths(int targets) throws RefusedException {
    int count = features.length;
    boolean fits =
        modes.length == count
            && bounds.length == count
            && yes.length == count
            && no.length == count
            && yesIsLeaf.length == count
            && noIsLeaf.length == count
            && (tracksTrue.length == count || tracksTrue.length == 0)
            && leafWeights.length == targets;
    if (!fits || count == 0 || roots.length == 0) {
      throw TreeFile.malformed(node.place(), "Its lists have different lengths, or are empty.");
    }
    if (count > TreeModel.NODES_MAX || roots.length > TreeModel.TREES_MAX) {
      throw TreeFile.malformed(
          node.place(),
          "There are more than "
              + TreeModel.TREES_MAX
              + " trees, or "
              + TreeModel.NODES_MAX
              + " inner nodes.");
    }
  }

  /** Members of the nodes' sets come one set after the other, each ended by NaN. */
  private void findMembers() throws RefusedException {
    int from = 0;
    for (int at = 0; at < modes.length; at++) {
      if (modes[at] == OnnxMode.BRANCH_MEMBER.ordinal()) {
        membersFrom[at] = from;
        while (from < members.length && !Float.isNaN(members[from])) {
          from++;
        }
        from++;
        if (from > members.length) {
          throw TreeFile.malformed(attributes.place("membership_values"), "A set has no end.");
        }
      }
    }
  }

  private Tree tree(long root) throws RefusedException {
    String place = node.place() + ", tree of node " + root;
    List<Split> splits = new ArrayList<>();
    List<Double> leaves = new ArrayList<>();
    List<Integer> leafIds = new ArrayList<>();
    Map<Integer, Integer> numbers = new HashMap<>();
    var open = new ArrayDeque<Integer>();
    number(root, numbers, open, place);
    while (!open.isEmpty()) {
      int at = open.remove();
      int[] children = new int[2];
      for (int side = 0; side < 2; side++) {
        long child = (side == 0 ? yes : no)[at];
        if ((side == 0 ? yesIsLeaf : noIsLeaf)[at] == 0) {
          children[side] = number(child, numbers, open, place);
          continue;
        }
        if (child < 0 || child >= leafWeights.length) {
          throw TreeFile.malformed(place, "A leaf is missing.");
        }
        leaves.add((double) leafWeights[(int) child]);
        leafIds.add((int) child);
        children[side] = -leaves.size();
      }
      splits.add(split(at, children[0], children[1], place));
    }
    try {
      return TreeBuilder.build(splits, leaves, leafIds);
    } catch (TreeBuilder.MalformedException e) {
      throw TreeFile.malformed(place, "The tree " + e.getMessage() + ".");
    }
  }

  /** An inner node's number within its tree, in the order of {@code open}. */
  private int number(long at, Map<Integer, Integer> numbers, ArrayDeque<Integer> open, String place)
      throws RefusedException {
    if (at < 0 || at >= seen.length || seen[(int) at]) {
      throw TreeFile.malformed(place, "A node is missing, or reached twice.");
    }
    seen[(int) at] = true;
    numbers.put((int) at, numbers.size());
    open.add((int) at);
    return numbers.size() - 1;
  }

  private Split split(int at, int ifTrue, int ifFalse, String place) throws RefusedException {
    if (features[at] < 0 || features[at] >= TreeModel.FEATURES_MAX) {
      throw TreeFile.malformed(place, "A feature's number is too large.");
    }
    if (modes[at] < 0 || modes[at] >= OnnxMode.COUNT) {
      throw TreeFile.malformed(place, "A node's mode isn't known.");
    }
    int feature = (int) features[at];
    boolean tracks = tracksTrue.length > 0 && tracksTrue[at] != 0;
    OnnxMode mode = OnnxMode.of((int) modes[at]);
    if (mode == OnnxMode.BRANCH_MEMBER) {
      return OnnxMode.member(feature, members(at, place), tracks, ifTrue, ifFalse);
    }
    if (Float.isNaN(bounds[at])) {
      throw TreeFile.malformed(place, "A bound is no number.");
    }
    return mode.split(feature, bounds[at], tracks, ifTrue, ifFalse);
  }

  private SortedSet<Integer> members(int at, String place) throws RefusedException {
    var found = new TreeSet<Integer>();
    for (int i = membersFrom[at]; !Float.isNaN(members[i]); i++) {
      if (members[i] < 0 || members[i] > MEMBER_MAX || members[i] != (int) members[i]) {
        throw new RefusedException(
            place,
            "A set has a member that is no category's number.",
            "Export categories as numbers from 0 on.");
      }
      found.add((int) members[i]);
    }
    return found;
  }
}
