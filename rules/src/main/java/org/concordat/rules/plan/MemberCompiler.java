package org.concordat.rules.plan;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.language.Condition;
import org.concordat.rules.language.Links;
import org.concordat.rules.language.Rule;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.plan.RuleOutput.MemberPath;
import org.concordat.rules.plan.RuleOutput.Members;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * Finds the paths whose earlier records a rule alerts: those that its condition can't hold without.
 * A path under {@code any} or {@code not} may have nothing to do with the flag.
 */
final class MemberCompiler {
  /** A row's slots are the bits of a word. */
  private static final int SLOTS_MAX = Long.SIZE;

  private final Problems problems;
  private final Map<String, Integer> paths = new HashMap<>();
  private final Map<Integer, List<Integer>> slots = new HashMap<>();

  MemberCompiler(Optional<Links> links, Problems problems) {
    this.problems = problems;
    List<PathSpec> specs = links.map(known -> known.spec().paths()).orElse(List.of());
    for (int path = 0; path < specs.size(); path++) {
      paths.put(specs.get(path).name(), path);
    }
  }

  /** Takes the nodes that say of each slot of a path whether its candidate holds. */
  void define(int path, List<Integer> nodes) {
    slots.put(path, nodes);
  }

  /** A rule's members; nothing where it alerts none, or {@code problems} has grown. */
  Optional<Members> compile(Rule rule) {
    if (rule.membersMax() == 0) {
      return Optional.empty();
    }
    Map<Integer, MemberPath> found = new LinkedHashMap<>();
    if (rule.body() instanceof Rule.ByCondition(Condition condition)) {
      for (Condition each :
          condition instanceof Condition.All all ? all.conditions() : List.of(condition)) {
        path(each)
            .ifPresent(
                path ->
                    found.putIfAbsent(
                        path, new MemberPath(path, slots.getOrDefault(path, List.of()))));
      }
    }
    List<MemberPath> members = new ArrayList<>(found.values());
    int count = members.stream().mapToInt(path -> path.slots().size()).sum();
    if (members.isEmpty() || count > SLOTS_MAX) {
      problems.add(
          Code.CDT_247,
          rule.place(),
          members.isEmpty()
              ? "The rule '" + rule.name() + "' doesn't hang on a path's earlier payments."
              : "The rule's paths have " + count + " slots; " + SLOTS_MAX + " can be told apart.",
          Code.CDT_247.fix());
      return Optional.empty();
    }
    return Optional.of(new Members(rule.membersMax(), List.copyOf(members)));
  }

  /** The path that has to be there where a condition holds. */
  private Optional<Integer> path(Condition condition) {
    return switch (condition) {
      case Condition.Within within when isPositive(within.from()) -> path(within.feature());
      case Condition.Member member when !member.none() && isPositive(member.values().first()) ->
          path(member.feature());
      case Condition.Within unused -> Optional.empty();
      case Condition.Member unused -> Optional.empty();
      case Condition.All unused -> Optional.empty();
      case Condition.Any unused -> Optional.empty();
      case Condition.Not unused -> Optional.empty();
      case Condition.AtLeast unused -> Optional.empty();
      case Condition.Compared unused -> Optional.empty();
      case Condition.Missing unused -> Optional.empty();
      case Condition.SumWithin unused -> Optional.empty();
    };
  }

  private static boolean isPositive(@Nullable BigInteger bound) {
    return bound != null && bound.signum() > 0;
  }

  private Optional<Integer> path(Feature feature) {
    return Optional.ofNullable(paths.get(feature.name()));
  }
}
