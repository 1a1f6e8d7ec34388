package org.concordat.aggregator.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.PlainColumns;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.PublicNodes;
import org.concordat.schemas.share.ShareLayout;

/**
 * What the rows of a batch get from earlier ones, as inputs of the plan's circuit. Shared columns
 * are this party's components already, but for what is public of carried numbers; a public number
 * is a sharing whose component 0 it is, as for every constant, and nodes that hang on public ones
 * alone are computed before.
 */
final class DerivedInputs {
  private final List<PlanCircuit.Derived> inputs;
  private final LinkColumns linked;
  private final long[][] values;
  private final int[] firstRows;

  private DerivedInputs(
      List<PlanCircuit.Derived> inputs, LinkColumns linked, long[][] values, int[] firstRows) {
    this.inputs = inputs;
    this.linked = linked;
    this.values = values;
    this.firstRows = firstRows;
  }

  static DerivedInputs of(
      Plan plan, List<PlanCircuit.Derived> inputs, LinkColumns linked, List<BlockShares> blocks) {
    int[] firstRows = new int[blocks.size() + 1];
    for (int i = 0; i < blocks.size(); i++) {
      firstRows[i + 1] = firstRows[i] + blocks.get(i).rows();
    }
    long[][] values = publicValues(plan, inputs, linked, firstRows[blocks.size()]);
    return new DerivedInputs(inputs, linked, values, firstRows);
  }

  /** By node, those that go in and those that they hang on. */
  private static long[][] publicValues(
      Plan plan, List<PlanCircuit.Derived> inputs, LinkColumns linked, int rows) {
    boolean[] isPublic = PublicNodes.of(plan);
    boolean[] needed = new boolean[isPublic.length];
    inputs.forEach(input -> needed[input.node()] = isPublic[input.node()]);
    for (int node = needed.length - 1; node >= 0; node--) {
      if (needed[node]) {
        plan.nodes().get(node).operands().forEach(operand -> needed[operand] = true);
      }
    }
    int fields = plan.layout().fields().size();
    List<LinkSpec.Derived> derived = plan.link().orElseThrow().derived();
    long[][] columns = new long[fields + derived.size()][];
    for (int column = 0; column < derived.size(); column++) {
      if (derived.get(column) instanceof LinkSpec.Public) {
        columns[fields + column] = linked.open(column);
      }
    }
    long[][] values = new long[isPublic.length][];
    for (int node = 0; node < needed.length; node++) {
      if (needed[node]) {
        Node of = plan.nodes().get(node);
        values[node] = PlainColumns.of(of, Map.of(), columns, values, rows);
      }
    }
    return values;
  }

  /** Fills the input slots of a pass. */
  void load(Pass pass, Columns columns, Suite suite) {
    for (int position = 0; position < suite.held(); position++) {
      long[][] slots = columns.component(position);
      boolean holdsPublic = suite.component(position) == 0;
      for (PlanCircuit.Derived input : inputs) {
        if (input.column() >= 0) {
          long[] words =
              holdsPublic
                  ? linked.whole(position, input.column())
                  : linked.shared(position, input.column());
          loadWords(pass, words, slots, input.slot());
        } else if (!holdsPublic) {
          int planes = input.isWord() ? Columns.LANES : 1;
          for (int i = 0; i < planes; i++) {
            Arrays.fill(slots[input.slot() + i], 0, pass.words(), 0);
          }
        } else if (input.isWord()) {
          loadWords(pass, values[input.node()], slots, input.slot());
        } else {
          loadBits(pass, values[input.node()], slots[input.slot()]);
        }
      }
    }
  }

  private void loadWords(Pass pass, long[] source, long[][] slots, int column) {
    for (int i = 0; i < pass.blocks().size(); i++) {
      int from = firstRows[pass.firstBlock() + i];
      Pass.loadLanes(source, from, pass.blocks().get(i).rows(), slots, column, pass.starts()[i]);
    }
  }

  private void loadBits(Pass pass, long[] source, long[] plane) {
    for (int i = 0; i < pass.blocks().size(); i++) {
      int from = firstRows[pass.firstBlock() + i];
      int rows = pass.blocks().get(i).rows();
      Arrays.fill(plane, pass.starts()[i], pass.starts()[i] + ShareLayout.planeWords(rows), 0);
      for (int row = 0; row < rows; row++) {
        plane[pass.starts()[i] + row / Columns.LANES] |= source[from + row] << row % Columns.LANES;
      }
    }
  }

  @Override
  public String toString() {
    return "DerivedInputs[inputs=" + inputs.size() + "]";
  }
}
