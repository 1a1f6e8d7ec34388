package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Flight;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.gadget.Operation.Kind;

/** What runs without a message, then all flights that go out together. Holds slots, not values. */
final class Round {
  private final List<Operation> local;
  private final int[] andLeft;
  private final int[] andRight;
  private final int[] andOut;
  private final int[][] selectFrom;
  private final long[] selectOffsets;
  private final int[][] selectOut;
  private final int[] carryIn;
  private final int[] carryOut;
  private final int[][] b2aCodes;
  private final int[] productLeft;
  private final int[] productRight;
  private final int[] productOut;
  private final int[][] dotLeft;
  private final int[][] dotRight;
  private final int[] dotOut;
  private final int[] b2aBegun;
  private final int[] b2aEnded;

  private Round(List<Operation> local, List<Operation> sent, List<Operation> earlier) {
    this.local = local;
    List<Operation> ands = of(Kind.AND, sent);
    this.andLeft = join(ands.stream().map(and -> half(and.in(), 0)));
    this.andRight = join(ands.stream().map(and -> half(and.in(), 1)));
    this.andOut = join(ands.stream().map(Operation::out));
    List<Operation> selections = of(Kind.SELECT, sent);
    this.selectFrom = selections.stream().map(Operation::in).toArray(int[][]::new);
    this.selectOffsets = selections.stream().mapToLong(Operation::constant).toArray();
    this.selectOut = selections.stream().map(Operation::out).toArray(int[][]::new);
    this.carryIn = join(of(Kind.CARRY, sent).stream().map(Operation::in));
    this.carryOut = join(of(Kind.CARRY, sent).stream().map(Operation::out));
    List<Operation> products = of(Kind.MULTIPLY, sent);
    this.productLeft = lanes(join(products.stream().map(product -> half(product.in(), 0))));
    this.productRight = lanes(join(products.stream().map(product -> half(product.in(), 1))));
    this.productOut = lanes(join(products.stream().map(Operation::out)));
    List<Operation> dots = sent.stream().filter(Round::isDot).toList();
    this.dotLeft = byLane(dots, 0);
    this.dotRight = byLane(dots, 1);
    this.dotOut = lanes(join(dots.stream().map(Operation::out)));
    this.b2aCodes = of(Kind.B2A, sent).stream().map(Operation::in).toArray(int[][]::new);
    this.b2aBegun = join(of(Kind.B2A, sent).stream().map(Operation::out));
    this.b2aEnded = join(of(Kind.B2A, earlier).stream().map(Operation::out));
  }

  static Round of(
      List<Operation> local, List<Operation> sent, List<Operation> earlier, int[] slots) {
    return new Round(at(slots, local), at(slots, sent), at(slots, earlier));
  }

  private static List<Operation> at(int[] slots, List<Operation> operations) {
    return operations.stream().map(operation -> operation.at(slots)).toList();
  }

  private static List<Operation> of(Kind kind, List<Operation> operations) {
    return operations.stream().filter(operation -> operation.kind() == kind).toList();
  }

  private static boolean isDot(Operation operation) {
    return operation.kind() == Kind.DOT || operation.kind() == Kind.WEIGHTED;
  }

  /** The slots of one side's factors, for each lane of each sum. */
  private static int[][] byLane(List<Operation> dots, int side) {
    int[][] factors = new int[dots.size() * Columns.LANES][];
    for (int i = 0; i < factors.length; i++) {
      Operation dot = dots.get(i / Columns.LANES);
      boolean isScalar = side == 1 && dot.kind() == Kind.WEIGHTED;
      int lane = isScalar ? 0 : i % Columns.LANES;
      factors[i] = Arrays.stream(half(dot.in(), side)).map(slot -> slot + lane).toArray();
    }
    return factors;
  }

  private static int[] join(Stream<int[]> parts) {
    return parts.flatMapToInt(Arrays::stream).toArray();
  }

  private static int[] half(int[] both, int index) {
    int length = both.length / 2;
    return Arrays.copyOfRange(both, index * length, (index + 1) * length);
  }

  /** All slots of columns that are given by their first. */
  private static int[] lanes(int[] columns) {
    int[] lanes = new int[columns.length * Columns.LANES];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = columns[i / Columns.LANES] + i % Columns.LANES;
    }
    return lanes;
  }

  boolean sends() {
    return IntStream.of(
            andOut.length,
            selectOut.length,
            carryOut.length,
            productOut.length,
            dotOut.length,
            b2aBegun.length,
            b2aEnded.length)
        .anyMatch(length -> length > 0);
  }

  /** Slots of the longest flight; its words are as many times the words of a slot. */
  int flightSlots() {
    return flights().max().orElse(0);
  }

  /** Slots of all its flights together. */
  int slots() {
    return flights().sum();
  }

  private IntStream flights() {
    int selected = Arrays.stream(selectOut).mapToInt(out -> out.length).sum();
    int b2aBits = Arrays.stream(b2aCodes).mapToInt(code -> code.length).sum();
    return IntStream.of(
        andOut.length,
        selected,
        carryOut.length,
        productOut.length,
        dotOut.length,
        b2aBits * Columns.LANES,
        b2aEnded.length * Columns.LANES);
  }

  void run(Suite suite, Columns columns, Steps steps, String path) {
    for (Operation operation : local) {
      LocalOperations.run(operation, suite, columns);
    }
    var flights = new ArrayList<Flight>();
    if (b2aEnded.length > 0) {
      flights.add(suite.endB2a(steps.next(path + "/b2a-end"), columns, b2aEnded));
    }
    if (b2aBegun.length > 0) {
      flights.add(suite.beginB2a(steps.next(path + "/b2a-begin"), columns, b2aCodes, b2aBegun));
    }
    if (carryOut.length > 0) {
      flights.add(suite.carry(steps.next(path + "/carry"), columns, carryIn, carryOut));
    }
    if (productOut.length > 0) {
      flights.add(
          suite.multiply(
              steps.next(path + "/multiply"), columns, productLeft, productRight, productOut));
    }
    if (dotOut.length > 0) {
      flights.add(suite.dot(steps.next(path + "/dot"), columns, dotLeft, dotRight, dotOut));
    }
    if (selectOut.length > 0) {
      flights.add(
          suite.select(
              steps.next(path + "/select"), columns, selectFrom, selectOffsets, selectOut));
    }
    if (andOut.length > 0) {
      flights.add(suite.and(steps.next(path + "/and"), columns, andLeft, andRight, andOut));
    }
    flights.forEach(Flight::await);
  }
}
