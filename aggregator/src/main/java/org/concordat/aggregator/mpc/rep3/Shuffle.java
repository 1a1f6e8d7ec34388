package org.concordat.aggregator.mpc.rep3;

import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.SharedTable;
import org.concordat.aggregator.mpc.Step;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.random.Randomness;

/**
 * Puts a table's rows into an order that no party knows, under fresh shares. Araki et al., "Secure
 * Graph Analysis at Scale", CCS 2021, section 5.2, in the indices of {@link Rep3}; two differences:
 * columns go in groups, so that memory is bounded, and P_0, which only sends, waits for a word from
 * either peer after each group, so that it doesn't run ahead of them.
 *
 * <p>Each pair holds a permutation and masks from its key: p12 and Z12 are P_0's and P_1's (k_1),
 * p23 and Z23 P_1's and P_2's (k_2), p31 and Z31 P_2's and P_0's (k_0). P_0 sends P_1 {@code X =
 * p31(p12(x_0 + x_1 + Z12) + Z31)}, P_1 sends P_2 {@code Y = p12(x_2 - Z12)}. P_1 makes {@code
 * p23(X + Z23)}, P_2 {@code p23(p31(Y - Z31) - Z23)}: together they are the permuted rows. New
 * components 0 and 1 are drawn from k_0 and k_1; P_1 and P_2 take the one that they know off and
 * exchange what is left, whose sum is component 2. With exclusive or likewise.
 *
 * <p>Two rounds for each group of columns, four messages of a word for each of its words and two of
 * one word: {@code rows * columns} words from P_0, twice as many from P_1, as many from P_2.
 * Permutations are drawn by Fisher and Yates with rejection, so each is uniform; what the three
 * make together is, if one of them is. A party knows two of them and never the third.
 *
 * <p>Semi-honest: hides the order and the values from any one party that follows the protocol. A
 * message is hidden from its reader by a mask of the other two. Does NOT protect against two that
 * pool their permutations, nor against one that deviates: it can drop, double and change rows, and
 * nobody notices. Positions that memory is read at depend on the permutations: whoever sees a
 * party's cache sees two of them, as if it were that party.
 */
final class Shuffle {
  /** Of a flight, unless one column alone needs more. */
  static final int GROUP_WORDS = 1 << 20;

  private static final int PACE_WORDS = 1;

  private final Channel channel;
  private final Randomness randomness;

  Shuffle(Channel channel, Randomness randomness) {
    this.channel = channel;
    this.randomness = randomness;
  }

  /** Shuffles in place; the number of rows is public. */
  void run(Steps steps, String path, SharedTable table) {
    int rows = table.rows();
    if (rows == 0 || table.columns() == 0) {
      return;
    }
    int[] withPrevious = new int[rows];
    int[] withNext = new int[rows];
    randomness.permutations(steps.next(path + "/permutations"), withPrevious, withNext);
    int columns = Math.min(table.columns(), Math.max(1, GROUP_WORDS / rows));
    var group = new Group(table, withPrevious, withNext, columns);
    for (int first = 0; first < table.columns(); first += columns) {
      group.begin(first, Math.min(columns, table.columns() - first));
      group.run(
          steps.next(path + "/" + first + "/masked"), steps.next(path + "/" + first + "/fresh"));
    }
  }

  /** Some columns on their way, as words one column after the other. */
  private final class Group {
    private final SharedTable table;
    private final int rows;
    private final int[] withPrevious;
    private final int[] withNext;
    private final long[] sent;
    private final long[] received;
    private final long[] maskWithPrevious;
    private final long[] maskWithNext;
    private final long[] permuted;
    private int first;
    private int columns;

    Group(SharedTable table, int[] withPrevious, int[] withNext, int columnsMax) {
      this.table = table;
      this.rows = table.rows();
      this.withPrevious = withPrevious;
      this.withNext = withNext;
      int words = rows * columnsMax;
      this.sent = new long[words];
      this.received = new long[words];
      this.maskWithPrevious = new long[words];
      this.maskWithNext = new long[words];
      this.permuted = new long[rows];
    }

    void begin(int firstColumn, int count) {
      first = firstColumn;
      columns = count;
    }

    private int length() {
      return rows * columns;
    }

