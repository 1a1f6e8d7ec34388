package org.concordat.schemas.seal;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.share.BitPlanes;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/**
 * Prints the CPU time that a row of 32 features takes on its way: planes and components, sealing at
 * the bank, opening and expansion at each aggregator. Thread time, so that other load on the
 * machine counts little. A main, not a test: {@code java ... SealingThroughput [rows of a block]}.
 */
public final class SealingThroughput {
  private static final int ROUNDS = 6;
  private static final int BLOCKS = 300;

  private final SealingConsortium consortium = new SealingConsortium("throughput");
  private final ShareLayout layout = new ShareLayout(fields());
  private final int rows;
  private final long[] words;
  private final long[] column;

  private SealingThroughput(int rows) {
    this.rows = rows;
    this.words = new long[layout.words(rows)];
    this.column = new long[rows];
    for (int r = 0; r < rows; r++) {
      column[r] = consortium.random.nextInt();
    }
  }

  /** 16 features of 32 bits, 8 summed ones, 8 of 10 bits. */
  private static List<ShareField> fields() {
    List<ShareField> fields = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      fields.add(ShareField.bits(32));
      fields.add(ShareField.bits(32));
      fields.add(ShareField.arithmetic());
      fields.add(ShareField.bits(10));
    }
    return fields;
  }

  public static void main(String[] args) {
    int rows = args.length == 0 ? BlockOpener.ROWS_MAX : Integer.parseInt(args[0]);
    new SealingThroughput(rows).run();
  }

  private void run() {
    List<SealingSession> sessions = consortium.sessions(1);
    BlockSealer sealer = consortium.sealer(sessions);
    BlockOpener opener = consortium.opener(0);
    opener.setup(sessions.getFirst().setup());
    List<byte[]> copies = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      long first = (long) round * BLOCKS;
      copies.clear();
      double planes = nanosPerRow(first, sequence -> planes());
      double seal =
          nanosPerRow(
              first,
              sequence -> {
                List<Block> blocks = sealer.seal(content(sequence));
                copies.add(RecordCodec.encode(blocks.get(0)));
                RecordCodec.encode(blocks.get(1));
                RecordCodec.encode(blocks.get(2));
              });
      double open =
          nanosPerRow(
              0,
              i -> {
                var opened = (Opening.Opened) opener.open(copies.get((int) i));
                opened.first(words.length);
                opened.second(words.length);
              });
      System.out.printf(
          "rows %d: planes %.0f, split and seal three copies %.0f, open and expand one %.0f ns a"
              + " row%n",
          rows, planes, seal, open);
    }
  }

  private void planes() {
    for (int f = 0; f < layout.fields().size(); f++) {
      int width = layout.fields().get(f).widthBits();
      int offset = layout.offset(f, rows);
      if (width == 64) {
        System.arraycopy(column, 0, words, offset, rows);
      } else {
        BitPlanes.toPlanes(column, rows, width, words, offset);
      }
    }
  }

  private BlockContent content(long sequence) {
    return new BlockContent(
        0,
        sequence,
        RecordKind.LIVE,
        "throughput",
        1,
        new byte[32],
        rows,
        new long[rows],
        0,
        new byte[16 * rows],
        Rep3Sharing.split(layout, words, rows, (int) (sequence % 3), consortium.random));
  }

  private double nanosPerRow(long first, LongConsumer work) {
    var threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    for (long i = first; i < first + BLOCKS; i++) {
      work.accept(i);
    }
    return (threads.getCurrentThreadCpuTime() - start) / (double) BLOCKS / rows;
  }
}
