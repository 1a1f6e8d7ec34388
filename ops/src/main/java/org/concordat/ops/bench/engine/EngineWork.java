package org.concordat.ops.bench.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;

/**
 * One op at one party: its shares of all rows, which stay, and what is computed of them, chunk by
 * chunk. Several lanes, each with its own suite and working columns, share the chunks.
 */
final class EngineWork {
  private final EngineOp op;
  private final EngineOp.Prepared prepared;
  private final int[] inputSlots;
  private final int chunkWords;
  private final int chunks;
  private final int rows;
  // By chunk, component and input slot.
  private final long[][][][] shares;

  EngineWork(EngineOp op, long seed, int party, int rows, int chunkRows) {
    this.op = op;
    this.rows = rows;
    this.prepared = op.prepare(seed);
    this.chunkWords = wordsOf(Math.min(rows, chunkRows));
    this.chunks = (wordsOf(rows) + chunkWords - 1) / chunkWords;
    this.inputSlots =
        prepared.inputs().stream()
            .flatMapToInt(input -> java.util.Arrays.stream(input.slots(prepared.circuit())))
            .toArray();
    var words = new SeededWords(seed);
    this.shares = new long[chunks][2][inputSlots.length][chunkWords];
    for (int chunk = 0; chunk < chunks; chunk++) {
      for (int position = 0; position < 2; position++) {
        fill(words, chunk, (party + position) % 3, shares[chunk][position]);
      }
    }
  }

  private int wordsOf(int count) {
    int bits = Columns.LANES * op.planesOfRows();
    return (count + bits - 1) / bits;
  }

  /** One component of a chunk's inputs; rows beyond the last are zero in every component. */
  private void fill(SeededWords words, int chunk, int component, long[][] slots) {
    int slot = 0;
    for (EngineInput input : prepared.inputs()) {
      switch (input) {
        case EngineInput.Number number -> {
          for (int lane = 0; lane < Columns.LANES; lane++) {
            for (int i = 0; i < chunkWords; i++) {
              long row = ((long) chunk * chunkWords + i) * Columns.LANES + lane;
              slots[slot + lane][i] = row < rows ? share(words, component, number, row) : 0;
            }
          }
          slot += Columns.LANES;
        }
        case EngineInput.Code code -> {
          for (int plane = 0; plane < code.widthBits(); plane++) {
            for (int i = 0; i < chunkWords; i++) {
              long index = ((long) chunk * code.widthBits() + plane) * chunkWords + i;
              slots[slot + plane][i] = bitShare(words, component, code.stream(), index);
            }
          }
          slot += code.widthBits();
        }
      }
    }
  }

  private static long share(SeededWords words, int component, EngineInput input, long row) {
    if (component > 0) {
      return words.component(component, input.stream(), row);
    }
    long value = words.word(input.stream(), row) >>> (64 - input.widthBits());
    return value
        - words.component(1, input.stream(), row)
        - words.component(2, input.stream(), row);
  }

  private static long bitShare(SeededWords words, int component, int stream, long index) {
    return component > 0
        ? words.component(component, stream, index)
        : words.word(stream, index)
            ^ words.component(1, stream, index)
            ^ words.component(2, stream, index);
  }

  EngineOp op() {
    return op;
  }

  int rows() {
    return rows;
  }

  int chunks() {
    return chunks;
  }

  int rounds() {
    return prepared.circuit().rounds();
  }

  int ands() {
    return prepared.circuit().ands();
  }

  Columns columns() {
    return new Columns(2, prepared.circuit().slotCount(), chunkWords);
  }

  /** Evaluates a chunk; its result is in the columns. */
  void run(int chunk, Suite suite, Columns columns, Steps steps) {
    for (int position = 0; position < 2; position++) {
      long[][] target = columns.component(position);
      long[][] source = shares[chunk][position];
      for (int i = 0; i < inputSlots.length; i++) {
        System.arraycopy(source[i], 0, target[inputSlots[i]], 0, chunkWords);
      }
    }
    prepared.circuit().run(suite, columns, steps, op.label());
  }

  /** Opens a chunk's result to all parties, as the bytes that the checksum is over. */
  byte[] open(Suite suite, Columns columns, Steps steps) {
    int[] output = prepared.output();
    long[] opened = new long[output.length * chunkWords];
    boolean isNumber = op == EngineOp.MULTIPLY;
    if (isNumber) {
      suite.openWords(steps.next("open"), columns, output, opened).await();
    } else {
      suite.openBits(steps.next("open"), columns, output, opened).await();
    }
    ByteBuffer bytes = ByteBuffer.allocate(opened.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < opened.length; at++) {
      // Numbers lie in lanes: row r in word r / 64 of lane r % 64.
      bytes.putLong(
          isNumber ? opened[at % Columns.LANES * chunkWords + at / Columns.LANES] : opened[at]);
    }
    return bytes.array();
  }

  /** Chunks of one of some lanes. */
  List<Integer> chunksOf(int lane, int lanes) {
    List<Integer> mine = new ArrayList<>();
    for (int chunk = lane; chunk < chunks; chunk += lanes) {
      mine.add(chunk);
    }
    return mine;
  }
}
