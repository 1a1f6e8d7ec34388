package org.concordat.rules.model.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random trees as ONNX lists them, and the operators that hold them. */
final class OnnxForest {
  static final String DOMAIN = "ai.onnx.ml";
  static final List<String> MODES =
      List.of("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ");

  /** A node; a leaf has a mode LEAF and a weight. */
  record Node(
      int tree,
      int id,
      int feature,
      String mode,
      float bound,
      int yes,
      int no,
      boolean tracksTrue,
      float weight) {
    boolean isLeaf() {
      return mode.equals("LEAF");
    }
  }

  private final List<Node> nodes = new ArrayList<>();
  private final int features;
  private int trees;

  OnnxForest(int features) {
    this.features = features;
  }

  List<Node> nodes() {
    return nodes;
  }

  int trees() {
    return trees;
  }

  void add(List<Node> tree) {
    nodes.addAll(tree);
    trees++;
  }

  /** Trees of up to 12 leaves; bounds are small halves, so that they are met often. */
  static OnnxForest random(Random random, int features, int trees, List<String> modes) {
    var forest = new OnnxForest(features);
    for (int tree = 0; tree < trees; tree++) {
      List<Node> list = new ArrayList<>();
      grow(random, forest, modes, tree, 0, list);
      forest.add(list);
    }
    return forest;
  }

  private static int grow(
      Random random, OnnxForest forest, List<String> modes, int tree, int depth, List<Node> list) {
    int id = list.size();
    if (depth > 0 && random.nextInt(4) == 0 || depth == 5) {
      list.add(new Node(tree, id, 0, "LEAF", 0, 0, 0, false, random.nextFloat() - 0.4f));
      return id;
    }
    list.add(new Node(tree, id, 0, "LEAF", 0, 0, 0, false, 0));
    int yes = grow(random, forest, modes, tree, depth + 1, list);
    int no = grow(random, forest, modes, tree, depth + 1, list);
    list.set(
        id,
        new Node(
            tree,
            id,
            random.nextInt(forest.features),
            modes.get(random.nextInt(modes.size())),
            random.nextInt(3) == 0 ? 0.1f * random.nextInt(9) : (random.nextInt(9) - 4) / 2f,
            yes,
            no,
            random.nextBoolean(),
            0));
    return id;
  }

  private OnnxWriter.Node lists(String type, List<String> outputs) {
    return new OnnxWriter.Node(type, DOMAIN, List.of("X"), outputs)
        .integers("nodes_treeids", nodes.stream().map(Node::tree).toList())
        .integers("nodes_nodeids", nodes.stream().map(Node::id).toList())
        .integers("nodes_featureids", nodes.stream().map(Node::feature).toList())
        .texts("nodes_modes", nodes.stream().map(Node::mode).toList())
        .floats("nodes_values", nodes.stream().map(Node::bound).toList())
        .floats("nodes_hitrates", nodes.stream().map(node -> 1f).toList())
        .integers("nodes_truenodeids", nodes.stream().map(Node::yes).toList())
        .integers("nodes_falsenodeids", nodes.stream().map(Node::no).toList())
        .integers(
            "nodes_missing_value_tracks_true",
            nodes.stream().map(node -> node.tracksTrue() ? 1 : 0).toList());
  }

  private List<Node> leaves() {
    return nodes.stream().filter(Node::isLeaf).toList();
  }

  private static OnnxWriter.Node weights(
      OnnxWriter.Node node, String prefix, List<Node> leaves, List<Integer> ids, List<Float> w) {
    return node.integers(prefix + "treeids", leaves.stream().map(Node::tree).toList())
        .integers(prefix + "nodeids", leaves.stream().map(Node::id).toList())
        .integers(prefix + "ids", ids)
        .floats(prefix + "weights", w);
  }

  OnnxWriter.Node regressor() {
    List<Node> leaves = leaves();
    return weights(
            lists("TreeEnsembleRegressor", List.of("scores")),
            "target_",
            leaves,
            leaves.stream().map(leaf -> 0).toList(),
            leaves.stream().map(Node::weight).toList())
        .integer("n_targets", 1);
  }

  /** Whose score number t is the number of tree t's leaf. */
  byte[] leafNumbers() {
    List<Node> leaves = leaves();
    OnnxWriter.Node node =
        weights(
                lists("TreeEnsembleRegressor", List.of("scores")),
                "target_",
                leaves,
                leaves.stream().map(Node::tree).toList(),
                leaves.stream().map(leaf -> (float) leaf.id()).toList())
            .integer("n_targets", trees);
    return graph(node, trees);
  }

