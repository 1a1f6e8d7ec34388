package org.concordat.ops.lift;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.concordat.aggregator.evaluate.BlockShares;
import org.concordat.aggregator.evaluate.FlagBudget;
import org.concordat.aggregator.evaluate.FlaggedRow;
import org.concordat.aggregator.evaluate.HiddenMatching;
import org.concordat.aggregator.evaluate.LinkageKey;
import org.concordat.aggregator.evaluate.Outcome;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.evaluate.TokenStage;
import org.concordat.aggregator.evaluate.Tokens;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.rep3.Rep3;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkMemory;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.oracle.Oracle;
import org.concordat.schemas.share.BitPlanes;
import org.concordat.schemas.share.Components;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/**
 * A rule set over rows of a history on shares, batch by batch: what banks would send is split, and
 * three parties of rep3 make pseudonyms under a key that none knows, link, and open the flags.
 *
 * <p>The engine and the memory of links are those of an aggregator; what is left out is all around
 * them: seals, links by TLS, votes and logs.
 */
final class ShareRun {
  private static final int COMPONENTS = 2;
  private static final int BATCH_ROWS = 4 * BlockShares.ROWS_MAX;

  private final RankedRules rules;
  private final History history;
  private final PlanEvaluator evaluator;
  private final TokenStage stage;
  private final List<LinkageKey> linkageKeys;
  private final List<LinkMemory> states = new ArrayList<>();
  private final SecureRandom random = new SecureRandom();

  ShareRun(RankedRules rules, History history) {
    this.rules = rules;
    this.history = history;
    this.evaluator = new PlanEvaluator(rules.plan());
    this.stage = new TokenStage(rules.link(), rules.plan().layout());
    byte[][] keys = keys();
    this.linkageKeys =
        PartiesInMemory.run(channel -> () -> LinkageKey.draw(suite(channel, keys), new Steps()));
    for (int party = 0; party < PartiesInMemory.PARTIES; party++) {
      states.add(LinkMemory.of(rules.link(), COMPONENTS, true, List.of()));
    }
  }

  /**
   * Holds the flags of a history's first rows on shares against those in plain.
   *
   * @param rowsMax of them
   */
  static LiftReport.OnShares compare(RankedRules rules, History history, int rowsMax) {
    var plain = new PlainRun(rules, history);
    var shares = new ShareRun(rules, history);
    int rows = Math.min(rowsMax, history.rows());
    long flags = 0;
    long different = 0;
    for (int from = 0; from < rows; from += BATCH_ROWS) {
      int[] batch = IntStream.range(from, Math.min(rows, from + BATCH_ROWS)).toArray();
      Oracle.Result expected = plain.evaluate(batch).result();
      List<BitSet> flagged = shares.evaluate(batch);
      for (int output = 0; output < flagged.size(); output++) {
        BitSet differing = expected.flaggedRows(output);
        flags += differing.cardinality();
        differing.xor(flagged.get(output));
        different += differing.cardinality();
      }
    }
    return new LiftReport.OnShares(rows, flags, different);
  }

  /** Of an attempt: key i is known to party i and the one before. */
  private byte[][] keys() {
    byte[][] keys = new byte[PartiesInMemory.PARTIES][32];
    for (byte[] key : keys) {
      random.nextBytes(key);
    }
    return keys;
  }

  private static Suite suite(Channel channel, byte[][] keys) {
    int next = (channel.party() + 1) % PartiesInMemory.PARTIES;
    return new Rep3(channel, keys[channel.party()], keys[next]);
  }

  /** The rows that each rule flags, of the next rows; those before are remembered. */
  List<BitSet> evaluate(int[] rows) {
    List<List<BlockShares>> blocks =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int from = 0; from < rows.length; from += BlockShares.ROWS_MAX) {
      split(
          Arrays.copyOfRange(rows, from, Math.min(rows.length, from + BlockShares.ROWS_MAX)),
          blocks);
    }
    byte[][] keys = keys();
    List<Outcome> outcomes =
        PartiesInMemory.run(
            channel ->
                () ->
                    evaluate(
                        suite(channel, keys), channel.party(), rows, blocks.get(channel.party())));
    List<BitSet> flagged = flagged(outcomes.getFirst());
    for (Outcome outcome : outcomes) {
      if (!flagged(outcome).equals(flagged)) {
        throw new IllegalStateException("parties have opened different flags");
      }
    }
    return flagged;
  }

  private void split(int[] rows, List<List<BlockShares>> blocks) {
    ShareLayout layout = rules.plan().layout();
    long[][] sent = PlainRun.sent(rules, history, rows);
    long[] words = new long[layout.words(rows.length)];
    for (int field = 0; field < layout.fields().size(); field++) {
      ShareField shape = layout.fields().get(field);
      int offset = layout.offset(field, rows.length);
      if (shape.domain() == Domain.ARITHMETIC) {
        System.arraycopy(sent[field], 0, words, offset, rows.length);
      } else {
        BitPlanes.toPlanes(sent[field], rows.length, shape.widthBits(), words, offset);
      }
    }
    int block = blocks.getFirst().size();
    Components split =
        Rep3Sharing.split(layout, words, rows.length, block % PartiesInMemory.PARTIES, random);
    for (int party = 0; party < PartiesInMemory.PARTIES; party++) {
      blocks
          .get(party)
          .add(
              new BlockShares(
                  rows.length,
                  split.words(party, words.length),
                  split.words((party + 1) % PartiesInMemory.PARTIES, words.length)));
    }
  }

  private Outcome evaluate(Suite suite, int party, int[] rows, List<BlockShares> blocks) {
    LinkSpec spec = rules.link();
    LinkMemory state = states.get(party);
    var steps = new Steps();
    Tokens tokens = stage.evaluate(suite, steps, linkageKeys.get(party), blocks);
    LinkColumns columns =
        state.derive(
            PlainRun.linked(history, rows, tokens.pseudonyms(), tokens.values(), tokens.hashes()));
    state.commit();
    if (spec.hidden().isPresent()) {
      new HiddenMatching(spec, Long.MAX_VALUE).fill(suite, steps, columns);
    }
    var budget = FlagBudget.unlimited(blocks.size(), rules.plan().outputs().size());
    return evaluator.evaluate(suite, steps, blocks, columns, budget);
  }

  private List<BitSet> flagged(Outcome outcome) {
    List<BitSet> flagged = new ArrayList<>();
    rules.rules().forEach(rule -> flagged.add(new BitSet()));
    for (FlaggedRow row : outcome.flagged()) {
      flagged.get(row.output()).set(row.block() * BlockShares.ROWS_MAX + row.row());
    }
    return flagged;
  }
}
