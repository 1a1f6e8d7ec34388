package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.gadget.Aes;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;
import org.concordat.aggregator.mpc.gadget.Comparison;
import org.concordat.aggregator.mpc.gadget.Word;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.share.BitPlanes;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/**
 * Enciphers each row's entities under the epoch's key and opens the declared bits of the results,
 * the pseudonyms; in the same rounds it admits the values that enter windows: a value outside its
 * range counts as 0, and nobody learns that it was; where records are counted by their value, one
 * in the range counts as 1.
 *
 * <p>Rounds: one to compare the key, then for each pass those of AES and the opening. For each row
 * 5,440 products an entity and, for a value, two signs of 64 bits, one conversion of a bit and,
 * unless it counts, one product of words.
 *
 * <p>Opens {@code linkageBits} bits of each entity of each real row to all aggregators: which
 * records share an entity, or where entities are hidden a bucket, within an epoch; the next bits
 * are then kept shared, to be compared. A suite that doesn't verify lets a cheat change what is
 * opened, and so learn more; the charter has to allow that. One stage serves any number of attempts
 * and threads.
 */
public final class TokenStage {
  private static final int WIDTH_BITS = 64;

  /** Components that a party holds of each value. */
  private static final int HELD = 2;

  private final LinkSpec spec;
  private final ShareLayout layout;
  private final Circuit circuit;
  private final int[] schedule;
  private final List<PlanCircuit.Input> inputs = new ArrayList<>();
  private final int[] opened;

  /** By entity, where they are hidden, what stays shared of their pseudonyms. */
  private final List<int[]> compared = new ArrayList<>();

  private final int[] admitted;
  private final AtomicReference<Columns> spare = new AtomicReference<>();

  public TokenStage(LinkSpec spec, ShareLayout layout) {
    this.spec = spec;
    this.layout = layout;
    var builder = new CircuitBuilder();
    Bits key = builder.inputBits(Aes.SCHEDULE_BITS);
    List<Bits> blocks = new ArrayList<>();
    List<Word> values = new ArrayList<>();
    List<Bits> prefixes = new ArrayList<>();
    List<Bits> rests = new ArrayList<>();
    for (LinkSpec.EntityField entity : spec.entities()) {
      requireField(entity.field(), ShareField.bits(WIDTH_BITS));
      requireField(entity.field() + 1, ShareField.bits(WIDTH_BITS));
      Bits block = builder.inputBits(2 * WIDTH_BITS);
      blocks.add(block);
      Bits cipher = Aes.encryptScheduled(builder, block, key);
      int bits = spec.linkageBits();
      prefixes.add(cipher.slice(0, bits));
      if (spec.hidden().isPresent()) {
        Bits rest = cipher.slice(bits, bits + LinkSpec.Hidden.COMPARED_BITS);
        builder.output(rest);
        rests.add(rest);
      }
    }
    Bits pseudonyms = prefixes.stream().reduce(Bits::append).orElseThrow();
    builder.output(pseudonyms);
    List<Word> results = new ArrayList<>();
    for (LinkSpec.ValueField value : spec.values()) {
      requireField(value.field(), ShareField.arithmetic());
      Word submitted = builder.inputWord();
      values.add(submitted);
      Word result = admitted(builder, submitted, value);
      builder.output(result);
      results.add(result);
    }
    this.circuit = builder.build();
    this.schedule = circuit.slots(key);
    this.opened = circuit.slots(pseudonyms);
    rests.forEach(rest -> compared.add(circuit.slots(rest)));
    this.admitted = results.stream().mapToInt(circuit::slot).toArray();
    for (int i = 0; i < blocks.size(); i++) {
      int field = spec.entities().get(i).field();
      inputs.add(planes(field, blocks.get(i).slice(0, WIDTH_BITS)));
      inputs.add(planes(field + 1, blocks.get(i).slice(WIDTH_BITS, 2 * WIDTH_BITS)));
    }
    for (int i = 0; i < values.size(); i++) {
      int slot = circuit.slot(values.get(i));
      int field = spec.values().get(i).field();
      inputs.add(new PlanCircuit.Input(field, Domain.ARITHMETIC, slot, new int[0]));
    }
  }

  private void requireField(int field, ShareField wanted) {
    if (field >= layout.fields().size() || !layout.fields().get(field).equals(wanted)) {
      throw new IllegalArgumentException("a linked field differs from the layout");
    }
  }

  private PlanCircuit.Input planes(int field, Bits bits) {
    return new PlanCircuit.Input(field, Domain.BOOLEAN, -1, circuit.slots(bits));
  }

  /**
   * Any word is a signed number, so both signs are right without a bound on what was submitted: of
   * numbers so far below 0 that the first difference wraps around, the second one does too.
   */
  private static Word admitted(CircuitBuilder builder, Word value, LinkSpec.ValueField field) {
    Word above = builder.linear(List.of(value), List.of(1L), -field.min());
    Bits isBelow = Comparison.negative(builder, above, WIDTH_BITS);
    Word room = builder.linear(List.of(value), List.of(-1L), field.max());
    Bits isAbove = Comparison.negative(builder, room, WIDTH_BITS);
    Word inRange = builder.b2a(builder.and(builder.not(isBelow), builder.not(isAbove)));
    return field.isCount() ? inRange : builder.multiply(inRange, value);
  }

