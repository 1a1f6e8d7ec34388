package org.concordat.aggregator.mpc.gadget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products and rounds of PROTOCOLS 3. */
class BudgetTest {
  private final CircuitBuilder builder = new CircuitBuilder();

  @ParameterizedTest
  @CsvSource({"64, 244, 8", "48, 180, 8", "40, 148, 8", "32, 117, 7", "16, 54, 6"})
  void negative(int width, int budget, int rounds) {
    builder.output(Comparison.negative(builder, builder.inputWord(), width));
    Circuit circuit = builder.build();
    // The table has a product for bit 0, where no carry enters, and two that take it along.
    assertThat(circuit.ands()).isEqualTo(budget - 3);
    assertThat(circuit.rounds()).isEqualTo(rounds);
  }

  @ParameterizedTest
  @CsvSource({"64, 120, 6", "48, 88, 6", "32, 57, 5", "16, 26, 4"})
  void atLeast(int width, int budget, int rounds) {
    long bound = 0xA5A5A5A5A5A5A5A5L >>> (64 - width);
    builder.output(Comparison.atLeast(builder, builder.inputBits(width), bound));
    Circuit circuit = builder.build();
    assertThat(circuit.ands()).isLessThanOrEqualTo(budget);
    assertThat(circuit.rounds()).isEqualTo(rounds);
    // How many parts of a bound are alike decides by how much it costs less.
    new Random(width)
        .longs(500)
        .forEach(
            any -> {
              var other = new CircuitBuilder();
              other.output(Comparison.atLeast(other, other.inputBits(width), any >>> 64 - width));
              assertThat(other.build().ands()).isLessThanOrEqualTo(budget);
            });
  }

  @ParameterizedTest
  @CsvSource({"64, 184, 7", "32, 89, 6", "1, 1, 1"})
  void notBelow(int width, int budget, int rounds) {
    builder.output(
        Comparison.notBelow(builder, builder.inputBits(width), builder.inputBits(width)));
    Circuit circuit = builder.build();
    assertThat(circuit.ands()).isEqualTo(budget);
    assertThat(circuit.rounds()).isEqualTo(rounds);
  }

  @ParameterizedTest
  @CsvSource({"64, 63, 6", "10, 9, 4"})
  void oneMember(int width, int budget, int rounds) {
    builder.output(new Membership(builder, builder.inputBits(width)).in(java.util.List.of(0x155L)));
    Circuit circuit = builder.build();
    assertThat(circuit.ands()).isEqualTo(budget);
    assertThat(circuit.rounds()).isEqualTo(rounds);
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "64, 2"})
  void b2a(int width, int rounds) {
    builder.output(builder.b2a(builder.inputBits(width)));
    Circuit circuit = builder.build();
    assertThat(circuit.ands()).isZero();
    assertThat(circuit.rounds()).isEqualTo(rounds);
  }
}
