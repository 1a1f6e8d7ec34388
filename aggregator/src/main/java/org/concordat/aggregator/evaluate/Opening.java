package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Flight;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;

/**
 * Opens what may be opened of one pass and reshares the details of the rows that were flagged. Of
 * those alone it also opens which candidates of a rule's paths hold, where their records are
 * alerted.
 */
final class Opening {
  /** A flagged row of the pass: its word and bit in a plane. */
  private record Hit(PlanCircuit.Output output, int block, int row, int word, int bit) {}

  private final PlanCircuit compiled;
  private final Pass pass;
  private final Suite suite;
  private final Columns columns;
  private final Steps steps;
  private final String path;

  Opening(PlanCircuit compiled, Pass pass, Suite suite, Columns columns, Steps steps, String path) {
    this.compiled = compiled;
    this.pass = pass;
    this.suite = suite;
    this.columns = columns;
    this.steps = steps;
    this.path = path;
  }

  void into(Tally tally, FlagBudget budget, boolean opensScores) {
    int words = pass.words();
    int[] flags = compiled.outputs().stream().mapToInt(PlanCircuit.Output::flag).toArray();
    // A bank can put what it likes there, and no cap would count what it made them open.
    for (int flag : flags) {
      for (int position = 0; position < suite.held(); position++) {
        pass.clearPadding(columns.component(position)[flag]);
      }
    }
    Columns source = columns;
    var cap = new FlagCap(pass, budget);
    if (!cap.allowsAll(compiled.outputs())) {
      source = cap.allowed(compiled.outputs(), columns, suite, steps, path);
      Arrays.setAll(flags, k -> k);
    }
    long[] opened = new long[flags.length * words];
    suite.openBits(steps.next(path + "/open-flags"), source, flags, opened).await();
    var planes = new ArrayList<long[]>();
    for (int k = 0; k < flags.length; k++) {
      long[] plane = Arrays.copyOfRange(opened, k * words, (k + 1) * words);
      planes.add(plane);
      tally.addFlags(compiled.outputs().get(k), pass, plane);
      cap.opened(compiled.outputs().get(k), plane, tally);
    }
    if (opensScores) {
      openScores(tally);
    }
    List<Hit> hits = hits(planes);
    if (!hits.isEmpty()) {
      reshare(hits, openSlots(hits), tally);
    }
  }

  private void openScores(Tally tally) {
    for (PlanCircuit.Output output : compiled.outputs()) {
      if (output.score() >= 0) {
        int[] lanes = lanes(output.score());
        long[] opened = new long[lanes.length * pass.words()];
        suite.openWords(steps.next(path + "/open-scores"), columns, lanes, opened).await();
        tally.addScores(output, pass, opened);
      }
    }
  }

  private static int[] lanes(int column) {
    int[] lanes = new int[Columns.LANES];
    Arrays.setAll(lanes, lane -> column + lane);
    return lanes;
  }

  private List<Hit> hits(List<long[]> planes) {
    var hits = new ArrayList<Hit>();
    for (int i = 0; i < pass.blocks().size(); i++) {
      for (int word = pass.starts()[i]; word < pass.starts()[i + 1]; word++) {
        long any = 0;
        for (long[] plane : planes) {
          any |= plane[word];
        }
        for (long left = any; left != 0; left &= left - 1) {
          int bit = Long.numberOfTrailingZeros(left);
          int row = (word - pass.starts()[i]) * Columns.LANES + bit;
          for (int k = 0; k < planes.size(); k++) {
            if ((planes.get(k)[word] >>> bit & 1) == 1) {
              hits.add(new Hit(compiled.outputs().get(k), pass.firstBlock() + i, row, word, bit));
            }
          }
        }
      }
    }
    return hits;
  }

  /** For each hit a bit for each slot of its rule's paths; no round where no rule has any. */
  private long[] openSlots(List<Hit> hits) {
    long[] opened = new long[hits.size()];
    int slots = hits.stream().mapToInt(hit -> hit.output.slots().length).max().orElse(0);
    if (slots == 0) {
      return opened;
    }
    int words = (hits.size() + Columns.LANES - 1) / Columns.LANES;
    var asked = new Columns(suite.held(), slots, words);
    for (int position = 0; position < suite.held(); position++) {
      long[][] source = columns.component(position);
      for (int i = 0; i < hits.size(); i++) {
        Hit hit = hits.get(i);
        for (int slot = 0; slot < hit.output.slots().length; slot++) {
          long bit = source[hit.output.slots()[slot]][hit.word] >>> hit.bit & 1;
          asked.component(position)[slot][i / Columns.LANES] |= bit << i % Columns.LANES;
        }
      }
    }
    int[] planes = new int[slots];
    Arrays.setAll(planes, k -> k);
    long[] bits = new long[slots * words];
    suite.openBits(steps.next(path + "/open-slots"), asked, planes, bits).await();
    for (int i = 0; i < opened.length; i++) {
      for (int slot = 0; slot < slots; slot++) {
        opened[i] |= (bits[slot * words + i / Columns.LANES] >>> i % Columns.LANES & 1) << slot;
      }
    }
    return opened;
  }

  /** One slot of scores (sums) and one of reasons (exclusive ors), a word for each hit. */
  private void reshare(List<Hit> hits, long[] slotsOf, Tally tally) {
    var details = new Columns(suite.held(), 2, hits.size());
    for (int position = 0; position < suite.held(); position++) {
      long[][] slots = columns.component(position);
      for (int i = 0; i < hits.size(); i++) {
        Hit hit = hits.get(i);
        if (hit.output.score() >= 0) {
          details.component(position)[0][i] = slots[hit.output.score() + hit.bit][hit.word];
        }
        int[] reasons = hit.output.reasons();
        long packed = 0;
        for (int j = 0; j < reasons.length; j++) {
          packed |= (slots[reasons[j]][hit.word] >>> hit.bit & 1) << j;
        }
        details.component(position)[1][i] = packed;
      }
    }
    Flight scores =
        suite.reshareWords(steps.next(path + "/reshare-scores"), details, new int[] {0});
    Flight reasons =
        suite.reshareBits(steps.next(path + "/reshare-reasons"), details, new int[] {1});
    scores.await();
    reasons.await();
    for (int i = 0; i < hits.size(); i++) {
      Hit hit = hits.get(i);
      tally.addHit(
          new FlaggedRow(
              hit.output.index(),
              hit.block,
              hit.row,
              slotsOf[i],
              detail(hit.output, details.component(0), i),
              detail(hit.output, details.component(1), i)));
    }
  }

  private static long[] detail(PlanCircuit.Output output, long[][] slots, int hit) {
    long[] words = new long[output.detailWords()];
    int at = 0;
    if (output.score() >= 0) {
      words[at++] = slots[0][hit];
    }
    if (output.reasons().length > 0) {
      words[at] = slots[1][hit];
    }
    return words;
  }
}
