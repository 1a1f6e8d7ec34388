package org.concordat.aggregator.batch;

import java.util.HashMap;
import java.util.Map;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;

/** Where a partition stands: what the last committed batch left behind. */
public final class Progress {
  private long nextBatch;
  private Digest previousCut;
  private RuleSetId ruleSet;
  private final Map<String, Long> nextSequences;

  /**
   * @param nextSequences by bank; a bank that is missing stands at 0
   * @param ruleSet that scored the last batch; {@link RuleSetId#NONE} where that isn't known
   */
  public Progress(
      long nextBatch, Digest previousCut, Map<String, Long> nextSequences, RuleSetId ruleSet) {
    this.nextBatch = nextBatch;
    this.ruleSet = ruleSet;
    this.previousCut = previousCut;
    this.nextSequences = new HashMap<>(nextSequences);
  }

  /** Before the first batch. */
  public static Progress initial() {
    return new Progress(0, new Digest(new byte[32]), Map.of(), RuleSetId.NONE);
  }

  public long nextBatch() {
    return nextBatch;
  }

  public Digest previousCut() {
    return previousCut;
  }

  public long nextSequence(String bank) {
    return nextSequences.getOrDefault(bank, 0L);
  }

  /** The rule set that scored the last batch; the next one isn't scored by an earlier one. */
  public RuleSetId ruleSet() {
    return ruleSet;
  }

  /** The same, to be changed by itself. */
  Progress copy() {
    return new Progress(nextBatch, previousCut, nextSequences, ruleSet);
  }

  void apply(CutRecord cut) {
    for (CutEntry entry : cut.getEntries()) {
      nextSequences.put(entry.getBank(), entry.getNextSequence());
    }
    previousCut = cut.getCut();
    ruleSet = new RuleSetId(cut.getRuleSet(), cut.getRuleSetVersion());
    nextBatch++;
  }
}
