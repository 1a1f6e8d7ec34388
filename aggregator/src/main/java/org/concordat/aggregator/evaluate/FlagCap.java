package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;
import org.concordat.aggregator.mpc.gadget.Comparison;
import org.concordat.aggregator.mpc.gadget.Word;

/**
 * Keeps flags closed that a budget doesn't allow, before anything is opened.
 *
 * <p>Where a bank's rows outnumber the flags left to it, its flags are counted on shares in commit
 * order, and only {@code flag and (count <= left)} is opened: the first {@code left} flags and no
 * more, whatever the batch holds. That takes one conversion to arithmetic, sums that are local, one
 * comparison and one product: 2 + 2 + ceil(log2(COUNT_BITS - 2)) + 1 rounds for each such rule.
 * Where nothing is left nothing is computed, and where enough is left nothing is added.
 *
 * <p>What the parties learn beyond the flags: whether a cap was reached, which the flags and the
 * cap, both public, tell anyway. Tolerates what the suite tolerates.
 */
final class FlagCap {
  /** Of a signed number that holds a count of rows less a bound of at most as many. */
  private static final int COUNT_BITS = 22;

  /** All blocks of one owner in a pass, ascending; blocks of others may lie between them. */
  private record Segment(int owner, List<Integer> blocks, int rows) {}

  private final Pass pass;
  private final FlagBudget budget;
  private final List<Segment> segments;

  FlagCap(Pass pass, FlagBudget budget) {
    this.pass = pass;
    this.budget = budget;
    this.segments = segments(pass, budget);
  }

  private static List<Segment> segments(Pass pass, FlagBudget budget) {
    var blocks = new LinkedHashMap<Integer, List<Integer>>();
    for (int i = 0; i < pass.blocks().size(); i++) {
      int owner = budget.owner(pass.firstBlock() + i);
      blocks.computeIfAbsent(owner, o -> new ArrayList<>()).add(i);
    }
    var segments = new ArrayList<Segment>();
    blocks.forEach(
        (owner, of) -> {
          int rows = of.stream().mapToInt(i -> pass.blocks().get(i).rows()).sum();
          segments.add(new Segment(owner, of, rows));
        });
    return segments;
  }

  /** Whether every flag of the pass may be opened. */
  boolean allowsAll(List<PlanCircuit.Output> outputs) {
    return outputs.stream()
        .allMatch(output -> segments.stream().allMatch(s -> left(output, s) >= s.rows));
  }

  private long left(PlanCircuit.Output output, Segment segment) {
    return budget.left(output.index(), segment.owner);
  }

  /**
   * Planes of the flags that may be opened, in the order of the outputs; others are zero.
   *
   * @param columns flags without padding: a slot after a block's last row would be counted with its
   *     rows, and if it were opened, its count would tell of the held rows before it
   */
  Columns allowed(
      List<PlanCircuit.Output> outputs, Columns columns, Suite suite, Steps steps, String path) {
    int words = pass.words();
    var allowed = new Columns(suite.held(), outputs.size(), words);
    for (int k = 0; k < outputs.size(); k++) {
      PlanCircuit.Output output = outputs.get(k);
      var contested = new ArrayList<Segment>();
      for (int position = 0; position < suite.held(); position++) {
        System.arraycopy(
            columns.component(position)[output.flag()],
            0,
            allowed.component(position)[k],
            0,
            words);
      }
      for (Segment segment : segments) {
        long left = left(output, segment);
        if (left == 0) {
          clear(allowed, k, segment, suite.held());
        } else if (left < segment.rows) {
          contested.add(segment);
        }
      }
      if (!contested.isEmpty()) {
        limit(output, contested, allowed, k, suite, steps, path + "/cap" + output.index());
      }
    }
    return allowed;
  }

  private void clear(Columns columns, int plane, Segment segment, int held) {
    for (int position = 0; position < held; position++) {
      for (int i : segment.blocks) {
        Arrays.fill(columns.component(position)[plane], startWord(i), endWord(i), 0);
      }
    }
  }

  private int startWord(int block) {
    return pass.starts()[block];
  }

  private int endWord(int block) {
    return pass.starts()[block + 1];
  }

