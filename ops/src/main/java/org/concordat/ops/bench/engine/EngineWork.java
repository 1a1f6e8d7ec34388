package org.concordat.ops.bench.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
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
  private final int words;
  private final int chunkWords;
  private final int chunks;
  private final int rows;
  // By chunk, component and input slot.
  private final long[][][][] shares;

  EngineWork(EngineOp op, long seed, int party, int rows, int chunkRows) {
    this.op = op;
    this.rows = rows;
    this.prepared = op.prepare(seed);
    this.words = wordsOf(rows);
    this.chunkWords = wordsOf(Math.min(rows, chunkRows));
    this.chunks = (words + chunkWords - 1) / chunkWords;
    this.inputSlots =
        prepared.inputs().stream()
            .flatMapToInt(input -> Arrays.stream(input.slots(prepared.circuit())))
            .toArray();
    var seeded = new SeededWords(seed);
    this.shares = new long[chunks][2][inputSlots.length][chunkWords];
    for (int chunk = 0; chunk < chunks; chunk++) {
      for (int position = 0; position < 2; position++) {
        fill(seeded, chunk, (party + position) % 3, shares[chunk][position]);
      }
    }
  }

  private int wordsOf(int count) {
    int bits = Columns.LANES * op.planesOfRows();
    return (count + bits - 1) / bits;
  }

  /** One component of a chunk's inputs; rows beyond the last are zero in every component. */
  private void fill(SeededWords seeded, int chunk, int component, long[][] slots) {
    int slot = 0;
    for (EngineInput input : prepared.inputs()) {
      switch (input) {
        case EngineInput.Number number -> {
          for (int lane = 0; lane < Columns.LANES; lane++) {
            for (int i = 0; i < chunkWords; i++) {
              long row = ((long) chunk * chunkWords + i) * Columns.LANES + lane;
              slots[slot + lane][i] = row < rows ? share(seeded, component, number, row) : 0;
            }
          }
          slot += Columns.LANES;
        }
        case EngineInput.Code code when op != EngineOp.AND -> {
          for (int i = 0; i < words(chunk) * Columns.LANES; i++) {
            long row = (long) chunk * chunkWords * Columns.LANES + i;
            long value = row < rows ? codeShare(seeded, component, code, row) : 0;
            for (int plane = 0; plane < code.widthBits(); plane++) {
              slots[slot + plane][i / Columns.LANES] |= (value >>> plane & 1) << i;
            }
          }
          slot += code.widthBits();
        }
        case EngineInput.Code code -> {
          for (int plane = 0; plane < code.widthBits(); plane++) {
            for (int i = 0; i < chunkWords; i++) {
              long before = (long) chunk * code.widthBits() * chunkWords;
              long index = before + (long) plane * words(chunk) + i;
              slots[slot + plane][i] = bitShare(seeded, component, code.stream(), index);
            }
          }
          slot += code.widthBits();
        }
      }
    }
  }

  /** Words of a chunk's slots; the last one may have fewer. */
  private int words(int chunk) {
    return Math.min(chunkWords, words - chunk * chunkWords);
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

  private static long codeShare(SeededWords words, int component, EngineInput input, long row) {
    if (component > 0) {
      return words.component(component, input.stream(), row);
    }
    return (words.word(input.stream(), row) >>> (64 - input.widthBits()))
        ^ words.component(1, input.stream(), row)
        ^ words.component(2, input.stream(), row);
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
    columns.resize(words(chunk));
    for (int position = 0; position < 2; position++) {
      long[][] target = columns.component(position);
      long[][] source = shares[chunk][position];
      for (int i = 0; i < inputSlots.length; i++) {
        target[inputSlots[i]] = source[i];
      }
    }
    prepared.circuit().run(suite, columns, steps, op.label());
  }

  /** Opens a chunk's result to all parties, as the bytes that the checksum is over. */
  byte[] open(Suite suite, Columns columns, Steps steps) {
    int[] output = prepared.output();
    int used = columns.words();
    long[] opened = new long[output.length * used];
    boolean isNumber = op == EngineOp.MULTIPLY;
    if (isNumber) {
      suite.openWords(steps.next("open"), columns, output, opened).await();
    } else {
      suite.openBits(steps.next("open"), columns, output, opened).await();
    }
    ByteBuffer bytes = ByteBuffer.allocate(opened.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    if (op == EngineOp.AES128) {
      for (int row = 0; row < used * Columns.LANES; row++) {
        bytes.putLong(code(opened, row, 0)).putLong(code(opened, row, Columns.LANES));
      }
      return bytes.array();
    }
    for (int at = 0; at < opened.length; at++) {
      // Numbers lie in lanes: row r in word r / 64 of lane r % 64.
      bytes.putLong(isNumber ? opened[at % Columns.LANES * used + at / Columns.LANES] : opened[at]);
    }
    return bytes.array();
  }

  /** A row's bits out of 64 planes. */
  private static long code(long[] planes, int row, int firstPlane) {
    int words = planes.length / (2 * Columns.LANES);
    long code = 0;
    for (int bit = 0; bit < Columns.LANES; bit++) {
      code |= (planes[(firstPlane + bit) * words + row / Columns.LANES] >>> row & 1) << bit;
    }
    return code;
  }

  /**
   * SHA-256 of all rows' results in order: of numbers their 8 bytes, little-endian; of blocks their
   * 16 bytes; of bits, row r in bit r % 64 of word r / 64, the words' 8 bytes, zeros after the last
   * row.
   */
  String checksum(byte[][] opened) {
    boolean isNumber = op == EngineOp.MULTIPLY || op == EngineOp.AES128;
    int wordsPerRow = op == EngineOp.AES128 ? 2 : 1;
    int length = isNumber ? rows * wordsPerRow : (rows + Columns.LANES - 1) / Columns.LANES;
    ByteBuffer all = ByteBuffer.allocate(length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] chunk : opened) {
      all.put(chunk, 0, Math.min(chunk.length, all.remaining()));
    }
    if (!isNumber && rows % Columns.LANES != 0) {
      int last = (length - 1) * Long.BYTES;
      all.putLong(last, all.getLong(last) & ((1L << rows % Columns.LANES) - 1));
    }
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(all.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing", e);
    }
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
