package org.concordat.agent.alert;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
  private final Function<Digest, Optional<RuleSet>> ruleSets;
  private final RowReader rows;

  /**
   * @param ruleSets finds one by its hash
   */
  AlertWriter(Function<Digest, Optional<RuleSet>> ruleSets, AgentStore store) {
    this.ruleSets = ruleSets;
    this.rows = store.rowReader();
  }

  @Override
  public Optional<RuleOutput> of(OpenedShare share) {
    return ruleSets
        .apply(share.share().getRuleSet())
        .flatMap(ruleSet -> output(ruleSet, share.detail().getRule()));
  }

  private static Optional<RuleOutput> output(RuleSet ruleSet, String rule) {
    return ruleSet.plan().outputs().stream().filter(each -> each.rule().equals(rule)).findFirst();
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
    Optional<RuleSet> ruleSet = ruleSets.apply(share.getRuleSet());
    Optional<RuleOutput> output = ruleSet.flatMap(known -> output(known, rule));
    var alert =
        Alert.newBuilder()
            .setId(HexFormat.of().formatHex(share.getAlertId().bytes()))
            .setMode(share.getMode())
            .setBank(share.getBank())
            .setReference(row.get().reference())
            .setRule(rule)
            .setRuleTitle(output.map(RuleOutput::title).orElse(rule))
            .setRuleSet(
                ruleSet
                    .map(RuleSet::name)
                    .orElseGet(() -> HexFormat.of().formatHex(share.getRuleSet().bytes())))
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
    Optional<RuleSet> ours = ruleSet.filter(known -> reads(known, share, row.get()));
    return Optional.of(
        new Arrival(
            alert.build(),
            row.get(),
            ours.map(known -> known.contract().describe(row.get().fields())).orElse(List.of()),
            ours.map(known -> contributions(known, assembled, row.get())).orElse(List.of()),
            assembled.evidence()));
  }

  /** Whether the row is laid out as the rule set's contract says. */
  private static boolean reads(RuleSet ruleSet, AlertShare share, JournalRow row) {
    return share.getContractVersion() == ruleSet.contract().version()
        && row.fieldCount() == ruleSet.contract().layout().fields().size();
  }

  /** What the features add to the score that was opened; nothing where that is another. */
  private static List<Arrival.Contribution> contributions(
      RuleSet ruleSet, AssembledAlert assembled, JournalRow row) {
    Optional<RuleOutput> output = assembled.output();
    Optional<Score> score = score(ruleSet, assembled.first().detail().getRule());
    if (output.isEmpty() || score.isEmpty() || assembled.score().isEmpty()) {
      return List.of();
    }
    long scale = output.get().scoreScale();
    List<Contributions.Part> parts =
        Contributions.of(score.get(), scale, ruleSet.contract(), row.fields());
    if (parts.stream().mapToLong(Contributions.Part::scaled).sum()
        != assembled.score().getAsLong()) {
      return List.of();
    }
    return parts.stream()
        .map(part -> new Arrival.Contribution(part.feature(), decimal(part.scaled(), scale)))
        .toList();
  }

  private static Optional<Score> score(RuleSet ruleSet, String name) {
    for (Rule rule : ruleSet.rules()) {
      if (rule.name().equals(name) && rule.body() instanceof Rule.ByScore(Score score)) {
        return Optional.of(score);
      }
    }
    return Optional.empty();
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
