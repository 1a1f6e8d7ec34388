package org.concordat.rules.model.tree;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.concordat.rules.model.tree.OnnxFile.Attribute;
import org.concordat.rules.model.tree.OnnxFile.Node;
import org.concordat.rules.model.tree.TreeFile.RefusedException;
import org.concordat.rules.model.tree.TreeModel.Tree;
import org.jspecify.annotations.Nullable;

/**
 * The one tree ensemble of an ONNX graph, by the operators' definition in {@code ai.onnx.ml} 1 to
 * 5: {@code TreeEnsembleRegressor}, {@code TreeEnsembleClassifier} of two classes, {@code
 * TreeEnsemble}. Its features have no names there: the graph's one input is a row of floats, of
 * which the first is {@code f0}. A classifier's score is that of its second class.
 */
final class OnnxTrees {
  private static final String DOMAIN = "ai.onnx.ml";
  private static final int OPSET_MAX = 5;
  private static final Set<String> ENSEMBLES =
      Set.of("TreeEnsembleRegressor", "TreeEnsembleClassifier", "TreeEnsemble");

  /** Puts a label beside each score: what it makes is the same score. */
  private static final String ZIP_MAP = "ZipMap";

  private final OnnxFile file;
  private final Node node;

  private OnnxTrees(OnnxFile file, Node node) {
    this.file = file;
    this.node = node;
  }

  /** The attributes of a node, by name. */
  static final class Attributes {
    private final Node node;
    private final Set<String> unread;

    Attributes(Node node) {
      this.node = node;
      this.unread = new HashSet<>(node.attributes().keySet());
    }

    String place(String name) {
      return node.place() + ", attribute '" + name + "'";
    }

    private Attribute get(String name) {
      unread.remove(name);
      return node.attributes().getOrDefault(name, new Attribute());
    }

    long integer(String name, long otherwise) {
      unread.remove(name);
      Attribute found = node.attributes().get(name);
      return found == null ? otherwise : found.integer();
    }

    String text(String name) {
      return get(name).text();
    }

    long[] integers(String name) {
      return get(name).integers();
    }

    float[] floats(String name) {
      return get(name).floats();
    }

    List<String> texts(String name) {
      return get(name).texts();
    }

    OnnxFile.@Nullable Tensor tensor(String name) {
      return get(name).tensor();
    }

    /** Of which training has left something that scoring doesn't need. */
    void ignore(String name) {
      unread.remove(name);
    }

    void finish() throws RefusedException {
      for (String name : unread) {
        throw new RefusedException(
            place(name), "The attribute isn't known here.", "Export for ai.onnx.ml 5 or older.");
      }
    }
  }

  /** What an operator's attributes say. */
  record Ensemble(List<Tree> trees, double base, boolean averages, double logitSlope) {}

  static TreeModel read(OnnxFile file) throws RefusedException {
    Node found = null;
    for (Node node : file.nodes()) {
      if (node.domain().equals(DOMAIN) && ENSEMBLES.contains(node.type())) {
        if (found != null) {
          throw new RefusedException(
              node.place(), "The graph has several ensembles.", "Export one model by itself.");
        }
        found = node;
      }
    }
    if (found == null) {
      throw new RefusedException(
          "graph", "The graph has no tree ensemble.", "Export a model of trees.");
    }
    return new OnnxTrees(file, found).model();
  }

  private TreeModel model() throws RefusedException {
    long opset = file.opset(DOMAIN);
    if (opset < 1 || opset > OPSET_MAX) {
      throw new RefusedException(
          "opset_import",
          "The file is for version " + opset + " of " + DOMAIN + ".",
          "Export for version " + OPSET_MAX + " or older.");
    }
    refuseOthers();
    long declared = width();
    Ensemble ensemble =
        switch (node.type()) {
          case "TreeEnsemble" -> new OnnxTreeEnsemble(node).read();
          default -> new OnnxNodeLists(node).read();
        };
    long tested = 0;
    for (Tree tree : ensemble.trees) {
      for (TreeModel.Split split : tree.splits()) {
        tested = Math.max(tested, split.feature() + 1L);
      }
    }
    if (declared > 0 && tested > declared) {
      throw TreeFile.malformed(node.place(), "A feature's number is too large.");
    }
    long count = Math.max(declared, tested);
    if (count > TreeModel.FEATURES_MAX) {
      throw TreeFile.malformed(
          "graph input", "There are more than " + TreeModel.FEATURES_MAX + " features.");
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add("f" + i);
    }
    return new TreeModel(
        names, ensemble.trees, ensemble.base, ensemble.averages, ensemble.logitSlope);
  }

  /** Other nodes may only read the label, or name the scores. */
  private void refuseOthers() throws RefusedException {
    boolean isClassifier = node.type().equals("TreeEnsembleClassifier");
    Set<String> labels = new HashSet<>();
    if (isClassifier && !node.outputs().isEmpty()) {
      labels.add(node.outputs().getFirst());
    }
    for (Node other : file.nodes()) {
      if (other == node) {
        continue;
      }
      boolean readsLabels = !other.inputs().isEmpty() && labels.containsAll(other.inputs());
      boolean namesScores =
          other.type().equals(ZIP_MAP) && node.outputs().containsAll(other.inputs());
      if (readsLabels) {
        labels.addAll(other.outputs());
      } else if (!namesScores) {
        throw new RefusedException(
            other.place(),
            "The graph does more than its trees: an operation '" + other.type() + "'.",
            "Export the trees alone, and prepare features in the mapping.");
      }
    }
  }

  /** The declared number of features; 0 where there is none. */
  private long width() throws RefusedException {
    List<OnnxFile.Input> inputs = file.inputs();
    if (inputs.size() != 1 || !node.inputs().equals(List.of(inputs.getFirst().name()))) {
      throw new RefusedException(
          node.place(),
          "The trees don't read the graph's one input.",
          "Export the trees alone, with one input.");
    }
    OnnxFile.Input input = inputs.getFirst();
    if (input.elementType() != OnnxFile.FLOAT) {
      throw new RefusedException(
          "input '" + input.name() + "'",
          "The model reads other numbers than floats.",
          "Export with an input of type tensor(float).");
    }
    if (input.shape().size() != 2) {
      throw TreeFile.malformed("input '" + input.name() + "'", "The input isn't rows of features.");
    }
    return Math.max(0, input.shape().get(1));
  }

  /** Of a regressor a logistic one too: ONNX Runtime leaves it out. */
  static RefusedException unknownTransform(String transform, Attributes attributes) {
    return new RefusedException(
        attributes.place("post_transform"),
        "The transform '" + transform + "' isn't known here.",
        "Export with post_transform NONE, or a classifier with LOGISTIC.");
  }
}
