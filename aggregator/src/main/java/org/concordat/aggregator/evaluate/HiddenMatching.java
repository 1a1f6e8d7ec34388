package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.rules.link.HiddenRows;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Lookup;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.SeenRecords;

/**
 * Computes windows of entities that share their bucket with others. Each row is compared with the
 * earlier records that its bucket, minute and order let it see, by {@link
 * LinkSpec.Hidden#COMPARED_BITS} bits of both pseudonyms, on shares: the bit that they are equal
 * counts the record, or lets its value into a sum. Distinct banks are a disjunction over each
 * bank's records, and the first and last minute one over records by age.
 *
 * <p>Records of different entities in one bucket are taken for the same with a probability of
 * 2^-64, as long as AES is pseudo-random. For a pair 63 products of bits in 6 rounds; where it is
 * counted or summed two words to convert the bit, in 2 rounds, and for each value one product of
 * words in another. Then, for windows that order records, as many rounds as the logarithm of the
 * most records of one row and two more, a bit in each of the first and two words of the last for
 * each pair. All this for each pass of {@link #PAIRS_MAX} pairs and lookup.
 *
 * <p>Opens nothing. What a party knows beside: which rows are compared with which records. One
 * serves any number of attempts.
 */
public final class HiddenMatching {
  /** Pairs that are compared at a time; a multiple of 64. Bounds flights and columns. */
  static final int PAIRS_MAX = 1 << 15;

  /** Rows are taken together until they see as many records. */
  private static final int GROUP_PAIRS = 1 << 17;

  private final LinkSpec spec;
  private final long pairsMax;
  private final List<Lookup> lookups;
  private final List<PairCircuit> circuits;
  private final List<List<Integer>> measuresOf = new ArrayList<>();
  private final BitWords bitWords = new BitWords();
  private final LongAdder compared = new LongAdder();

  /**
   * @param pairsMax of a batch that could be smaller
   */
  public HiddenMatching(LinkSpec spec, long pairsMax) {
    this.spec = spec;
    this.pairsMax = pairsMax;
    this.lookups = spec.lookups();
    List<PairCircuit> built = new ArrayList<>();
    for (Lookup lookup : lookups) {
      List<Integer> measures = new ArrayList<>();
      for (int i = 0; i < spec.measures().size(); i++) {
        if (spec.lookup(spec.measures().get(i)).equals(lookup)) {
          measures.add(i);
        }
      }
      measuresOf.add(measures);
      built.add(PairCircuit.of(measures.stream().map(spec.measures()::get).toList()));
    }
    this.circuits = List.copyOf(built);
  }

  /** Rows with the records that they see. */
  private static final class Group {
    private final int lookup;
    private final int firstRow;
    private final SeenRecords seen = new SeenRecords();
    private final int[] rowOf;

    /** By position and pair: whether they are equal. */
    private final long[][] equal;

    /** By row from the first: where its records end. */
    private final List<Integer> ends = new ArrayList<>();

    Group(int lookup, int firstRow, HiddenRows rows, int held) {
      this.lookup = lookup;
      this.firstRow = firstRow;
      for (int row = firstRow; row < rows.rows() && seen.size() < GROUP_PAIRS; row++) {
        rows.see(lookup, row, seen);
        ends.add(seen.size());
      }
      this.rowOf = new int[seen.size()];
      for (int i = 0; i < ends.size(); i++) {
        Arrays.fill(rowOf, start(i), ends.get(i), firstRow + i);
      }
      this.equal = new long[held][words(seen.size())];
    }

    /** Where the records of a row begin, counted from the first row. */
    int start(int index) {
      return index == 0 ? 0 : ends.get(index - 1);
    }

    int endRow() {
      return firstRow + ends.size();
    }
  }

  /** Words of a plane. */
  static int words(int rows) {
    return (rows + Columns.LANES - 1) / Columns.LANES;
  }

  /** Whether a batch has so many pairs that fewer rows should be cut: the same at all parties. */
  public boolean isTooMuch(LinkColumns columns) {
    return columns.hidden().orElseThrow().hasMorePairs(pairsMax);
  }

  /**
   * Fills the columns of a batch during one attempt.
   *
   * @param columns that say what is to be compared, the same at all parties
   * @throws org.concordat.aggregator.mpc.ProtocolAbortException a peer's message can't be right;
   *     nothing of the attempt may be used
   */
  public void fill(Suite suite, Steps steps, LinkColumns columns) {
    HiddenRows rows = columns.hidden().orElseThrow();
    int number = 0;
    for (int lookup = 0; lookup < lookups.size(); lookup++) {
      int row = 0;
      while (row < rows.rows()) {
        var group = new Group(lookup, row, rows, suite.held());
        String path = "match" + number++;
        compare(suite, steps, path, rows, group, columns);
        compared.add(group.seen.size());
        order(suite, steps, path, rows, group, columns);
        row = group.endRow();
      }
    }
  }