    /**
     * @param masked the first round's, whose draws are masks
     * @param fresh the second round's, whose draws are new components
     */
    void run(Step masked, Step fresh) {
      randomness.withPrevious(masked, maskWithPrevious, length());
      randomness.withNext(masked, maskWithNext, length());
      switch (channel.party()) {
        case 0 -> first(masked, fresh);
        case 1 -> second(masked, fresh);
        default -> third(masked, fresh);
      }
    }

    /** P_0: knows p31 with the previous party and p12 with the next one. */
    private void first(Step masked, Step fresh) {
      for (int column = 0; column < columns; column++) {
        load(sent, column, 0);
        combine(sent, column, table.column(1, first + column), 0, true);
      }
      combineAll(sent, maskWithNext, true);
      permuteAll(sent, withNext);
      combineAll(sent, maskWithPrevious, true);
      permuteAll(sent, withPrevious);
      channel.send(1, masked, sent, 0, length());
      randomness.withPrevious(fresh, maskWithPrevious, length());
      randomness.withNext(fresh, maskWithNext, length());
      store(maskWithPrevious, 0);
      store(maskWithNext, 1);
      channel.receive(1, fresh, received, 0, PACE_WORDS);
      channel.receive(2, fresh, received, 0, PACE_WORDS);
    }

    /** P_1: knows p12 with the previous party and p23 with the next one. */
    private void second(Step masked, Step fresh) {
      for (int column = 0; column < columns; column++) {
        load(sent, column, 1);
      }
      combineAll(sent, maskWithPrevious, false);
      permuteAll(sent, withPrevious);
      channel.send(2, masked, sent, 0, length());
      channel.receive(0, masked, received, 0, length());
      combineAll(received, maskWithNext, true);
      permuteAll(received, withNext);
      randomness.withPrevious(fresh, maskWithPrevious, length());
      combineAll(received, maskWithPrevious, false);
      channel.send(2, fresh, received, 0, length());
      channel.send(0, fresh, new long[PACE_WORDS], 0, PACE_WORDS);
      channel.receive(2, fresh, sent, 0, length());
      combineAll(sent, received, true);
      store(maskWithPrevious, 0);
      store(sent, 1);
    }

    /** P_2: knows p23 with the previous party and p31 with the next one. */
    private void third(Step masked, Step fresh) {
      channel.receive(1, masked, received, 0, length());
      combineAll(received, maskWithNext, false);
      permuteAll(received, withNext);
      combineAll(received, maskWithPrevious, false);
      permuteAll(received, withPrevious);
      randomness.withNext(fresh, maskWithNext, length());
      combineAll(received, maskWithNext, false);
      channel.send(1, fresh, received, 0, length());
      channel.send(0, fresh, new long[PACE_WORDS], 0, PACE_WORDS);
      channel.receive(1, fresh, sent, 0, length());
      combineAll(sent, received, true);
      store(sent, 0);
      store(maskWithNext, 1);
    }

    private void load(long[] words, int column, int position) {
      System.arraycopy(table.column(position, first + column), 0, words, column * rows, rows);
    }

    private void store(long[] words, int position) {
      for (int column = 0; column < columns; column++) {
        System.arraycopy(words, column * rows, table.column(position, first + column), 0, rows);
      }
    }

    private void combineAll(long[] words, long[] more, boolean adds) {
      for (int column = 0; column < columns; column++) {
        combine(words, column, more, column * rows, adds);
      }
    }

    /** Adds or subtracts, or both by exclusive or, as the column is shared. */
    private void combine(long[] words, int column, long[] more, int from, boolean adds) {
      int at = column * rows;
      if (table.isBits(first + column)) {
        for (int row = 0; row < rows; row++) {
          words[at + row] ^= more[from + row];
        }
      } else if (adds) {
        for (int row = 0; row < rows; row++) {
          words[at + row] += more[from + row];
        }
      } else {
        for (int row = 0; row < rows; row++) {
          words[at + row] -= more[from + row];
        }
      }
    }

    private void permuteAll(long[] words, int[] permutation) {
      for (int column = 0; column < columns; column++) {
        int at = column * rows;
        for (int row = 0; row < rows; row++) {
          permuted[row] = words[at + permutation[row]];
        }
        System.arraycopy(permuted, 0, words, at, rows);
      }
    }
  }
}
