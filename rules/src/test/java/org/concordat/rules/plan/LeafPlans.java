package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.language.Rule;
import org.concordat.rules.language.RulesFile;
import org.concordat.rules.model.TreeScore;
import org.concordat.rules.model.tree.TreeModel;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/**
 * Plans whose scores tell which leaves a row comes to: a leaf's value is its place in its tree, and
 * each of a few trees has bits of its own.
 */
public final class LeafPlans {
  /** So that leaves are scaled by 10, and 4 more bits fit a sum. */
  private static final int TREES_MAX = 9;

  private static final int BITS_MAX = 52;

  private LeafPlans() {}

  /** A plan of some of a model's trees. */
  public record Part(Plan plan, List<TreeModel.Tree> trees, int leafBits) {
    /** The tool's numbers of the leaves. */
    public int[] leafIds(long score) {
      long places = score / plan.outputs().getFirst().scoreScale();
      int[] ids = new int[trees.size()];
      for (int tree = 0; tree < ids.length; tree++) {
        long place = places >>> (tree * leafBits) & ((1L << leafBits) - 1);
        ids[tree] = trees.get(tree).leafIds().get((int) place);
      }
      return ids;
    }
  }

  /** Plans of all trees, in their order. */
  public static List<Part> of(FeatureContract contract, TreeModel model) {
    List<Feature> features =
        model.features().stream().map(name -> contract.feature(name).orElseThrow()).toList();
    int largest = model.trees().stream().mapToInt(tree -> tree.leaves().size()).max().orElse(1);
    int leafBits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(largest - 1));
    int together = Math.min(TREES_MAX, BITS_MAX / leafBits);
    List<Part> parts = new ArrayList<>();
    for (int from = 0; from < model.trees().size(); from += together) {
      List<TreeModel.Tree> trees =
          model.trees().subList(from, Math.min(model.trees().size(), from + together));
      parts.add(new Part(plan(contract, features, trees, leafBits), trees, leafBits));
    }
    return parts;
  }

  private static Plan plan(
      FeatureContract contract, List<Feature> features, List<TreeModel.Tree> trees, int leafBits) {
    List<TreeModel.Tree> numbered = new ArrayList<>();
    for (TreeModel.Tree tree : trees) {
      List<Double> places = new ArrayList<>();
      for (int leaf = 0; leaf < tree.leaves().size(); leaf++) {
        places.add(Math.scalb((double) leaf, numbered.size() * leafBits));
      }
      numbered.add(new TreeModel.Tree(tree.splits(), places, tree.leafIds()));
    }
    Place place = Place.of("leaves");
    var score =
        new TreeScore(
            new TreeModel(List.of(), numbered, 0, false, 0),
            features,
            BigDecimal.ONE,
            BigDecimal.ONE,
            place);
    var rule =
        new Rule(
            "leaves", "Leaves", true, new Rule.ByTrees(score), true, List.of(), List.of(), place);
    var problems = new Problems();
    var compiled =
        Compiler.compile(
            new RulesFile("leaves", 1, Optional.empty(), List.of(rule)),
            contract,
            new byte[32],
            problems);
    problems.throwIfAny();
    return compiled.orElseThrow().plan();
  }
}
