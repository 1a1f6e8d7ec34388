package org.concordat.rules.model.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.concordat.rules.model.tree.OnnxFile.Node;
import org.concordat.rules.model.tree.OnnxTrees.Attributes;
import org.concordat.rules.model.tree.OnnxTrees.Ensemble;
import org.concordat.rules.model.tree.TreeFile.RefusedException;
import org.concordat.rules.model.tree.TreeModel.Split;
import org.concordat.rules.model.tree.TreeModel.Tree;

/**
 * {@code TreeEnsembleRegressor} and {@code TreeEnsembleClassifier}: lists with an entry for each
 * node, a tree's first being its root; and lists of weights that name their leaf.
 *
 * <p>A classifier gives each leaf a weight of either class or, as a score of two classes, of one.
 */
final class OnnxNodeLists {
  private static final String LEAF = "LEAF";

  private final Node node;
  private final Attributes attributes;
  private final boolean isClassifier;
  private final String prefix;
  private final Map<Leaf, Double> weights = new HashMap<>();

  private record Leaf(long tree, long node) {}

  OnnxNodeLists(Node node) {
    this.node = node;
    this.attributes = new Attributes(node);
    this.isClassifier = node.type().equals("TreeEnsembleClassifier");
    this.prefix = isClassifier ? "class_" : "target_";
  }

  Ensemble read() throws RefusedException {
    for (String doubles :
        List.of("nodes_values_as_tensor", prefix + "weights_as_tensor", "base_values_as_tensor")) {
      if (attributes.tensor(doubles) != null) {
        throw new RefusedException(
            attributes.place(doubles),
            "The model's numbers are doubles.",
            "Export with an input of type tensor(float).");
      }
    }
    attributes.ignore("nodes_hitrates");
    attributes.ignore("nodes_hitrates_as_tensor");
    double slope = slope(attributes.text("post_transform"));
    boolean averages = !isClassifier && averages(attributes.text("aggregate_function"));
    double base = isClassifier ? classWeights() : targetWeights();
    List<Tree> trees = trees();
    attributes.finish();
    return new Ensemble(trees, base, averages, slope);
  }

  private double slope(String transform) throws RefusedException {
    if (transform.isEmpty() || transform.equals("NONE")) {
      return 0;
    }
    if (transform.equals("LOGISTIC") && isClassifier) {
      return 1;
    }
    throw OnnxTrees.unknownTransform(transform, attributes);
  }

  private boolean averages(String function) throws RefusedException {
    return switch (function) {
      case "", "SUM" -> false;
      case "AVERAGE" -> true;
      default ->
          throw new RefusedException(
              attributes.place("aggregate_function"),
              "The trees' function '" + function + "' isn't known here.",
              "Export with SUM or AVERAGE.");
    };
  }

  /** Returns the base score. */
  private double targetWeights() throws RefusedException {
    if (attributes.integer("n_targets", 1) != 1) {
      throw new RefusedException(
          attributes.place("n_targets"),
          "The model has several targets.",
          "Export a model with one score.");
    }
    float[] base = attributes.floats("base_values");
    if (base.length > 1) {
      throw TreeFile.malformed(attributes.place("base_values"), "There is more than one.");
    }
    addWeights(0);
    return base.length == 0 ? 0 : base[0];
  }

  private double classWeights() throws RefusedException {
    int labels =
        Math.max(
            attributes.integers("classlabels_int64s").length,
            attributes.texts("classlabels_strings").size());
    if (labels != 2) {
      throw new RefusedException(
          attributes.place("classlabels_int64s"),
          "The model has " + labels + " classes.",
          "Export a model of two classes.");
    }
    long[] ids = attributes.integers("class_ids");
    boolean isOneScore = ids.length > 0 && Arrays.stream(ids).allMatch(id -> id == ids[0]);
    addWeights(isOneScore ? ids[0] : 1);
    float[] base = attributes.floats("base_values");
    if (base.length > 1 || base.length == 1 && !(isOneScore && ids[0] == 0)) {
      throw new RefusedException(
          attributes.place("base_values"),
          "What these base values are added to differs from runtime to runtime.",
          "Export without them, or with one and all class_ids 0.");
    }
    return base.length == 0 ? 0 : base[0];
  }

  /** Weights of one target or class; a leaf has at most one. */
  private void addWeights(long wanted) throws RefusedException {
    long[] trees = attributes.integers(prefix + "treeids");
    long[] nodes = attributes.integers(prefix + "nodeids");
    long[] ids = attributes.integers(prefix + "ids");
    float[] values = attributes.floats(prefix + "weights");
    if (trees.length != nodes.length
        || trees.length != ids.length
        || trees.length != values.length) {
      throw TreeFile.malformed(
          attributes.place(prefix + "weights"), "The lists of weights have different lengths.");
    }
    for (int i = 0; i < trees.length; i++) {
      boolean isKnown = ids[i] == wanted || isClassifier && (ids[i] == 0 || ids[i] == 1);
      if (!isKnown) {
        throw TreeFile.malformed(
            attributes.place(prefix + "ids"), "A weight is of a target that isn't there.");
      }
      if (ids[i] == wanted
          && weights.put(new Leaf(trees[i], nodes[i]), (double) values[i]) != null) {
        throw TreeFile.malformed(
            attributes.place(prefix + "weights"), "A leaf has several weights.");
      }
    }
  }

