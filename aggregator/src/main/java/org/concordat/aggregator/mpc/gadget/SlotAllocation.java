package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.gadget.Operation.Kind;

/**
 * Gives each value of a circuit its slot: a value's slot is free again after its last use, so the
 * working set stays small and near the processor. Columns and planes have free lists of their own.
 */
final class SlotAllocation {
  private final List<Boolean> isColumn;
  private final int[] slots;
  private final int[] lastUse;
  private final ArrayDeque<Integer> freePlanes = new ArrayDeque<>();
  private final ArrayDeque<Integer> freeColumns = new ArrayDeque<>();
  private int end;

  SlotAllocation(
      List<Boolean> isColumn,
      List<Integer> inputs,
      List<Integer> outputs,
      List<List<Operation>> local,
      List<List<Operation>> flights) {
    this.isColumn = isColumn;
    this.slots = new int[isColumn.size()];
    this.lastUse = new int[isColumn.size()];
    Arrays.fill(lastUse, -1);
    int points = visit(local, flights, this::noteUses);
    outputs.forEach(value -> lastUse[value] = points);
    inputs.forEach(this::place);
    visit(local, flights, this::placeAndFree);
  }

  int[] slots() {
    return slots;
  }

  private interface Visitor {
    void at(int point, List<Operation> together);
  }

  /** Visits the points in time at which slots are written: each local operation, each flight. */
  private static int visit(
      List<List<Operation>> local, List<List<Operation>> flights, Visitor visitor) {
    int point = 0;
    for (int round = 0; round < local.size(); round++) {
      for (Operation operation : local.get(round)) {
        visitor.at(point++, List.of(operation));
      }
      if (round < flights.size()) {
        visitor.at(point++, flights.get(round));
      }
    }
    return point;
  }

  private void noteUses(int point, List<Operation> together) {
    for (Operation operation : together) {
      for (int value : operation.in()) {
        lastUse[value] = point;
      }
    }
  }

  private void placeAndFree(int point, List<Operation> together) {
    // All of a flight's results are placed before any operand's slot is free: they coexist.
    together.forEach(operation -> Arrays.stream(operation.out()).forEach(this::place));
    Set<Integer> done = new HashSet<>();
    for (Operation operation : together) {
      Arrays.stream(operation.in()).filter(value -> lastUse[value] == point).forEach(done::add);
      if (operation.kind() != Kind.B2A) {
        Arrays.stream(operation.out()).filter(value -> lastUse[value] < 0).forEach(done::add);
      }
    }
    done.forEach(value -> (isColumn.get(value) ? freeColumns : freePlanes).push(slots[value]));
  }

  private void place(int value) {
    Integer free = (isColumn.get(value) ? freeColumns : freePlanes).poll();
    if (free != null) {
      slots[value] = free;
    } else {
      slots[value] = end;
      end += isColumn.get(value) ? Columns.LANES : 1;
    }
  }
}
