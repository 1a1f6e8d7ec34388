package org.concordat.rules.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;

/**
 * What the live rules save by sharing operations, and the widths that were proved to suffice.
 *
 * @param operations of the plan, inputs not counted
 * @param operationsApart of the same rules each by itself
 * @param andGatesApart likewise
 * @param signBits widths of the sums whose sign is taken, each once, ascending
 * @param codeBounds by width of a code: bounds and sets that it is compared with
 * @param treeBits widths of the sums of trees
 */
public record Sharing(
    int operations,
    int operationsApart,
    int andGates,
    int andGatesApart,
    List<Integer> signBits,
    SortedMap<Integer, Integer> codeBounds,
    List<Integer> treeBits) {
  static Sharing of(Plan plan, CostModel all, List<CostModel> apart) {
    var signs = new TreeSet<Integer>();
    SortedMap<Integer, Integer> bounds = new TreeMap<>();
    List<Integer> trees = new ArrayList<>();
    for (int index : all.operations()) {
      switch (plan.nodes().get(index)) {
        case Node.Negative negative -> signs.add(negative.widthBits());
        case Node.Extreme extreme -> signs.add(extreme.widthBits());
        case Node.CodeAtLeast compared ->
            bounds.merge(all.widthBits(compared.input()), 1, Integer::sum);
        case Node.CodeIn member -> bounds.merge(all.widthBits(member.input()), 1, Integer::sum);
        case Node.Forest forest -> trees.add(forest.widthBits());
        case Node.SecretForest forest -> trees.add(forest.widthBits());
        default -> {
          // Has no width of its own.
        }
      }
    }
    return new Sharing(
        all.operations().size(),
        apart.stream().mapToInt(model -> model.operations().size()).sum(),
        all.andGates(),
        apart.stream().mapToInt(CostModel::andGates).sum(),
        List.copyOf(signs),
        bounds,
        List.copyOf(trees));
  }

  String text() {
    var text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "  Shared: %d operations instead of %d, %d ANDs instead of %d, of the rules apart.\n",
            operations,
            operationsApart,
            andGates,
            andGatesApart));
    if (!signBits.isEmpty()) {
      text.append(
          String.format(Locale.ROOT, "  Signs are taken of sums of %s bits.\n", joined(signBits)));
    }
    if (!codeBounds.isEmpty()) {
      List<String> parts = new ArrayList<>();
      codeBounds.forEach((width, count) -> parts.add(count + " of " + width));
      text.append("  Bounds and sets of codes, by bits: ").append(String.join(", ", parts));
      text.append(".\n");
    }
    if (!treeBits.isEmpty()) {
      text.append(
          String.format(Locale.ROOT, "  Leaves add up to codes of %s bits.\n", joined(treeBits)));
    }
    return text.toString();
  }

  private static String joined(List<Integer> numbers) {
    return String.join(", ", numbers.stream().map(String::valueOf).toList());
  }
}