  /**
   * Runs on a batch during one attempt.
   *
   * @param key this party's, the same epoch's at all parties
   * @param blocks as of {@link PlanEvaluator#evaluate}
   * @throws org.concordat.aggregator.mpc.ProtocolAbortException a peer's message can't be right, or
   *     it holds another key; nothing of the attempt may be used
   */
  public Tokens evaluate(Suite suite, Steps steps, LinkageKey key, List<BlockShares> blocks) {
    // Before anything is computed under it: an opening under two keys would be of anything.
    key.compare(suite, steps);
    int rows = blocks.stream().mapToInt(BlockShares::rows).sum();
    if (rows > PlanEvaluator.SLOTS_MAX) {
      throw new IllegalArgumentException("rows of the batch");
    }
    var tokens =
        new Tokens(
            spec.entities().size(),
            suite.held(),
            spec.keptWords(),
            rows,
            spec.carried() ? hashes(suite.held(), blocks, rows) : new long[0][][]);
    int from = 0;
    int index = 0;
    for (Pass pass : Pass.split(blocks, circuit, suite.held(), PlanEvaluator.PASS_BYTES_MAX)) {
      Columns columns = columns(suite, pass.words());
      key.load(columns, schedule);
      pass.load(inputs, layout, columns, suite.held());
      String path = "tokens" + index++;
      circuit.run(suite, columns, steps, path);
      for (int position = 0; position < suite.held(); position++) {
        for (int plane : opened) {
          // A bank may put what it likes there: nothing of it is opened.
          pass.clearPadding(columns.component(position)[plane]);
        }
      }
      long[] planes = new long[opened.length * pass.words()];
      suite.openBits(steps.next(path + "/open"), columns, opened, planes).await();
      from = read(pass, columns, planes, tokens, from);
      // It would outlive its epoch there.
      key.clear(columns, schedule);
      spare.set(columns);
    }
    return tokens;
  }

  /** The entities' own fields, of those that are carried over epochs. */
  private long[][][] hashes(int held, List<BlockShares> blocks, int rows) {
    boolean[] keeps = spec.keepsHashes();
    long[][][] hashes = new long[held][2 * keeps.length][];
    long[] column = new long[BlockShares.ROWS_MAX];
    for (int position = 0; position < held; position++) {
      for (int word = 0; word < 2 * keeps.length; word++) {
        hashes[position][word] = new long[keeps[word / 2] ? rows : 0];
        int field = spec.entities().get(word / 2).field() + word % 2;
        int at = 0;
        for (BlockShares block : keeps[word / 2] ? blocks : List.<BlockShares>of()) {
          int offset = layout.offset(field, block.rows());
          BitPlanes.fromPlanes(block.component(position), offset, block.rows(), WIDTH_BITS, column);
          System.arraycopy(column, 0, hashes[position][word], at, block.rows());
          at += block.rows();
        }
      }
    }
    return hashes;
  }

  /** Copies the rows of a pass behind those of the passes before; returns where the next begin. */
  private int read(Pass pass, Columns columns, long[] planes, Tokens tokens, int from) {
    int words = pass.words();
    long[] column = new long[words * Columns.LANES];
    int bits = spec.linkageBits();
    int end = from;
    for (int entity = 0; entity < spec.entities().size(); entity++) {
      BitPlanes.fromPlanes(planes, entity * bits * words, column.length, bits, column);
      end = compact(pass, column, tokens.pseudonyms()[entity], from);
    }
    for (int position = 0; position < tokens.values().length; position++) {
      for (int entity = 0; entity < compared.size(); entity++) {
        readBits(columns, position, compared.get(entity), column);
        compact(pass, column, tokens.values()[position][admitted.length + entity], from);
      }
      for (int value = 0; value < admitted.length; value++) {
        long[][] slots = columns.component(position);
        for (int i = 0; i < column.length; i++) {
          column[i] = slots[admitted[value] + i % Columns.LANES][i / Columns.LANES];
        }
        end = compact(pass, column, tokens.values()[position][value], from);
      }
    }
    return end;
  }

  /** The planes of a component, as a word for each row. */
  private static void readBits(Columns columns, int position, int[] slots, long[] column) {
    long[] planes = new long[slots.length * columns.words()];
    for (int bit = 0; bit < slots.length; bit++) {
      System.arraycopy(
          columns.component(position)[slots[bit]],
          0,
          planes,
          bit * columns.words(),
          columns.words());
    }
    BitPlanes.fromPlanes(planes, 0, column.length, slots.length, column);
  }

  private static int compact(Pass pass, long[] column, long[] target, int from) {
    int at = from;
    for (int i = 0; i < pass.blocks().size(); i++) {
      int rows = pass.blocks().get(i).rows();
      System.arraycopy(column, pass.starts()[i] * Columns.LANES, target, at, rows);
      at += rows;
    }
    return at;
  }

  /** As of {@link PlanEvaluator#roundWordsMax}. */
  public long roundWordsMax(int slots) {
    long columns = Math.max(circuit.roundSlots(), opened.length);
    return columns * Pass.wordsMax(circuit, HELD, PlanEvaluator.PASS_BYTES_MAX, slots);
  }

  /** The spare columns of an earlier pass, where they are large enough. */
  private Columns columns(Suite suite, int words) {
    Columns columns = spare.getAndSet(null);
    if (columns == null || columns.capacityWords() < words) {
      columns = new Columns(suite.held(), circuit.slotCount(), words);
    }
    columns.resize(words);
    return columns;
  }

  @Override
  public String toString() {
    return "TokenStage[entities=" + spec.entities().size() + "]";
  }
}
