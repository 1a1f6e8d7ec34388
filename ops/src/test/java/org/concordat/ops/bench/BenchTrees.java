package org.concordat.ops.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Makes the rule set {@code bench-trees} from {@code bench}: every feature a second time as bins of
 * 100 cut points, and one more rule, 100 complete trees of depth 6 over the bins as XGBoost writes
 * them. Inner node k of tree t tests number {@code (63t + k) * 1657 mod 3200}: whether feature
 * {@code test / 100} is below its cut point {@code test % 100}, so that nearly all 3,200 are used.
 * Leaves are uniform multiples of 2^-15 between -1 and 1.
 */
final class BenchTrees {
  static final String CONTRACT = "contract.yaml";
  static final String MAPPING = "mapping.yaml";
  static final String RULES = "rules.yaml";
  static final String MODEL = "models/trees.json";

  static final int TREES = 100;
  static final int CUTS = 100;
  private static final int INNER = 63;
  private static final int NODES = 2 * INNER + 1;
  private static final int SPREAD = 1_657;
  private static final long SEED = 7;
  private static final int LEAF_BITS = 15;

  /** Bounds of doubles that are searched for; wider features are cut in their lower half. */
  private static final int CUT_BITS_MAX = 53;

  /** About one row in 800 reaches it; the test holds how many rows are flagged. */
  private static final String THRESHOLD = "18.5";

  private static final Map<String, Integer> FEATURES = features();

  private BenchTrees() {}

  private static Map<String, Integer> features() {
    // In the order of the contract that is bench's: n, w, c.
    Map<String, Integer> features = new LinkedHashMap<>();
    for (int i = 1; i <= 16; i++) {
      features.put(name('n', i), 32);
    }
    int[] wide = {48, 48, 50, 50, 52, 52, 54, 54};
    for (int i = 1; i <= 8; i++) {
      features.put(name('w', i), wide[i - 1]);
    }
    for (int i = 1; i <= 8; i++) {
      features.put(name('c', i), 10);
    }
    return features;
  }

  private static String name(char letter, int number) {
    return letter + (number < 10 ? "0" : "") + number;
  }

  /** The files of the rule set by their names in its folder. */
  static Map<String, String> files(Path bench) throws IOException {
    Map<String, String> files = new TreeMap<>();
    files.put(CONTRACT, contract(Files.readString(bench.resolve(CONTRACT))));
    files.put(MAPPING, mapping(Files.readString(bench.resolve(MAPPING))));
    files.put(RULES, rules(Files.readString(bench.resolve(RULES))));
    files.put(MODEL, model());
    return files;
  }

  private static String contract(String bench) {
    var text =
        new StringBuilder(
            "# Made by BenchTrees (test code of ops): the features of bench, and each again as"
                + " bins.\n");
    text.append(bench.replace("contract: bench\n", "contract: bench-trees\n"));
    for (var feature : FEATURES.entrySet()) {
      List<Long> cuts = new ArrayList<>();
      for (int cut = 0; cut < CUTS; cut++) {
        cuts.add(firstNotBelow(bound(feature.getValue(), cut)));
      }
      text.append("  b").append(feature.getKey()).append(": {type: bins, cuts: ");
      text.append(cuts).append("}\n");
    }
    return text.toString();
  }

  private static String mapping(String bench) {
    var text = new StringBuilder(bench);
    for (String feature : FEATURES.keySet()) {
      text.append("  b").append(feature).append(": ").append(feature).append('\n');
    }
    return text.toString();
  }

  private static String rules(String bench) {
    return bench
            .replace("ruleSet: bench\n", "ruleSet: bench-trees\n")
            .replace("contract: bench@1", "contract: bench-trees@1")
            .replace(
                "# The fixed rule set of 'concordat bench pipeline': it",
                "# The rule set of 'concordat bench pipeline --rules bench-trees': it")
        + """

          - rule: trees
            title: A hundred trees of depth six over the bins
            score:
              model: trees
              file: models/trees.json
              threshold: %s
              step: 0.00390625
        """
            .formatted(THRESHOLD);
  }

  /** A float, so that the tool's comparison has a bound to compare with. */
  private static float bound(int bits, int cut) {
    return (float) ((1L << Math.min(bits, CUT_BITS_MAX)) / (CUTS + 1L) * (cut + 1L));
  }

  /** The smallest integer that isn't below a bound once it is a float. */
  private static long firstNotBelow(float bound) {
    long low = 0;
    long high = (long) bound;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if ((float) middle < bound) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static String model() {
    var random = new SplittableRandom(SEED);
    List<String> names = List.copyOf(FEATURES.keySet());
    var json = new StringBuilder("{\"learner\":{\"attributes\":{},\"feature_names\":[");
    for (int f = 0; f < names.size(); f++) {
      json.append(f == 0 ? "" : ",").append("\"b").append(names.get(f)).append('"');
    }
    json.append("],\"feature_types\":[],\"gradient_booster\":{\"model\":{");
    json.append("\"gbtree_model_param\":{\"num_parallel_tree\":\"1\",\"num_trees\":\"");
    json.append(TREES).append("\"},\"tree_info\":[],\"trees\":[");
    for (int tree = 0; tree < TREES; tree++) {
      json.append(tree == 0 ? "\n" : ",\n");
      tree(json, tree, names, random);
    }
    json.append("\n]},\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"0\",");
    json.append("\"num_class\":\"0\",\"num_feature\":\"").append(names.size());
    json.append("\",\"num_target\":\"1\"},\"objective\":{\"name\":\"reg:squarederror\"}},");
    return json.append("\"version\":[2,1,0]}\n").toString();
  }

  private static void tree(
      StringBuilder json, int tree, List<String> names, SplittableRandom random) {
    var left = new ArrayList<Integer>();
    var right = new ArrayList<Integer>();
    var indices = new ArrayList<Integer>();
    var conditions = new ArrayList<String>();
    for (int node = 0; node < NODES; node++) {
      boolean inner = node < INNER;
      left.add(inner ? 2 * node + 1 : -1);
      right.add(inner ? 2 * node + 2 : -1);
      if (inner) {
        int test = (INNER * tree + node) * SPREAD % (CUTS * names.size());
        String feature = names.get(test / CUTS);
        indices.add(test / CUTS);
        conditions.add(Float.toString(bound(FEATURES.getOrDefault(feature, 0), test % CUTS)));
      } else {
        indices.add(0);
        int leaf = random.nextInt(-(1 << LEAF_BITS), (1 << LEAF_BITS) + 1);
        conditions.add(Float.toString((float) leaf / (1 << LEAF_BITS)));
      }
    }
    json.append("{\"default_left\":").append(Collections.nCopies(NODES, 0));
    json.append(",\"id\":").append(tree).append(",\"left_children\":").append(left);
    json.append(",\"right_children\":").append(right);
    json.append(",\"split_conditions\":[").append(String.join(",", conditions));
    json.append("],\"split_indices\":").append(indices);
    json.append(",\"split_type\":").append(Collections.nCopies(NODES, 0));
    json.append(",\"tree_param\":{\"num_feature\":\"").append(names.size());
    json.append("\",\"num_nodes\":\"").append(NODES).append("\"}}");
  }
}