  /** Gives each leaf a weight of one class. */
  OnnxWriter.Node classifier(int classId, boolean arePositive) {
    List<Node> leaves = leaves();
    return weights(
            lists("TreeEnsembleClassifier", List.of("label", "scores")),
            "class_",
            leaves,
            leaves.stream().map(leaf -> classId).toList(),
            leaves.stream()
                .map(l -> arePositive ? Math.abs(l.weight()) / trees : l.weight())
                .toList())
        .integers("classlabels_int64s", List.of(0, 1));
  }

  /** Gives each leaf a weight of both classes, which add up to a tree's part. */
  OnnxWriter.Node forestClassifier() {
    List<Node> leaves = leaves();
    List<Node> twice = new ArrayList<>();
    List<Integer> ids = new ArrayList<>();
    List<Float> weights = new ArrayList<>();
    for (Node leaf : leaves) {
      float share = Math.abs(leaf.weight()) / trees;
      for (int classId = 0; classId < 2; classId++) {
        twice.add(leaf);
        ids.add(classId);
        weights.add(classId == 1 ? share : 1f / trees - share);
      }
    }
    return weights(
            lists("TreeEnsembleClassifier", List.of("label", "scores")),
            "class_",
            twice,
            ids,
            weights)
        .integers("classlabels_int64s", List.of(0, 1));
  }

  /** The operator of version 5, its leaves in the order of the nodes. */
  OnnxWriter.Node treeEnsemble(boolean weightIsNumber) {
    List<Node> inner = nodes.stream().filter(node -> !node.isLeaf()).toList();
    List<Node> leaves = leaves();
    byte[] modes = new byte[inner.size()];
    List<Integer> roots = new ArrayList<>();
    for (int i = 0; i < modes.length; i++) {
      modes[i] = (byte) MODES.indexOf(inner.get(i).mode());
      if (inner.get(i).id() == 0) {
        roots.add(i);
      }
    }
    List<Float> weights = new ArrayList<>();
    for (int i = 0; i < leaves.size(); i++) {
      weights.add(weightIsNumber ? (float) i : leaves.get(i).weight());
    }
    return new OnnxWriter.Node("TreeEnsemble", DOMAIN, List.of("X"), List.of("scores"))
        .integers("tree_roots", roots)
        .integers("nodes_featureids", inner.stream().map(Node::feature).toList())
        .floatTensor("nodes_splits", inner.stream().map(Node::bound).toList())
        .tensor("nodes_modes", OnnxWriter.UINT8, modes.length, modes)
        .integers("nodes_truenodeids", children(inner, leaves, true))
        .integers("nodes_falsenodeids", children(inner, leaves, false))
        .integers("nodes_trueleafs", areLeaves(inner, true))
        .integers("nodes_falseleafs", areLeaves(inner, false))
        .integers(
            "nodes_missing_value_tracks_true",
            inner.stream().map(node -> node.tracksTrue() ? 1 : 0).toList())
        .integers(
            "leaf_targetids",
            leaves.stream().map(leaf -> weightIsNumber ? leaf.tree() : 0).toList())
        .floatTensor("leaf_weights", weights)
        .integer("n_targets", weightIsNumber ? trees : 1)
        .integer("aggregate_function", 1)
        .integer("post_transform", 0);
  }

  private Node child(Node node, boolean yes) {
    int id = yes ? node.yes() : node.no();
    return nodes.stream()
        .filter(other -> other.tree() == node.tree() && other.id() == id)
        .findFirst()
        .orElseThrow();
  }

  private List<Integer> children(List<Node> inner, List<Node> leaves, boolean yes) {
    return inner.stream()
        .map(node -> child(node, yes))
        .map(child -> child.isLeaf() ? leaves.indexOf(child) : inner.indexOf(child))
        .toList();
  }

  private List<Integer> areLeaves(List<Node> inner, boolean yes) {
    return inner.stream().map(node -> child(node, yes).isLeaf() ? 1 : 0).toList();
  }

  /** A graph of one node that has scores, and a label where it is a classifier. */
  byte[] graph(OnnxWriter.Node node, int scores) {
    return writer(node, scores, false).bytes();
  }

  OnnxWriter writer(OnnxWriter.Node node, int scores, boolean hasLabel) {
    OnnxWriter writer = new OnnxWriter().features(features).node(node);
    if (hasLabel) {
      writer.output("label", OnnxWriter.INT64, 0);
    }
    return writer.output("scores", OnnxWriter.FLOAT, 0, scores);
  }
}
