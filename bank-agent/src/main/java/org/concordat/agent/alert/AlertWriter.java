package org.concordat.agent.alert;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.agent.desk.Arrival;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.RowReader;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.rules.model.Score;
import org.concordat.rules.plan.Contributions;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Id128;
import org.concordat.schemas.record.Reason;
import org.concordat.schemas.record.Verification;
import org.concordat.schemas.seal.AlertIds;

/** Turns an assembled alert into what people read: the bank's own reference, reasons in words. */
final class AlertWriter implements AlertAssembler.Outputs {
  private final RuleSet ruleSet;
  private final Digest hash;
  private final Map<String, RuleOutput> outputs = new HashMap<>();
  private final Map<String, Score> scores = new HashMap<>();
  private final RowReader rows;

  AlertWriter(RuleSet ruleSet, AgentStore store) {
    this.ruleSet = ruleSet;
    this.hash = new Digest(ruleSet.hash());
    this.rows = store.rowReader();
    ruleSet.plan().outputs().forEach(output -> outputs.put(output.rule(), output));
    for (Rule rule : ruleSet.rules()) {
      if (rule.body() instanceof Rule.ByScore(Score score)) {
        scores.put(rule.name(), score);
      }
    }
  }

  @Override
  public Optional<RuleOutput> of(OpenedShare share) {
    return share.share().getRuleSet().equals(hash)
        ? Optional.ofNullable(outputs.get(share.detail().getRule()))
        : Optional.empty();
  }

  /**
   * Puts an alert into words. Where its details can't be relied on, it names the rule alone: the
   * flag is certain all the same.
   *
   * @return nothing where the bank has no such transaction
   */
  Optional<Arrival> write(AssembledAlert assembled, long deliveredMillis) {
    AlertShare share = assembled.first().share();
    String rule = assembled.first().detail().getRule();
    Optional<JournalRow> row = rows.row(assembled.first().detail().getTransactionId().bytes());
    if (row.isEmpty()) {
      return Optional.empty();
    }
    Optional<RuleOutput> output = of(assembled.first());
    var alert =
        Alert.newBuilder()
            .setId(HexFormat.of().formatHex(share.getAlertId().bytes()))
            .setMode(share.getMode())
            .setBank(share.getBank())
            .setReference(row.get().reference())
            .setRule(rule)
            .setRuleTitle(output.map(RuleOutput::title).orElse(rule))
            .setRuleSet(
                share.getRuleSet().equals(hash)
                    ? ruleSet.name()
                    : HexFormat.of().formatHex(share.getRuleSet().bytes()))
            .setRuleSetVersion(share.getRuleSetVersion())
            .setContractVersion(share.getContractVersion())
            .setReasons(reasons(assembled))
            .setPartition(share.getPartition())
            .setAlertSequence(share.getAlertSequence())
            .setEventMinute(row.get().eventMinute())
            .setAcceptedMillis(row.get().acceptedMillis())
            .setCommittedMillis(share.getCommittedMillis())
            .setDeliveredMillis(deliveredMillis)
            .setCut(HexFormat.of().formatHex(share.getCut().bytes()))
            .setVerification(
                assembled.doubt().isEmpty() ? Verification.VERIFIED : Verification.UNVERIFIED);
    if (output.isPresent() && assembled.score().isPresent()) {
      long scale = output.get().scoreScale();
      alert.setScore(decimal(assembled.score().getAsLong(), scale));
      alert.setThreshold(decimal(output.get().threshold(), scale));
    }
    pattern(assembled.first(), output).ifPresent(alert::setPattern);
    return Optional.of(
        new Arrival(
            alert.build(),
            row.get(),
            isOurs(share, row.get()) ? ruleSet.contract().describe(row.get().fields()) : List.of(),
            isOurs(share, row.get()) ? contributions(assembled, row.get()) : List.of(),
            assembled.evidence()));
  }

  /** Whether the row is laid out as the agent's contract says. */
  private boolean isOurs(AlertShare share, JournalRow row) {
    return share.getRuleSet().equals(hash)
        && share.getContractVersion() == ruleSet.contract().version()
        && row.fieldCount() == ruleSet.contract().layout().fields().size();
  }

  /** What the features add to the score that was opened; nothing where that is another. */
  private List<Arrival.Contribution> contributions(AssembledAlert assembled, JournalRow row) {
    String rule = assembled.first().detail().getRule();
    Optional<RuleOutput> output = assembled.output();
    Score score = scores.get(rule);
    if (output.isEmpty() || score == null || assembled.score().isEmpty()) {
      return List.of();
    }
    long scale = output.get().scoreScale();
    List<Contributions.Part> parts =
        Contributions.of(score, scale, ruleSet.contract(), row.fields());
    if (parts.stream().mapToLong(Contributions.Part::scaled).sum()
        != assembled.score().getAsLong()) {
      return List.of();
    }
    return parts.stream()
        .map(part -> new Arrival.Contribution(part.feature(), decimal(part.scaled(), scale)))
        .toList();
  }

  /** Names the pattern that the record is part of, where the rule alerts all of its records. */
  private static Optional<String> pattern(OpenedShare share, Optional<RuleOutput> output) {
    Id128 memberOf = share.detail().getMemberOf();
    if (memberOf != null) {
      return Optional.of(HexFormat.of().formatHex(memberOf.bytes()));
    }
    return output
        .flatMap(RuleOutput::members)
        .map(
            unused ->
                AlertIds.patternId(
                    share.share().getCharter().bytes(),
                    share.detail().getRule(),
                    share.detail().getTransactionId().bytes()))
        .map(HexFormat.of()::formatHex);
  }

  private static List<Reason> reasons(AssembledAlert assembled) {
    List<Reason> reasons = new ArrayList<>();
    if (assembled.first().isEarlier()) {
      reasons.add(new Reason(Rule.EARLIER, Rule.EARLIER_TEXT));
    }
    long bits = assembled.reasonBits();
    List<RuleOutput.ReasonOutput> outputs =
        assembled.output().map(RuleOutput::reasons).orElse(List.of());
    for (int i = 0; i < outputs.size(); i++) {
      if ((bits >>> i & 1) == 1) {
        reasons.add(new Reason(outputs.get(i).code(), outputs.get(i).text()));
      }
    }
    return reasons;
  }

  private static String decimal(long value, long scale) {
    BigDecimal score =
        BigDecimal.valueOf(value).divide(BigDecimal.valueOf(scale), MathContext.DECIMAL128);
    return score.stripTrailingZeros().toPlainString();
  }
}
