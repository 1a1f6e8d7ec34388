package org.concordat.aggregator.mpc.gadget;

import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;

/** A circuit that is ready to run on columns of any number of rows. Immutable. */
public final class Circuit {
  private final List<Round> rounds;
  private final int[] slots;
  private final int slotCount;
  private final int ands;

  Circuit(List<Round> rounds, int[] slots, int slotCount, int ands) {
    this.rounds = List.copyOf(rounds);
    this.slots = slots;
    this.slotCount = slotCount;
    this.ands = ands;
  }

  /** Slots that {@link Columns} need for this circuit. */
  public int slotCount() {
    return slotCount;
  }

  /** Slots of the longest flight. */
  public int flightSlots() {
    return rounds.stream().mapToInt(Round::flightSlots).max().orElse(0);
  }

  /** Slots of all flights of a round, of the round with the most. */
  public int roundSlots() {
    return rounds.stream().mapToInt(Round::slots).max().orElse(0);
  }

  /** Rounds that send something. */
  public int rounds() {
    return (int) rounds.stream().filter(Round::sends).count();
  }

  /** Binary products for each row, those of carries among them. */
  public int ands() {
    return ands;
  }

  /** The slots of an input's or output's bits. */
  public int[] slots(Bits bits) {
    int[] chosen = new int[bits.width()];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = slots[bits.value(i)];
    }
    return chosen;
  }

  /** The slot of an input's scalar. */
  public int slot(Scalar scalar) {
    return slots[scalar.value()];
  }

  /** The first slot of an input's or output's column. */
  public int slot(Word word) {
    return slots[word.value()];
  }

  /**
   * Runs on columns whose input slots are filled; the output slots hold the results. Flights: at
   * most one of each kind a round, to one peer.
   */
  public void run(Suite suite, Columns columns, Steps steps, String path) {
    for (int round = 0; round < rounds.size(); round++) {
      rounds.get(round).run(suite, columns, steps, path + "/round" + round);
    }
  }
}
