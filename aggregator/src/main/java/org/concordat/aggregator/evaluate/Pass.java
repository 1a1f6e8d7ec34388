package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareLayout;

/**
 * Consecutive blocks that run through the circuit together. Each block starts at a word; the row
 * slots after its last row are shares of zero (ADR 0006).
 *
 * @param firstBlock index of the first block in the batch
 * @param starts word at which each block starts, and one more entry: the words of all
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; stays in this package
record Pass(int firstBlock, List<BlockShares> blocks, int[] starts) {
  static Pass of(int firstBlock, List<BlockShares> blocks) {
    int[] starts = new int[blocks.size() + 1];
    for (int i = 0; i < blocks.size(); i++) {
      starts[i + 1] = starts[i] + ShareLayout.planeWords(blocks.get(i).rows());
    }
    return new Pass(firstBlock, blocks, starts);
  }

  /**
   * As few passes as a circuit's columns leave room for.
   *
   * @param bytesMax of shares, unless one block alone needs more
   */
  static List<Pass> split(List<BlockShares> blocks, Circuit circuit, int held, long bytesMax) {
    long wordsMax = wordsMax(circuit, held, bytesMax);
    var passes = new ArrayList<Pass>();
    int from = 0;
    long words = 0;
    for (int i = 0; i < blocks.size(); i++) {
      int more = ShareLayout.planeWords(blocks.get(i).rows());
      if (i > from && words + more > wordsMax) {
        passes.add(of(from, blocks.subList(from, i)));
        from = i;
        words = 0;
      }
      words += more;
    }
    passes.add(of(from, blocks.subList(from, blocks.size())));
    return passes;
  }

  /** Words of a pass, unless one block alone needs more. */
  static long wordsMax(Circuit circuit, int held, long bytesMax) {
    // Columns of the held components, and a flight on its way out and one in.
    long slots = (long) circuit.slotCount() * held + 2L * circuit.flightSlots();
    return Math.min(
        bytesMax / (slots * Long.BYTES),
        Channel.FLIGHT_WORDS_MAX / Math.max(1, circuit.flightSlots()));
  }

  /**
   * Words of any pass of a batch.
   *
   * @param slots rows of the batch, padding included
   */
  static long wordsMax(Circuit circuit, int held, long bytesMax, int slots) {
    long pass = Math.max(wordsMax(circuit, held, bytesMax), BlockShares.ROWS_MAX / Columns.LANES);
    return Math.min(pass, Math.ceilDiv(slots, Columns.LANES));
  }

  int words() {
    return starts[blocks.size()];
  }

  /** Copies the fields that the circuit reads into its input slots. */
  void load(List<PlanCircuit.Input> inputs, ShareLayout layout, Columns columns, int held) {
    for (int position = 0; position < held; position++) {
      long[][] slots = columns.component(position);
      for (PlanCircuit.Input input : inputs) {
        for (int i = 0; i < blocks.size(); i++) {
          BlockShares block = blocks.get(i);
          long[] source = block.component(position);
          int offset = layout.offset(input.field(), block.rows());
          if (input.domain() == Domain.ARITHMETIC) {
            loadLanes(source, offset, block.rows(), slots, input.slot(), starts[i]);
          } else {
            int words = starts[i + 1] - starts[i];
            for (int plane = 0; plane < input.planes().length; plane++) {
              System.arraycopy(
                  source, offset + plane * words, slots[input.planes()[plane]], starts[i], words);
            }
          }
        }
      }
    }
  }

  /** Puts a model's values into every word of their slots: they are the same for all rows. */
  void load(PlanCircuit.Secret secret, ModelShares model, Columns columns, int held) {
    for (int position = 0; position < held; position++) {
      long[][] slots = columns.component(position);
      long[] values = model.component(position);
      for (int i = 0; i < values.length; i++) {
        Arrays.fill(slots[secret.slots()[i]], 0, words(), values[i]);
      }
    }
  }

  /** Copies a block's words, which begin at an offset of the source, to where it starts. */
  static void loadLanes(
      long[] source, int offset, int rows, long[][] slots, int column, int start) {
    int fullWords = rows / Columns.LANES;
    for (int lane = 0; lane < Columns.LANES; lane++) {
      long[] target = slots[column + lane];
      int words = fullWords + (lane < rows % Columns.LANES ? 1 : 0);
      for (int word = 0; word < words; word++) {
        target[start + word] = source[offset + word * Columns.LANES + lane];
      }
      // A used buffer holds other rows' shares.
      Arrays.fill(target, start + words, start + ShareLayout.planeWords(rows), 0);
    }
  }

  /** Clears the bits beyond each block's last row. */
  void clearPadding(long[] plane) {
    for (int i = 0; i < blocks.size(); i++) {
      int used = blocks.get(i).rows() % Columns.LANES;
      if (used != 0) {
        plane[starts[i + 1] - 1] &= (1L << used) - 1;
      }
    }
  }
}
