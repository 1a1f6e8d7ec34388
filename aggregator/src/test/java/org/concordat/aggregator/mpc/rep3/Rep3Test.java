package org.concordat.aggregator.mpc.rep3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.Step;
import org.concordat.aggregator.mpc.Suite;
import org.junit.jupiter.api.Test;

class Rep3Test {
  private static final Step STEP = new Step(0, "product");
  private static final Step OPEN = new Step(1, "open");
  private static final long[] EDGES = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 2, -2};

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  private interface Part {
    void run(Suite suite, Columns columns);
  }

  private static Columns[] columns(int slots, int words) {
    var columns = new Columns[3];
    Arrays.setAll(columns, party -> new Columns(2, slots, words));
    return columns;
  }

  private static void run(
      Rep3Parties parties, MemoryNetwork network, Columns[] columns, Part part) {
    network.<Boolean>run(
        party ->
            () -> {
              part.run(parties.suite(network, party), columns[party]);
              return true;
            });
  }

  private long[] values(int rows) {
    long[] values = new long[rows];
    for (int i = 0; i < rows; i++) {
      values[i] = i < 49 ? EDGES[i % 7] : random.nextLong();
    }
    return values;
  }

  @Test
  void multipliesMod2To64() {
    int rows = 1000;
    long[] x = values(rows);
    long[] y = new long[rows];
    Arrays.setAll(y, i -> i < 49 ? EDGES[i / 7] : random.nextLong());
    Columns[] columns = columns(192, 16);
    var parties = new Rep3Parties(seed);
    parties.putWords(columns, 0, x);
    parties.putWords(columns, 64, y);
    int[] left = new int[64];
    Arrays.setAll(left, i -> i);
    int[] right = Arrays.stream(left).map(i -> i + 64).toArray();
    int[] product = Arrays.stream(left).map(i -> i + 128).toArray();
    run(
        parties,
        new MemoryNetwork(3),
        columns,
        (suite, own) -> suite.multiply(STEP, own, left, right, product).await());
    long[] expected = new long[rows];
    Arrays.setAll(expected, i -> x[i] * y[i]);
    assertThat(Rep3Parties.words(columns, 128, rows)).isEqualTo(expected);
  }

  @Test
  void productsOfBits() {
    long[] x = values(130);
    long[] y = values(130);
    Columns[] columns = columns(192, 3);
    var parties = new Rep3Parties(seed);
    int[] left = new int[64];
    Arrays.setAll(left, i -> i);
    int[] right = Arrays.stream(left).map(i -> i + 64).toArray();
    int[] product = Arrays.stream(left).map(i -> i + 128).toArray();
    parties.putBits(columns, left, x);
    parties.putBits(columns, right, y);
    run(
        parties,
        new MemoryNetwork(3),
        columns,
        (suite, own) -> suite.and(STEP, own, left, right, product).await());
    long[] expected = new long[130];
    Arrays.setAll(expected, i -> x[i] & y[i]);
    assertThat(Rep3Parties.bits(columns, product, 130)).isEqualTo(expected);
  }

  @Test
  void opensToAllParties() {
    Columns[] columns = columns(64, 2);
    var parties = new Rep3Parties(seed);
    long[] values = values(128);
    parties.putWords(columns, 0, values);
    int[] lanes = new int[64];
    Arrays.setAll(lanes, i -> i);
    long[][] opened = new long[3][128];
    run(
        parties,
        new MemoryNetwork(3),
        columns,
        (suite, own) -> suite.openWords(OPEN, own, lanes, opened[suite.party()]).await());
    for (long[] words : opened) {
      for (int row = 0; row < 128; row++) {
        assertThat(words[row % 64 * 2 + row / 64]).isEqualTo(values[row]);
      }
    }
  }

  @Test
  void opensToOnePartyAlone() {
    for (int reader = 0; reader < 3; reader++) {
      int to = reader;
      Columns[] columns = columns(65, 2);
      var parties = new Rep3Parties(seed);
      long[] values = values(128);
      parties.putWords(columns, 0, values);
      parties.putBits(columns, new int[] {64}, values);
      long[] bits = Rep3Parties.bits(columns, new int[] {64}, 128);
      int[] lanes = new int[64];
      Arrays.setAll(lanes, i -> i);
      long[][] words = new long[3][128];
      long[][] planes = new long[3][2];
      List<Integer> receivers = new ArrayList<>();
      var network =
          new MemoryNetwork(
              3,
              (from, receiver, step, flight) -> {
                synchronized (receivers) {
                  receivers.add(receiver);
                }
                return flight;
              });
      run(
          parties,
          network,
          columns,
          (suite, own) -> {
            int party = suite.party();
            var numbers = suite.openWordsTo(to, STEP, own, lanes, words[party]);
            var flags = suite.openBitsTo(to, OPEN, own, new int[] {64}, planes[party]);
            numbers.await();
            flags.await();
          });
      for (int row = 0; row < 128; row++) {
        assertThat(words[to][row % 64 * 2 + row / 64]).isEqualTo(values[row]);
        assertThat(planes[to][row / 64] >>> row % 64 & 1).isEqualTo(bits[row]);
      }
      for (int other : new int[] {(to + 1) % 3, (to + 2) % 3}) {
        assertThat(words[other]).containsOnly(0);
        assertThat(planes[other]).containsOnly(0);
      }
      assertThat(receivers).containsOnly(to);
    }
  }

  @Test
  void anOpeningToOnePartyWithACheatedCopyAborts() {
    for (int cheat = 1; cheat <= 2; cheat++) {
      int sender = cheat;
      var network =
          new MemoryNetwork(
              3,
              (from, to, step, words) -> {
                if (from == sender) {
                  words[0] ^= 1;
                }
                return words;
              });
      Columns[] columns = columns(1, 2);
      var parties = new Rep3Parties(seed);
      parties.putBits(columns, new int[] {0}, values(128));
      ProtocolAbortException abort =
          catchThrowableOfType(
              ProtocolAbortException.class,
              () ->
                  run(
                      parties,
                      network,
                      columns,
                      (suite, own) ->
                          suite.openBitsTo(0, OPEN, own, new int[] {0}, new long[2]).await()));
      assertThat(abort.fault()).isEqualTo(Fault.COPIES_DIFFER);
      assertThat(abort.peer()).isEqualTo(2);
    }
  }

  @Test
  void resharingKeepsTheValueAndChangesEveryComponent() {
    Columns[] columns = columns(65, 2);
    var parties = new Rep3Parties(seed);
    long[] values = values(128);
    parties.putWords(columns, 0, values);
    parties.putBits(columns, new int[] {64}, values);
    long[] bits = Rep3Parties.bits(columns, new int[] {64}, 128);
    int[] lanes = new int[64];
    Arrays.setAll(lanes, i -> i);
    long[] before = Rep3Parties.components(columns, 5, 1);
    long[] bitsBefore = Rep3Parties.components(columns, 64, 1);
    run(
        parties,
        new MemoryNetwork(3),
        columns,
        (suite, own) -> {
          var words = suite.reshareWords(STEP, own, lanes);
          var planes = suite.reshareBits(OPEN, own, new int[] {64});
          words.await();
          planes.await();
        });
    assertThat(Rep3Parties.words(columns, 0, 128)).isEqualTo(values);
    assertThat(Rep3Parties.bits(columns, new int[] {64}, 128)).isEqualTo(bits);
    for (int component = 0; component < 3; component++) {
      assertThat(Rep3Parties.components(columns, 5, 1)[component]).isNotEqualTo(before[component]);
      assertThat(Rep3Parties.components(columns, 64, 1)[component])
          .isNotEqualTo(bitsBefore[component]);
    }
  }

  @Test
  void anOpeningWithACheatedCopyAborts() {
    for (int cheat = 0; cheat < 3; cheat++) {
      for (int towards = 1; towards <= 2; towards++) {
        int sender = cheat;
        int receiver = (cheat + towards) % 3;
        var network =
            new MemoryNetwork(
                3,
                (from, to, step, words) -> {
                  if (from == sender && to == receiver) {
                    words[words.length - 1] ^= 1L << 40;
                  }
                  return words;
                });
        ProtocolAbortException abort =
            catchThrowableOfType(ProtocolAbortException.class, () -> openOnePlane(network));
        assertThat(abort.fault()).isEqualTo(Fault.COPIES_DIFFER);
        assertThat(abort.step()).isEqualTo(OPEN);
        assertThat(abort.peer()).as("the value's sender").isEqualTo((receiver + 2) % 3);
      }
    }
  }

  @Test
  void aFlightOfWrongLengthAborts() {
    for (int change : new int[] {-1, 1}) {
      var network =
          new MemoryNetwork(
              3,
              (from, to, step, words) ->
                  from == 2 ? Arrays.copyOf(words, words.length + change) : words);
      assertThatExceptionOfType(ProtocolAbortException.class)
          .isThrownBy(() -> openOnePlane(network))
          .satisfies(
              abort -> {
                assertThat(abort.fault()).isEqualTo(Fault.WRONG_LENGTH);
                assertThat(abort.peer()).isEqualTo(2);
                assertThat(abort.step()).isEqualTo(OPEN);
              });
    }
  }

  @Test
  void aFlightOfAnotherStepAborts() {
    Columns[] columns = columns(3, 1);
    var parties = new Rep3Parties(seed);
    assertThatExceptionOfType(ProtocolAbortException.class)
        .isThrownBy(
            () ->
                run(
                    parties,
                    new MemoryNetwork(3),
                    columns,
                    (suite, own) ->
                        suite
                            .reshareBits(new Step(suite.party(), "x"), own, new int[] {0})
                            .await()))
        .satisfies(abort -> assertThat(abort.fault()).isEqualTo(Fault.WRONG_STEP));
  }

  private void openOnePlane(MemoryNetwork network) {
    Columns[] columns = columns(1, 2);
    var parties = new Rep3Parties(seed);
    parties.putBits(columns, new int[] {0}, values(128));
    run(
        parties,
        network,
        columns,
        (suite, own) -> suite.openBits(OPEN, own, new int[] {0}, new long[2]).await());
  }

  @Test
  void twoOperationsOfOneStepAreRefused() {
    Columns[] columns = columns(3, 1);
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                run(
                    new Rep3Parties(seed),
                    new MemoryNetwork(3),
                    columns,
                    (suite, own) -> {
                      suite.reshareBits(STEP, own, new int[] {0}).await();
                      suite.reshareWords(STEP, own, new int[] {1}).await();
                    }));
  }

  @Test
  void flightsAreBounded() {
    var network = new MemoryNetwork(3);
    Suite suite = new Rep3Parties(seed).suite(network, 0);
    var columns = new Columns(2, 1, 1 << 10);
    int[] slots = new int[(Channel.FLIGHT_WORDS_MAX >> 10) + 1];
    assertThatIllegalArgumentException().isThrownBy(() -> suite.reshareBits(STEP, columns, slots));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> suite.reshareBits(STEP, columns, new int[0]));
    suite.reshareBits(STEP, columns, Arrays.copyOf(slots, slots.length - 1));
  }

  /**
   * All that one party receives in products, conversions and resharings looks like noise, whatever
   * the values are, and another attempt on the same shares gives other noise.
   */
  @Test
  void whatAPartyReceivesIsUniformAndFresh() {
    for (int observer = 0; observer < 3; observer++) {
      for (long value : new long[] {0, -1, 0x0F0F}) {
        long[] one = received(observer, value, seed + 1);
        long[] other = received(observer, value, seed + 2);
        long[] difference = new long[one.length];
        Arrays.setAll(difference, i -> one[i] ^ other[i]);
        assertUniform(one);
        assertUniform(difference);
      }
    }
  }

  private static void assertUniform(long[] words) {
    double deviation = Math.sqrt(words.length) / 2;
    for (int bit = 0; bit < 64; bit++) {
      int at = bit;
      long ones = Arrays.stream(words).filter(word -> (word >>> at & 1) == 1).count();
      // Six standard deviations: one chance in 10^9 a bit, and the seed is fixed.
      assertThat((double) ones)
          .as("ones among bit %d", bit)
          .isBetween(words.length / 2.0 - 6 * deviation, words.length / 2.0 + 6 * deviation);
    }
    assertThat(Arrays.stream(words).distinct().count()).isEqualTo(words.length);
  }

  /** Components are the same at every call, keys depend on the seed. */
  private long[] received(int observer, long value, long keySeed) {
    List<long[]> flights = new ArrayList<>();
    var network =
        new MemoryNetwork(
            3,
            (from, to, step, words) -> {
              if (to == observer) {
                synchronized (flights) {
                  flights.add(words.clone());
                }
              }
              return words;
            });
    Columns[] columns = columns(300, 8);
    var shares = new Rep3Parties(seed);
    long[] values = new long[512];
    Arrays.fill(values, value);
    int[] left = new int[64];
    Arrays.setAll(left, i -> i);
    int[] product = Arrays.stream(left).map(i -> i + 64).toArray();
    shares.putBits(columns, left, values);
    run(
        new Rep3Parties(keySeed),
        network,
        columns,
        (suite, own) -> {
          suite.and(new Step(0, "and"), own, left, left, product).await();
          suite.carry(new Step(1, "carry"), own, left, product).await();
          suite.multiply(new Step(2, "multiply"), own, left, left, product).await();
          int[] target = {192};
          int[][] code = {{0, 1, 2}};
          suite.beginB2a(new Step(3, "b2a-begin"), own, code, target).await();
          suite.endB2a(new Step(4, "b2a-end"), own, target).await();
          suite.reshareBits(new Step(5, "reshare"), own, left).await();
          int[][] terms = {{192, 193}};
          suite.dot(new Step(6, "dot"), own, terms, terms, new int[] {0}).await();
        });
    return flights.stream().flatMapToLong(Arrays::stream).toArray();
  }

  @Test
  void shapesOnlyAreShown() {
    assertThat(new Columns(2, 3, 4)).hasToString("Columns[components=2, slots=3, words=4]");
    assertThat(new Rep3Parties(seed).suite(new MemoryNetwork(3), 1)).hasToString("Rep3[party=1]");
  }
}