  private void compare(
      Suite suite, Steps steps, String path, HiddenRows rows, Group group, LinkColumns columns) {
    PairCircuit circuit = circuits.get(group.lookup);
    int pairs = group.seen.size();
    Columns slots = null;
    for (int from = 0; from < pairs; from += PAIRS_MAX) {
      int count = Math.min(PAIRS_MAX, pairs - from);
      if (slots == null) {
        slots = circuit.columns(suite, words(count));
      }
      slots.resize(words(count));
      load(suite, rows, group, from, count, slots);
      circuit.run(suite, slots, steps, path + "/pairs" + from / PAIRS_MAX);
      for (int position = 0; position < suite.held(); position++) {
        System.arraycopy(
            circuit.equal(slots, position),
            0,
            group.equal[position],
            from / Columns.LANES,
            words(count));
        add(rows, group, from, count, slots, position, columns);
      }
    }
  }

  private void load(Suite suite, HiddenRows rows, Group group, int from, int count, Columns slots) {
    PairCircuit circuit = circuits.get(group.lookup);
    Lookup lookup = lookups.get(group.lookup);
    int role = spec.values().size() + lookup.role();
    long[] words = new long[count];
    for (int position = 0; position < suite.held(); position++) {
      for (int i = 0; i < count; i++) {
        words[i] =
            rows.compared(position, lookup.entity(), group.rowOf[from + i])
                ^ group.seen.word(position, role, from + i);
      }
      circuit.loadDifferences(slots, position, words);
      for (int value : circuit.values()) {
        for (int i = 0; i < count; i++) {
          words[i] = group.seen.word(position, value, from + i);
        }
        circuit.loadValue(slots, position, value, words);
      }
    }
  }

  /** Counts and sums, of what each window covers. */
  private void add(
      HiddenRows rows,
      Group group,
      int from,
      int count,
      Columns slots,
      int position,
      LinkColumns columns) {
    for (int column : measuresOf.get(group.lookup)) {
      Measure measure = spec.measures().get(column);
      if (measure.kind() == Kind.COUNT || measure.kind() == Kind.SUM) {
        int slot = circuits.get(group.lookup).result(measure);
        long[][] lanes = slots.component(position);
        long[] sums = columns.shared(position, column);
        for (int i = 0; i < count; i++) {
          int row = group.rowOf[from + i];
          if (rows.sees(measure.track(), row, group.seen.minute(from + i))) {
            sums[row] += lanes[slot + i % Columns.LANES][i / Columns.LANES];
          }
        }
      }
    }
  }

  /** Windows that tell by which bank or how long ago. */
  private void order(
      Suite suite, Steps steps, String path, HiddenRows rows, Group group, LinkColumns columns) {
    var ordered = new OrderedPairs();
    for (int column : measuresOf.get(group.lookup)) {
      Measure measure = spec.measures().get(column);
      if (measure.kind() == Kind.COUNT || measure.kind() == Kind.SUM) {
        continue;
      }
      int window = spec.tracks().get(measure.track()).windowMinutes();
      for (int i = 0; i < group.ends.size(); i++) {
        int row = group.firstRow + i;
        ordered.begin(measure.kind(), column, row);
        for (int pair = group.start(i); pair < group.ends.get(i); pair++) {
          int minute = group.seen.minute(pair);
          if (rows.sees(measure.track(), row, minute)) {
            boolean byBank = measure.kind() == Kind.BANKS;
            ordered.add(
                pair, byBank ? group.seen.bank(pair) : rows.age(measure.track(), row, minute));
          }
        }
        ordered.end(window);
        if (measure.kind() == Kind.SINCE_LAST) {
          addPublic(suite, columns, column, row, window);
        }
      }
    }
    if (ordered.size() > 0) {
      new Disjunctions(bitWords, ordered).add(suite, steps, path, group.equal, columns);
    }
  }

  private static void addPublic(
      Suite suite, LinkColumns columns, int column, int row, long number) {
    for (int position = 0; position < suite.held(); position++) {
      if (suite.component(position) == 0) {
        columns.shared(position, column)[row] += number;
      }
    }
  }

  /** Pairs that were compared since the start. */
  public long compared() {
    return compared.sum();
  }

  @Override
  public String toString() {
    return "HiddenMatching[lookups=" + lookups.size() + "]";
  }
}
