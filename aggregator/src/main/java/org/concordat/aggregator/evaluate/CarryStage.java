package org.concordat.aggregator.evaluate;

import java.util.Arrays;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.SharedTable;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.gadget.Aes;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;
import org.concordat.rules.link.CarriedRows;
import org.concordat.rules.link.CarriedTable;
import org.concordat.schemas.share.BitPlanes;

/**
 * Gives what an epoch hands on its pseudonyms of the next one. Rows that pad get hashes that no
 * party knows; then all are shuffled on shares, enciphered under the new key, and the declared bits
 * of the results are opened.
 *
 * <p>Rounds: two for each group of columns of the shuffle, then for each pass those of AES and the
 * opening. For each row 5,440 products, and of each party at most two words for each of its words.
 *
 * <p>Opens {@code linkageBits} bits of each row, those that pad among them. In which order rows
 * come out nobody knows, and each word is shared anew, so pseudonyms of the two epochs belong
 * together no more than the tables' sizes tell. A suite that doesn't verify lets a cheat change
 * what is opened; the charter has to allow that.
 */
public final class CarryStage {
  private final Circuit circuit;
  private final int[] schedule;
  private final int[][] hash;
  private final int[] opened;

  public CarryStage(int linkageBits) {
    var builder = new CircuitBuilder();
    Bits key = builder.inputBits(Aes.SCHEDULE_BITS);
    Bits block = builder.inputBits(CarriedRows.HASH_COLUMNS * Long.SIZE);
    Bits pseudonym = Aes.encryptScheduled(builder, block, key).slice(0, linkageBits);
    builder.output(pseudonym);
    this.circuit = builder.build();
    this.schedule = circuit.slots(key);
    this.opened = circuit.slots(pseudonym);
    this.hash = new int[CarriedRows.HASH_COLUMNS][];
    for (int word = 0; word < hash.length; word++) {
      hash[word] = circuit.slots(block.slice(word * Long.SIZE, (word + 1) * Long.SIZE));
    }
  }

  /**
   * Runs on one table during one attempt.
   *
   * @param key the next epoch's
   * @param rows of as many entities at all parties; overwritten
   * @throws org.concordat.aggregator.mpc.ProtocolAbortException a peer's message can't be right;
   *     nothing of the attempt may be used
   */
  public CarriedTable evaluate(
      Suite suite, Steps steps, LinkageKey key, CarriedRows rows, String path) {
    // Before anything is enciphered under it.
    key.compare(suite, steps);
    long[][][] columns = rows.columns();
    pad(suite, steps, rows, path);
    var table = new SharedTable(rows.bitColumns(), rows.rows(), columns);
    suite.shuffle(steps, path + "/shuffle", table);
    long[] pseudonyms = pseudonyms(suite, steps, key, table, path);
    long[][][] words = new long[columns.length][][];
    for (int position = 0; position < words.length; position++) {
      words[position] =
          Arrays.copyOfRange(columns[position], CarriedRows.HASH_COLUMNS, columns[position].length);
    }
    return CarriedTable.sorted(rows.newestMinute(), rows.banks(), pseudonyms, words);
  }

  private static void pad(Suite suite, Steps steps, CarriedRows rows, String path) {
    int more = rows.rows() - rows.entities();
    if (more == 0) {
      return;
    }
    var random = new Columns(suite.held(), CarriedRows.HASH_COLUMNS, more);
    int[] slots = new int[CarriedRows.HASH_COLUMNS];
    Arrays.setAll(slots, slot -> slot);
    suite.randomBits(steps.next(path + "/pad"), random, slots);
    for (int position = 0; position < suite.held(); position++) {
      for (int slot : slots) {
        System.arraycopy(
            random.component(position)[slot],
            0,
            rows.columns()[position][slot],
            rows.entities(),
            more);
      }
    }
  }

  private long[] pseudonyms(
      Suite suite, Steps steps, LinkageKey key, SharedTable table, String path) {
    long[] pseudonyms = new long[table.rows()];
    long wordsMax = Pass.wordsMax(circuit, suite.held(), PlanEvaluator.PASS_BYTES_MAX);
    int passRows = (int) Math.min(table.rows(), wordsMax * Columns.LANES);
    var columns =
        new Columns(suite.held(), circuit.slotCount(), Math.max(1, passRows / Columns.LANES));
    for (int from = 0; from < table.rows(); from += passRows) {
      int rows = Math.min(passRows, table.rows() - from);
      int words = rows / Columns.LANES;
      columns.resize(words);
      key.load(columns, schedule);
      for (int position = 0; position < suite.held(); position++) {
        for (int word = 0; word < hash.length; word++) {
          load(table.column(position, word), from, rows, columns.component(position), hash[word]);
        }
      }
      String pass = path + "/tokens" + from / passRows;
      circuit.run(suite, columns, steps, pass);
      long[] planes = new long[opened.length * words];
      suite.openBits(steps.next(pass + "/open"), columns, opened, planes).await();
      long[] column = new long[rows];
      BitPlanes.fromPlanes(planes, 0, rows, opened.length, column);
      System.arraycopy(column, 0, pseudonyms, from, rows);
      key.clear(columns, schedule);
    }
    return pseudonyms;
  }

  private static void load(long[] column, int from, int rows, long[][] slots, int[] planes) {
    int words = rows / Columns.LANES;
    long[] bits = new long[planes.length * words];
    BitPlanes.toPlanes(Arrays.copyOfRange(column, from, from + rows), rows, Long.SIZE, bits, 0);
    for (int plane = 0; plane < planes.length; plane++) {
      System.arraycopy(bits, plane * words, slots[planes[plane]], 0, words);
    }
  }

  /** Which of the components that a party holds takes what is public; -1 for none. */
  public static int publicAt(Suite suite) {
    int at = -1;
    for (int position = 0; position < suite.held(); position++) {
      at = suite.component(position) == 0 ? position : at;
    }
    return at;
  }

  @Override
  public String toString() {
    return "CarryStage[rounds=" + circuit.rounds() + "]";
  }
}
