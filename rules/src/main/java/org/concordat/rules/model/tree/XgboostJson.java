package org.concordat.rules.model.tree;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.concordat.rules.model.tree.TreeFile.RefusedException;
import org.concordat.rules.model.tree.TreeModel.BelowFloat;
import org.concordat.rules.model.tree.TreeModel.Member;
import org.concordat.rules.model.tree.TreeModel.Missing;
import org.concordat.rules.model.tree.TreeModel.Split;
import org.concordat.rules.model.tree.TreeModel.Test;
import org.concordat.rules.model.tree.TreeModel.Tree;

/**
 * XGBoost's JSON model, from version 1.0 on, by its published schema; UBJ holds the same. Numbers
 * are floats there; a leaf's value stands where an inner node has its bound. Of {@code
 * binary:logistic} the file's base score is a probability.
 */
final class XgboostJson {
  private static final Set<String> LOGISTIC = Set.of("binary:logistic", "reg:logistic");
  private static final Set<String> IDENTITY =
      Set.of("reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror");
  private static final String LOGIT_RAW = "binary:logitraw";
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private XgboostJson() {}

  static TreeModel read(String text) throws RefusedException {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw TreeFile.malformed(
          "line " + e.getLocation().getLineNr(),
          "The file is neither LightGBM's text, nor XGBoost's JSON or UBJ, nor ONNX.");
    }
    return read(root);
  }

  static TreeModel read(JsonNode root) throws RefusedException {
    JsonNode learner = required(root, "learner");
    JsonNode parameters = required(learner, "learner_model_param");
    requireOne(parameters, "num_class", "classes");
    requireOne(parameters, "num_target", "targets");
    JsonNode booster = required(learner, "gradient_booster");
    String name = required(booster, "name").asText();
    if (!name.equals("gbtree") && !name.equals("dart")) {
      throw new RefusedException(
          "learner.gradient_booster.name",
          "The booster '" + name + "' has no trees.",
          "Train with booster gbtree or dart.");
    }
    boolean isDart = name.equals("dart");
    JsonNode model = required(isDart ? required(booster, "gbtree") : booster, "model");
    // Newer versions (3.4) write trees with dropout as a gbtree, with the weights in its model.
    JsonNode weights = isDart ? required(booster, "weight_drop") : model.path("weight_drop");
    JsonNode trees = required(model, "trees");
    if (trees.size() > TreeModel.TREES_MAX) {
      throw TreeFile.malformed("trees", "There are more than " + TreeModel.TREES_MAX + " trees.");
    }
    int featureCount = Integer.parseInt(integer(required(parameters, "num_feature").asText()));
    List<Tree> read = new ArrayList<>();
    int nodes = 0;
    for (int i = 0; i < trees.size(); i++) {
      String place = "trees[" + i + "]";
      double weight = isDart || weights.size() > 0 ? weight(weights, i) : 1;
      read.add(tree(trees.get(i), place, weight, featureCount));
      nodes += read.getLast().splits().size();
      if (nodes > TreeModel.NODES_MAX) {
        throw TreeFile.malformed(
            place, "The trees have more than " + TreeModel.NODES_MAX + " inner nodes.");
      }
    }
    String objective = required(required(learner, "objective"), "name").asText();
    return new TreeModel(
        features(learner.path("feature_names"), featureCount),
        read,
        base(required(parameters, "base_score").asText(), objective),
        false,
        IDENTITY.contains(objective) ? 0 : 1);
  }

  private static double weight(JsonNode weights, int tree) throws RefusedException {
    if (!weights.path(tree).isNumber()) {
      throw TreeFile.malformed("weight_drop[" + tree + "]", "A tree's weight is missing.");
    }
    return weights.get(tree).floatValue();
  }

  private static String integer(String text) throws RefusedException {
    if (!text.matches("[0-9]{1,6}")) {
      throw TreeFile.malformed("learner.learner_model_param", "A count is no whole number.");
    }
    return text;
  }

  private static void requireOne(JsonNode parameters, String key, String what)
      throws RefusedException {
    if (Integer.parseInt(integer(parameters.path(key).asText("1"))) > 1) {
      throw new RefusedException(
          "learner.learner_model_param." + key,
          "The model has several " + what + ".",
          "Train a model with one score.");
    }
  }

  private static List<String> features(JsonNode names, int count) throws RefusedException {
    if (count > TreeModel.FEATURES_MAX) {
      throw TreeFile.malformed(
          "learner.learner_model_param.num_feature",
          "There are more than " + TreeModel.FEATURES_MAX + " features.");
    }
    List<String> features = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      features.add(names.size() == 0 ? "f" + i : names.path(i).asText());
    }
    return features;
  }

  /** The margin that every score starts from; from version 3 on the number stands in brackets. */
  private static double base(String text, String objective) throws RefusedException {
    float base;
    try {
      base = Float.parseFloat(text.replaceAll("[\\[\\]]", ""));
    } catch (NumberFormatException e) {
      throw TreeFile.malformed(
          "learner.learner_model_param.base_score", "The base score is no number.");
    }
    if (LOGISTIC.contains(objective)) {
      if (!(base > 0 && base < 1)) {
        throw TreeFile.malformed(
            "learner.learner_model_param.base_score", "The base score is no probability.");
      }
      // StrictMath gives the same bits on every machine.
      return StrictMath.log(base) - StrictMath.log1p(-base);
    }
    if (!IDENTITY.contains(objective) && !objective.equals(LOGIT_RAW)) {
      throw new RefusedException(
          "learner.objective.name",
          "The objective '" + objective + "' isn't known here.",
          "Train with binary:logistic, binary:logitraw, reg:logistic or reg:squarederror.");
    }
    return base;
  }

  private static Tree tree(JsonNode tree, String place, double weight, int featureCount)
      throws RefusedException {
    JsonNode left = required(tree, "left_children");
    JsonNode right = required(tree, "right_children");
    JsonNode bounds = required(tree, "split_conditions");
    JsonNode indices = required(tree, "split_indices");
    int count = left.size();
    if (count < 1 || right.size() != count || bounds.size() != count || indices.size() != count) {
      throw TreeFile.malformed(place, "Its lists have different lengths.");
    }
    // By node: its number among the inner ones, or -1 less its number among the leaves.
    int[] numbers = new int[count];
    List<Double> leaves = new ArrayList<>();
    List<Integer> leafIds = new ArrayList<>();
    int inner = 0;
    for (int node = 0; node < count; node++) {
      if (left.get(node).asInt() == -1) {
        numbers[node] = -1 - leaves.size();
        leaves.add((double) number(bounds, node) * weight);
        leafIds.add(node);
      } else {
        numbers[node] = inner++;
      }
    }
    List<Split> splits = new ArrayList<>();
    for (int node = 0; node < count; node++) {
      if (numbers[node] >= 0) {
        int feature = indices.get(node).asInt();
        if (feature < 0 || feature >= featureCount) {
          throw TreeFile.malformed(place + ".split_indices", "A feature's number is too large.");
        }
        splits.add(
            new Split(
                feature,
                test(tree, node, place),
                tree.path("default_left").path(node).asInt() != 0 ? Missing.LEFT : Missing.RIGHT,
                child(numbers, left.get(node).asInt(), place),
                child(numbers, right.get(node).asInt(), place)));
      }
    }
    try {
      return TreeBuilder.build(splits, leaves, leafIds);
    } catch (TreeBuilder.MalformedException e) {
      throw TreeFile.malformed(place, "The tree " + e.getMessage() + ".");
    }
  }

  /** Without the -0.0 that a text would lose and a test can't see. */
  private static float number(JsonNode numbers, int at) {
    return numbers.get(at).floatValue() + 0.0f;
  }

  private static int child(int[] numbers, int node, String place) throws RefusedException {
    if (node < 0 || node >= numbers.length) {
      throw TreeFile.malformed(place, "A node's child is missing.");
    }
    return numbers[node];
  }

  private static Test test(JsonNode tree, int node, String place) throws RefusedException {
    if (tree.path("split_type").path(node).asInt() == 0) {
      float bound = number(required(tree, "split_conditions"), node);
      if (!Float.isFinite(bound)) {
        throw TreeFile.malformed(place + ".split_conditions", "A bound is no finite number.");
      }
      return new BelowFloat(bound);
    }
    JsonNode nodes = required(tree, "categories_nodes");
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).asInt() == node) {
        var categories = new TreeSet<Integer>();
        int from = required(tree, "categories_segments").path(i).asInt();
        int size = required(tree, "categories_sizes").path(i).asInt();
        for (int at = from; at < from + size; at++) {
          categories.add(required(tree, "categories").path(at).asInt(-1));
        }
        if (!categories.isEmpty() && categories.first() >= 0) {
          // The listed categories are those that go right.
          return new Member(categories, false);
        }
      }
    }
    throw TreeFile.malformed(place + ".categories", "A split's categories are missing.");
  }

  private static JsonNode required(JsonNode parent, String key) throws RefusedException {
    JsonNode found = parent.get(key);
    if (found == null) {
      throw TreeFile.malformed(key, "The JSON has no '" + key + "', which XGBoost writes.");
    }
    return found;
  }
}
