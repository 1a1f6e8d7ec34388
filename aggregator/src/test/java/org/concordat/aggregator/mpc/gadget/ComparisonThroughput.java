package org.concordat.aggregator.mpc.gadget;

import java.util.Arrays;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Steps;

/**
 * Comparisons of 64 bits a second, three parties in one process: {@code main [rows [columns
 * [seconds]]]}. A figure to work with, not a test.
 */
final class ComparisonThroughput {
  private ComparisonThroughput() {}

  public static void main(String[] arguments) {
    int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 65_536;
    int columnCount = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
    int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
    var builder = new CircuitBuilder();
    for (int i = 0; i < columnCount; i++) {
      builder.output(Comparison.negative(builder, builder.inputWord(), 64));
    }
    Circuit circuit = builder.build();
    var columns = new Columns[Rep3Parties.PARTIES];
    Arrays.setAll(columns, party -> new Columns(2, circuit.slotCount(), rows / 64));
    System.out.printf(
        "slots %d, rounds %d, products %d%n",
        circuit.slotCount(), circuit.rounds(), circuit.ands());
    for (int warmUp = 0; warmUp < 3; warmUp++) {
      double perSecond = measure(circuit, columns, rows, seconds) * columnCount;
      System.out.printf("%.2f million comparisons/s%n", perSecond / 1e6);
    }
  }

  private static double measure(Circuit circuit, Columns[] columns, int rows, int seconds) {
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000L;
    long done = 0;
    while (System.nanoTime() < end) {
      var parties = new Rep3Parties(done);
      var network = new MemoryNetwork(Rep3Parties.PARTIES);
      network.<Boolean>run(
          party ->
              () -> {
                var suite = parties.suite(network, party);
                var steps = new Steps();
                for (int i = 0; i < 10; i++) {
                  circuit.run(suite, columns[party], steps, "run" + i);
                }
                return true;
              });
      done += 10L * rows;
    }
    return done * 1e9 / (System.nanoTime() - start);
  }
}
