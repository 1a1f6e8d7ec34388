package org.concordat.agent.alert;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.JournalRow;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.Reason;
import org.concordat.schemas.record.Verification;

/** Turns an assembled alert into what people read: the bank's own reference, reasons in words. */
final class AlertWriter implements AlertAssembler.ScoreWords {
  private final RuleSet ruleSet;
  private final Map<String, RuleOutput> outputs = new HashMap<>();
  private final AgentStore store;

  AlertWriter(RuleSet ruleSet, AgentStore store) {
    this.ruleSet = ruleSet;
    this.store = store;
    ruleSet.plan().outputs().forEach(output -> outputs.put(output.rule(), output));
  }

  @Override
  public int count(String rule) {
    RuleOutput output = outputs.get(rule);
    return output == null ? -1 : output.detailWords();
  }

  @Override
  public boolean hasScore(String rule) {
    RuleOutput output = outputs.get(rule);
    return output != null && output.score().isPresent();
  }

  /**
   * @return nothing where the bank has no such transaction, or the rule set has no such rule
   */
  Optional<Alert> write(AlertAssembler.Assembled assembled, long deliveredMillis) {
    AlertShare share = assembled.first().share();
    AlertDetail detail = assembled.first().detail();
    RuleOutput output = outputs.get(detail.getRule());
    Optional<JournalRow> row = store.row(detail.getTransactionId().bytes());
    if (output == null || row.isEmpty()) {
      return Optional.empty();
    }
    boolean scored = output.score().isPresent();
    long[] words = assembled.words();
    List<Reason> reasons = new ArrayList<>();
    if (!output.reasons().isEmpty()) {
      long bits = words[words.length - 1];
      for (int i = 0; i < output.reasons().size(); i++) {
        if ((bits >>> i & 1) == 1) {
          var reason = output.reasons().get(i);
          reasons.add(new Reason(reason.code(), reason.text()));
        }
      }
    }
    return Optional.of(
        Alert.newBuilder()
            .setId(HexFormat.of().formatHex(share.getAlertId().bytes()))
            .setMode(share.getMode())
            .setBank(share.getBank())
            .setReference(row.get().reference())
            .setRule(output.rule())
            .setRuleTitle(output.title())
            .setRuleSet(ruleSet.name())
            .setRuleSetVersion(share.getRuleSetVersion())
            .setContractVersion(share.getContractVersion())
            .setScore(scored ? decimal(words[0], output.scoreScale()) : null)
            .setThreshold(scored ? decimal(output.threshold(), output.scoreScale()) : null)
            .setReasons(reasons)
            .setPartition(share.getPartition())
            .setAlertSequence(share.getAlertSequence())
            .setEventMinute(row.get().eventMinute())
            .setAcceptedMillis(row.get().acceptedMillis())
            .setCommittedMillis(share.getCommittedMillis())
            .setDeliveredMillis(deliveredMillis)
            .setCut(HexFormat.of().formatHex(share.getCut().bytes()))
            .setVerification(assembled.verified() ? Verification.VERIFIED : Verification.UNVERIFIED)
            .build());
  }

  private static String decimal(long value, long scale) {
    return BigDecimal.valueOf(value)
        .divide(BigDecimal.valueOf(scale), MathContext.DECIMAL128)
        .stripTrailingZeros()
        .toPlainString();
  }
}