  private List<Tree> trees() throws RefusedException {
    Lists lists = lists();
    List<Tree> trees = new ArrayList<>();
    int inner = 0;
    int from = 0;
    while (from < lists.treeIds.length) {
      int to = from;
      while (to < lists.treeIds.length && lists.treeIds[to] == lists.treeIds[from]) {
        to++;
      }
      trees.add(tree(lists, from, to));
      inner += trees.getLast().splits().size();
      if (trees.size() > TreeModel.TREES_MAX || inner > TreeModel.NODES_MAX) {
        throw TreeFile.malformed(
            node.place(),
            "There are more than "
                + TreeModel.TREES_MAX
                + " trees, or "
                + TreeModel.NODES_MAX
                + " inner nodes.");
      }
      from = to;
    }
    if (!weights.isEmpty()) {
      throw TreeFile.malformed(
          attributes.place(prefix + "nodeids"), "A weight's leaf is missing, or no leaf.");
    }
    return trees;
  }

  /** Entries of all nodes, by their place. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Lists(
      long[] treeIds,
      long[] ids,
      long[] features,
      List<String> modes,
      float[] bounds,
      long[] yes,
      long[] no,
      long[] tracksTrue) {}

  private Lists lists() throws RefusedException {
    var lists =
        new Lists(
            attributes.integers("nodes_treeids"),
            attributes.integers("nodes_nodeids"),
            attributes.integers("nodes_featureids"),
            attributes.texts("nodes_modes"),
            attributes.floats("nodes_values"),
            attributes.integers("nodes_truenodeids"),
            attributes.integers("nodes_falsenodeids"),
            attributes.integers("nodes_missing_value_tracks_true"));
    int count = lists.treeIds.length;
    boolean fits =
        lists.ids.length == count
            && lists.features.length == count
            && lists.modes.size() == count
            && lists.bounds.length == count
            && lists.yes.length == count
            && lists.no.length == count
            && (lists.tracksTrue.length == count || lists.tracksTrue.length == 0);
    if (count == 0 || !fits) {
      throw TreeFile.malformed(
          attributes.place("nodes_treeids"), "The lists of nodes have different lengths.");
    }
    return lists;
  }

  private Tree tree(Lists lists, int from, int to) throws RefusedException {
    String place = node.place() + ", tree " + lists.treeIds[from];
    // By the tool's number: an inner node's own, or -1 less a leaf's.
    Map<Long, Integer> numbers = new HashMap<>();
    List<Double> leaves = new ArrayList<>();
    List<Integer> leafIds = new ArrayList<>();
    int inner = 0;
    for (int at = from; at < to; at++) {
      boolean isLeaf = lists.modes.get(at).equals(LEAF);
      if (numbers.put(lists.ids[at], isLeaf ? -1 - leaves.size() : inner) != null) {
        throw TreeFile.malformed(place, "A node is there twice.");
      }
      if (lists.ids[at] != (int) lists.ids[at]) {
        throw TreeFile.malformed(place, "A node's number is too large.");
      }
      if (isLeaf) {
        Double weight = weights.remove(new Leaf(lists.treeIds[at], lists.ids[at]));
        leaves.add(weight == null ? 0 : weight);
        leafIds.add((int) lists.ids[at]);
      } else {
        inner++;
      }
    }
    List<Split> splits = new ArrayList<>();
    for (int at = from; at < to; at++) {
      if (!lists.modes.get(at).equals(LEAF)) {
        splits.add(split(lists, at, numbers, place));
      }
    }
    try {
      return TreeBuilder.build(splits, leaves, leafIds);
    } catch (TreeBuilder.MalformedException e) {
      throw TreeFile.malformed(place, "The tree " + e.getMessage() + ".");
    }
  }

  private static Split split(Lists lists, int at, Map<Long, Integer> numbers, String place)
      throws RefusedException {
    Integer yes = numbers.get(lists.yes[at]);
    Integer no = numbers.get(lists.no[at]);
    if (yes == null || no == null) {
      throw TreeFile.malformed(place, "A node's child is missing.");
    }
    if (Float.isNaN(lists.bounds[at])) {
      throw TreeFile.malformed(place, "A bound is no number.");
    }
    if (lists.features[at] < 0 || lists.features[at] >= TreeModel.FEATURES_MAX) {
      throw TreeFile.malformed(place, "A feature's number is too large.");
    }
    OnnxMode mode = mode(lists.modes.get(at), place);
    boolean tracksTrue = lists.tracksTrue.length > 0 && lists.tracksTrue[at] != 0;
    return mode.split((int) lists.features[at], lists.bounds[at], tracksTrue, yes, no);
  }

  private static OnnxMode mode(String name, String place) throws RefusedException {
    for (OnnxMode mode : OnnxMode.values()) {
      if (mode != OnnxMode.BRANCH_MEMBER && mode.name().equals(name)) {
        return mode;
      }
    }
    throw TreeFile.malformed(place, "A node's mode isn't known.");
  }
}