  private void limit(
      PlanCircuit.Output output,
      List<Segment> contested,
      Columns allowed,
      int plane,
      Suite suite,
      Steps steps,
      String path) {
    var counting = new CircuitBuilder();
    Bits flag = counting.inputBits(1);
    Word number = counting.b2a(flag);
    counting.output(number);
    Circuit count = counting.build();
    var comparing = new CircuitBuilder();
    Word excess = comparing.inputWord();
    Bits asked = comparing.inputBits(1);
    Bits granted = comparing.and(asked, Comparison.negative(comparing, excess, COUNT_BITS));
    comparing.output(granted);
    Circuit compare = comparing.build();

    var counted = new Columns(suite.held(), count.slotCount(), pass.words());
    var compared = new Columns(suite.held(), compare.slotCount(), pass.words());
    for (int position = 0; position < suite.held(); position++) {
      long[] source = allowed.component(position)[plane];
      long[] target = counted.component(position)[count.slots(flag)[0]];
      for (Segment segment : contested) {
        for (int i : segment.blocks) {
          int words = endWord(i) - startWord(i);
          System.arraycopy(source, startWord(i), target, startWord(i), words);
        }
      }
      long[] wanted = compared.component(position)[compare.slots(asked)[0]];
      System.arraycopy(source, 0, wanted, 0, pass.words());
    }
    count.run(suite, counted, steps, path + "/count");
    for (int position = 0; position < suite.held(); position++) {
      boolean takesConstants = suite.component(position) == 0;
      long[][] source = counted.component(position);
      long[][] target = compared.component(position);
      if (takesConstants) {
        // Rows of other segments: below zero, so that they are granted.
        for (int lane = 0; lane < Columns.LANES; lane++) {
          Arrays.fill(target[compare.slot(excess) + lane], -1);
        }
      }
      for (Segment segment : contested) {
        long constant = takesConstants ? -left(output, segment) - 1 : 0;
        runningSums(source, count.slot(number), target, compare.slot(excess), segment, constant);
      }
    }
    compare.run(suite, compared, steps, path + "/compare");
    for (int position = 0; position < suite.held(); position++) {
      System.arraycopy(
          compared.component(position)[compare.slots(granted)[0]],
          0,
          allowed.component(position)[plane],
          0,
          pass.words());
    }
  }

  private void runningSums(
      long[][] source, int from, long[][] target, int to, Segment segment, long constant) {
    long sum = constant;
    for (int i : segment.blocks) {
      for (int word = startWord(i); word < endWord(i); word++) {
        for (int lane = 0; lane < Columns.LANES; lane++) {
          sum += source[from + lane][word];
          target[to + lane][word] = sum;
        }
      }
    }
  }

  /**
   * Takes what was opened from the budget, and tells which rows are held.
   *
   * @param plane opened flags, without padding
   */
  void opened(PlanCircuit.Output output, long[] plane, Tally tally) {
    for (Segment segment : segments) {
      long left = left(output, segment);
      int flags = 0;
      int lastWord = -1;
      for (int i : segment.blocks) {
        for (int word = startWord(i); word < endWord(i); word++) {
          flags += Long.bitCount(plane[word]);
          lastWord = plane[word] == 0 ? lastWord : word;
        }
      }
      if (flags > left) {
        throw new IllegalStateException("more flags than the budget");
      }
      budget.take(output.index(), segment.owner, flags);
      if (segment.owner != FlagBudget.NOBODY && left < segment.rows && flags == left) {
        int lastBit = lastWord < 0 ? -1 : 63 - Long.numberOfLeadingZeros(plane[lastWord]);
        hold(output, segment, lastWord, lastBit, tally);
      }
    }
  }

  /** Every row after the last opened flag, or from the first one on. */
  private void hold(
      PlanCircuit.Output output, Segment segment, int lastWord, int lastBit, Tally tally) {
    int firstBlock = -1;
    int firstRow = -1;
    long rows = 0;
    for (int i : segment.blocks) {
      int size = pass.blocks().get(i).rows();
      int after = (lastWord - pass.starts()[i]) * Columns.LANES + lastBit + 1;
      int from = lastWord < 0 ? 0 : Math.clamp(after, 0, size);
      if (from < size && firstBlock < 0) {
        firstBlock = pass.firstBlock() + i;
        firstRow = from;
      }
      rows += size - from;
    }
    if (rows > 0) {
      tally.addHeld(new HeldRows(output.index(), segment.owner, firstBlock, firstRow, rows));
    }
  }
}
