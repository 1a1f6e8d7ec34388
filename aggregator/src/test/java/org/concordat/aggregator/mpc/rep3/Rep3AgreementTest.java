package org.concordat.aggregator.mpc.rep3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.Step;
import org.junit.jupiter.api.Test;

/** What parties draw together is held alike; what isn't held or known alike is found. */
class Rep3AgreementTest {
  private static final int[] SLOTS = {1, 0};
  private static final Step DRAW = new Step(0, "draw");
  private static final Step COMPARE = new Step(1, "compare");

  private final long seed = Seeds.seed();

  private Columns[] drawn(List<Integer> lengths) {
    var columns = new Columns[3];
    Arrays.setAll(columns, party -> new Columns(2, 2, 3));
    var parties = new Rep3Parties(seed);
    var network =
        new MemoryNetwork(
            3,
            (from, to, step, words) -> {
              lengths.add(words.length);
              return words;
            });
    network.<Boolean>run(
        party ->
            () -> {
              parties.suite(network, party).randomBits(DRAW, columns[party], SLOTS);
              return true;
            });
    return columns;
  }

  @Test
  void drawsBitsThatBothHoldersOfAComponentHave() {
    List<Integer> flights = new ArrayList<>();
    Columns[] columns = drawn(flights);
    assertThat(flights).isEmpty();
    var seen = new ArrayList<Long>();
    for (int slot = 0; slot < 2; slot++) {
      for (int word = 0; word < 3; word++) {
        for (long component : Rep3Parties.components(columns, slot, word)) {
          seen.add(component);
        }
      }
    }
    assertThat(seen).doesNotHaveDuplicates().doesNotContain(0L);
  }

  private void compareHeld(Columns[] columns) {
    var parties = new Rep3Parties(seed + 1);
    var network = new MemoryNetwork(3);
    network.<Boolean>run(
        party ->
            () -> {
              parties.suite(network, party).compareHeld(COMPARE, columns[party], SLOTS).await();
              return true;
            });
  }

  @Test
  void anotherCopyOfAComponentIsFoundWhoeverHoldsIt() {
    compareHeld(drawn(new ArrayList<>()));
    for (int party = 0; party < 3; party++) {
      for (int position = 0; position < 2; position++) {
        Columns[] columns = drawn(new ArrayList<>());
        columns[party].component(position)[1][2] ^= 1;
        ProtocolAbortException abort =
            catchThrowableOfType(ProtocolAbortException.class, () -> compareHeld(columns));
        assertThat(abort.fault()).isEqualTo(Fault.HELD_DIFFER);
        int other = (party + (position == 0 ? 2 : 1)) % 3;
        assertThat(abort.peer()).isIn(party, other);
      }
    }
  }

  private void compareKnown(long[][] words) {
    var parties = new Rep3Parties(seed);
    var network = new MemoryNetwork(3);
    network.<Boolean>run(
        party ->
            () -> {
              parties.suite(network, party).compareKnown(COMPARE, words[party]).await();
              return true;
            });
  }

  @Test
  void whatOnePartyKnowsOtherwiseIsFound() {
    compareKnown(new long[][] {{5, 6}, {5, 6}, {5, 6}});
    compareKnown(new long[3][0]);
    for (long[][] words : List.of(new long[][] {{5}, {5}, {6}}, new long[][] {{5}, {5, 0}, {5}})) {
      ProtocolAbortException abort =
          catchThrowableOfType(ProtocolAbortException.class, () -> compareKnown(words));
      assertThat(abort.fault()).isEqualTo(Fault.HELD_DIFFER);
    }
  }
}
