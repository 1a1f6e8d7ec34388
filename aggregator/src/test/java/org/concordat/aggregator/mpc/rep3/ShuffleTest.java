package org.concordat.aggregator.mpc.rep3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.SharedTable;
import org.concordat.aggregator.mpc.Steps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows come out as they went in, in an order that hangs on all three pairs. */
class ShuffleTest {
  private static final int BIT_COLUMNS = 2;
  private static final int COLUMNS = 5;

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);
  private final byte[][] keys = keys();

  private byte[][] keys() {
    byte[][] drawn = new byte[3][32];
    for (byte[] key : drawn) {
      random.nextBytes(key);
    }
    return drawn;
  }

  /** Row r has r in its first column, so that its place is known afterwards. */
  private long[][] plain(int rows) {
    long[][] columns = new long[COLUMNS][rows];
    for (int row = 0; row < rows; row++) {
      columns[0][row] = row;
      for (int column = 1; column < COLUMNS; column++) {
        columns[column][row] = random.nextLong();
      }
    }
    return columns;
  }

  private List<SharedTable> shared(long[][] plain) {
    int rows = plain[0].length;
    long[][][] x = new long[3][plain.length][rows];
    for (int column = 0; column < plain.length; column++) {
      for (int row = 0; row < rows; row++) {
        x[0][column][row] = random.nextLong();
        x[1][column][row] = random.nextLong();
        x[2][column][row] =
            column < BIT_COLUMNS
                ? plain[column][row] ^ x[0][column][row] ^ x[1][column][row]
                : plain[column][row] - x[0][column][row] - x[1][column][row];
      }
    }
    List<SharedTable> tables = new ArrayList<>();
    for (int party = 0; party < 3; party++) {
      long[][][] held = {copy(x[party]), copy(x[(party + 1) % 3])};
      tables.add(new SharedTable(BIT_COLUMNS, rows, held));
    }
    return tables;
  }

  private static long[][] copy(long[][] columns) {
    return Arrays.stream(columns).map(long[]::clone).toArray(long[][]::new);
  }

  /** After a check that both holders of each component agree. */
  private static long[][] opened(List<SharedTable> tables) {
    int rows = tables.getFirst().rows();
    long[][] plain = new long[tables.getFirst().columns()][rows];
    for (int column = 0; column < plain.length; column++) {
      for (int party = 0; party < 3; party++) {
        long[] component = tables.get(party).column(0, column);
        assertThat(tables.get((party + 2) % 3).column(1, column)).isEqualTo(component);
        for (int row = 0; row < rows; row++) {
          if (column < BIT_COLUMNS) {
            plain[column][row] ^= component[row];
          } else {
            plain[column][row] += component[row];
          }
        }
      }
    }
    return plain;
  }

  private void run(List<SharedTable> tables, MemoryNetwork network, byte[][] under) {
    network.<Boolean>run(
        party ->
            () -> {
              var suite = new Rep3(network.channel(party), under[party], under[(party + 1) % 3]);
              suite.shuffle(new Steps(), "shuffle", tables.get(party));
              return true;
            });
  }

  private static int[] order(long[][] plain) {
    return Arrays.stream(plain[0]).mapToInt(row -> (int) row).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 63, 64, 65, 1000})
  void rowsStayWhole(int rows) {
    long[][] plain = plain(rows);
    List<SharedTable> tables = shared(plain);
    run(tables, new MemoryNetwork(3), keys);
    long[][] result = opened(tables);
    int[] order = order(result);
    assertThat(Arrays.stream(order).sorted())
        .containsExactlyElementsOf(IntStream.range(0, rows).boxed().toList());
    for (int column = 0; column < COLUMNS; column++) {
      for (int row = 0; row < rows; row++) {
        assertThat(result[column][row]).isEqualTo(plain[column][order[row]]);
      }
    }
    if (rows >= 63) {
      assertThat(order).isNotEqualTo(IntStream.range(0, rows).toArray());
    }
  }

  /** Columns that don't fit one flight together. */
  @Test
  void columnsGoInGroups() {
    int rows = Shuffle.GROUP_WORDS / 2 - 1;
    long[][] plain = plain(rows);
    List<SharedTable> tables = shared(plain);
    var lengths = new ConcurrentLinkedQueue<Integer>();
    run(
        tables,
        new MemoryNetwork(
            3,
            (from, to, step, words) -> {
              lengths.add(words.length);
              return words;
            }),
        keys);
    assertThat(lengths).hasSize(6 * 3).allMatch(length -> length <= Shuffle.GROUP_WORDS);
    long[][] result = opened(tables);
    int[] order = order(result);
    for (int row = 0; row < rows; row += 997) {
      for (int column = 0; column < COLUMNS; column++) {
        assertThat(result[column][row]).isEqualTo(plain[column][order[row]]);
      }
    }
  }

  /** Each key belongs to two parties: whichever one a party lacks, the order hangs on it. */
  @Test
  void theOrderHangsOnEveryPairsKey() {
    long[][] plain = plain(64);
    List<SharedTable> tables = shared(plain);
    run(tables, new MemoryNetwork(3), keys);
    int[] order = order(opened(tables));
    for (int pair = 0; pair < 3; pair++) {
      byte[][] other = Arrays.stream(keys).map(byte[]::clone).toArray(byte[][]::new);
      other[pair][0] ^= 1;
      List<SharedTable> again = shared(plain);
      run(again, new MemoryNetwork(3), other);
      assertThat(order(opened(again))).as("pair %d", pair).isNotEqualTo(order);
    }
  }

  /** All orders of four rows, about equally often: 23 degrees of freedom. */
  @Test
  void everyOrderIsAsLikely() {
    int runs = 2_400;
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < runs; i++) {
      List<SharedTable> tables = shared(plain(4));
      run(tables, new MemoryNetwork(3), keys());
      seen.merge(Arrays.toString(order(opened(tables))), 1, Integer::sum);
    }
    double expected = runs / 24.0;
    double chiSquare =
        seen.values().stream().mapToDouble(n -> (n - expected) * (n - expected) / expected).sum();
    assertThat(seen).hasSize(24);
    // Exceeded once in 10^10 runs.
    assertThat(chiSquare).as("seed %d", seed).isLessThan(95);
  }

  /** What a party gets is masked by the other two: equal rows make words that all differ. */
  @Test
  void messagesOfEqualRowsTellNothing() {
    long[][] plain = new long[COLUMNS][64];
    List<SharedTable> tables = new ArrayList<>();
    for (int party = 0; party < 3; party++) {
      tables.add(new SharedTable(BIT_COLUMNS, 64, new long[][][] {copy(plain), copy(plain)}));
    }
    var words = new ConcurrentLinkedQueue<Long>();
    run(
        tables,
        new MemoryNetwork(
            3,
            (from, to, step, sent) -> {
              if (to != 0) {
                Arrays.stream(sent).forEach(words::add);
              }
              return sent;
            }),
        keys);
    assertThat(words).hasSize(4 * COLUMNS * 64).doesNotHaveDuplicates().doesNotContain(0L);
    assertThat(opened(tables)).isDeepEqualTo(plain);
  }

  @Test
  void aFlightOfAnotherLengthIsRefused() {
    for (int reader = 0; reader < 3; reader++) {
      int to = reader;
      ProtocolAbortException abort =
          catchThrowableOfType(
              ProtocolAbortException.class,
              () ->
                  run(
                      shared(plain(65)),
                      new MemoryNetwork(
                          3,
                          (from, at, step, words) ->
                              at == to ? Arrays.copyOf(words, words.length + 1) : words),
                      keys));
      assertThat(abort.fault()).isEqualTo(Fault.WRONG_LENGTH);
    }
  }

  @Test
  void tablesAreOfOneLength() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SharedTable(1, 2, new long[][][] {{new long[2], new long[3]}}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SharedTable(3, 2, new long[][][] {{new long[2], new long[2]}}));
  }
}
