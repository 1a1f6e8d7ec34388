package org.concordat.aggregator.worker;

import java.util.HexFormat;
import java.util.Map;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.HeldSpan;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.Skip;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what a committed batch held. */
final class CommitReport {
  private static final Logger LOG = LoggerFactory.getLogger(CommitReport.class);

  private final Scorings scorings;
  private final AggregatorMetrics metrics;

  CommitReport(Scorings scorings, AggregatorMetrics metrics) {
    this.scorings = scorings;
    this.metrics = metrics;
  }

  void committed(PreparedContent content, Map<String, Integer> flagsByRule, MemberCounts members) {
    CutRecord cut = content.getCut();
    if (scorings.scored(cut.getPartition(), cut.getRuleSet())) {
      LOG.atInfo()
          .addKeyValue("partition", cut.getPartition())
          .addKeyValue("batch", cut.getBatch())
          .addKeyValue("ruleSetVersion", cut.getRuleSetVersion())
          .addKeyValue("ruleSet", HexFormat.of().formatHex(cut.getRuleSet().bytes()))
          .log("Another rule set scores from this batch on.");
    }
    metrics.batch("committed");
    metrics.batchRows(cut.getEntries().stream().mapToLong(CutEntry::getRows).sum());
    for (CutEntry entry : cut.getEntries()) {
      metrics.rowsScored(entry.getBank(), entry.getRows());
    }
    for (Skip skip : cut.getSkips()) {
      metrics.blocksSkipped(skip.getBank(), skip.getReason());
      LOG.atWarn()
          .addKeyValue("code", skip.getReason())
          .addKeyValue("bank", skip.getBank())
          .addKeyValue("partition", cut.getPartition())
          .addKeyValue("sequence", skip.getSequence())
          .addKeyValue("nextSequence", skip.getNextSequence())
          .addKeyValue("accusers", skip.getAccusers())
          .log("Sequences were skipped; their bank is told.");
    }
    flagsByRule.forEach(metrics::flags);
    members.alerted().forEach((rule, count) -> metrics.members(rule, "alerted", count));
    members.held().forEach((rule, count) -> metrics.members(rule, "held", count));
    for (HeldSpan held : content.getHeld()) {
      metrics.rowsHeld(held.getBank(), held.getRule(), held.getRows());
    }
  }
}
