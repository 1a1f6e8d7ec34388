package org.concordat.aggregator.evaluate;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.share.ShareLayout;
import org.jspecify.annotations.Nullable;

/** Gathers what the passes of a batch open. */
final class Tally {
  private static final byte[] LABEL = "concordat/flags/1".getBytes(StandardCharsets.US_ASCII);

  private final Plan plan;
  private final PlanCircuit compiled;
  private final List<BlockShares> blocks;
  private final List<FlaggedRow> flagged = new ArrayList<>();
  private final List<HeldRows> held = new ArrayList<>();
  private final int[] flagCounts;
  private final int[] wordStarts;
  private final int[] rowStarts;
  private final long[][] flags;
  private final long @Nullable [][] scores;

  Tally(Plan plan, PlanCircuit compiled, List<BlockShares> blocks, boolean opensScores) {
    int outputs = plan.outputs().size();
    this.plan = plan;
    this.compiled = compiled;
    this.blocks = blocks;
    this.flagCounts = new int[outputs];
    this.wordStarts = new int[blocks.size() + 1];
    this.rowStarts = new int[blocks.size() + 1];
    for (int i = 0; i < blocks.size(); i++) {
      wordStarts[i + 1] = wordStarts[i] + ShareLayout.planeWords(blocks.get(i).rows());
      rowStarts[i + 1] = rowStarts[i] + blocks.get(i).rows();
    }
    this.flags = new long[outputs][];
    for (PlanCircuit.Output output : compiled.outputs()) {
      flags[output.index()] = new long[wordStarts[blocks.size()]];
    }
    this.scores = opensScores ? new long[outputs][rowStarts[blocks.size()]] : null;
  }

  /** The flags of a pass, without padding. */
  void addFlags(PlanCircuit.Output output, Pass pass, long[] plane) {
    int start = wordStarts[pass.firstBlock()];
    System.arraycopy(plane, 0, flags[output.index()], start, plane.length);
    for (long word : plane) {
      flagCounts[output.index()] += Long.bitCount(word);
    }
  }

  void addScores(PlanCircuit.Output output, Pass pass, long[] lanes) {
    if (scores == null) {
      throw new IllegalStateException("scores stay closed");
    }
    for (int i = 0; i < pass.blocks().size(); i++) {
      int start = rowStarts[pass.firstBlock() + i];
      for (int row = 0; row < pass.blocks().get(i).rows(); row++) {
        int word = pass.starts()[i] + row / Columns.LANES;
        scores[output.index()][start + row] = lanes[row % Columns.LANES * pass.words() + word];
      }
    }
  }

  void addHit(FlaggedRow row) {
    flagged.add(row);
  }

  /** Adds to what an earlier pass held of the same rule and bank. */
  void addHeld(HeldRows more) {
    for (int i = 0; i < held.size(); i++) {
      HeldRows known = held.get(i);
      if (known.output() == more.output() && known.owner() == more.owner()) {
        held.set(
            i,
            new HeldRows(
                known.output(),
                known.owner(),
                known.firstBlock(),
                known.firstRow(),
                known.rows() + more.rows()));
        return;
      }
    }
    held.add(more);
  }

  Outcome outcome() {
    OpenedScores opened = scores == null ? null : new OpenedScores(rowStarts, scores);
    return new Outcome(flagged, flagCounts, held, digest(), opened);
  }

  /**
   * Over the plan, the rows of each block, each live rule's index and flags, and the slots that
   * were opened.
   */
  private byte[] digest() {
    MessageDigest digest = sha256();
    digest.update(LABEL);
    digest.update(plan.hash());
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(blocks.size()).flip());
    ByteBuffer rows = ByteBuffer.allocate(blocks.size() * Integer.BYTES);
    blocks.forEach(block -> rows.putInt(block.rows()));
    digest.update(rows.flip());
    for (PlanCircuit.Output output : compiled.outputs()) {
      long[] words = flags[output.index()];
      ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + words.length * Long.BYTES);
      bytes.putInt(output.index());
      bytes.asLongBuffer().put(words);
      digest.update(bytes.array());
    }
    for (FlaggedRow row : flagged) {
      if (row.slots() != 0) {
        ByteBuffer bytes = ByteBuffer.allocate(3 * Integer.BYTES + Long.BYTES);
        bytes.putInt(row.output()).putInt(row.block()).putInt(row.row()).putLong(row.slots());
        digest.update(bytes.array());
      }
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing", e);
    }
  }
}
