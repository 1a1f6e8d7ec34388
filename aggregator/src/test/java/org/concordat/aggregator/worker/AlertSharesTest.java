package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.aggregator.evaluate.BlockShares;
import org.concordat.aggregator.evaluate.FlagBudget;
import org.concordat.aggregator.evaluate.Outcome;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.rules.link.Member;
import org.concordat.rules.plan.MemberAlerts;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.junit.jupiter.api.Test;

/** How large alert shares are: a vote has room for so many. */
class AlertSharesTest {
  private static final Digest ZERO = new Digest(new byte[32]);
  private static final String BANK = "b".repeat(32);
  private static final String AGGREGATOR = "a".repeat(32);

  private final SealedBlocks sealed = new SealedBlocks();

  private Charter charter(Charter.Mode mode) {
    return new Charter(
        ZERO,
        1,
        ZERO,
        "demo",
        mode,
        "rep3",
        4,
        1,
        false,
        35,
        Set.of(Integer.MAX_VALUE),
        new Charter.Caps(0, 64, 10, 4),
        List.of(
            new Charter.Aggregator(AGGREGATOR, "operator", sealed.aggregatorKey.verifier()),
            new Charter.Aggregator("b", "other", sealed.aggregatorKey.verifier()),
            new Charter.Aggregator("c", "third", sealed.aggregatorKey.verifier())),
        List.of(
            new Charter.Bank(
                BANK,
                sealed.bankKey.verifier(),
                SealingKeyPair.generate(sealed.random).publicKey())));
  }

  private Plan plan() {
    var rule =
        new RuleOutput("r".repeat(64), "title", true, 0, OptionalInt.empty(), 1, 0, List.of());
    return new Plan(
        "rules",
        Integer.MAX_VALUE,
        new byte[32],
        "payments",
        Integer.MAX_VALUE,
        new byte[32],
        sealed.plan.layout(),
        List.of(),
        List.of(rule));
  }

  private static CutRecord cut() {
    return CutRecord.newBuilder()
        .setProtocol(1)
        .setCharter(ZERO)
        .setPartition(Integer.MAX_VALUE)
        .setBatch(Long.MAX_VALUE)
        .setAttempt(Integer.MAX_VALUE)
        .setEntries(List.of())
        .setSkips(List.of())
        .setHeaders(ZERO)
        .setRuleSet(ZERO)
        .setRuleSetVersion(Integer.MAX_VALUE)
        .setPreviousCut(ZERO)
        .setCut(ZERO)
        .setCommitDay(20_000)
        .setAggregator("")
        .setCommittedMillis(0)
        .setSignature(new Signature(new byte[64]))
        .build();
  }

  /** Of a plan without rules. */
  private Outcome nothing() {
    var suite = new Rep3Parties(Seeds.seed()).suite(new MemoryNetwork(3), 0);
    int words = sealed.plan.layout().words(1);
    var block = new BlockShares(1, new long[words], new long[words]);
    return new PlanEvaluator(sealed.plan)
        .evaluate(suite, List.of(block), FlagBudget.unlimited(1, 0));
  }

  @Test
  void noneIsLargerThanWhatIsCountedForIt() {
    for (Charter.Mode mode : Charter.Mode.values()) {
      var shares = new AlertShares(charter(mode), AGGREGATOR, sealed.aggregatorKey, plan());
      var member = new Member(0, 0, Long.MAX_VALUE, Long.MAX_VALUE, true);
      var earlier = new AlertShares.Earlier(new MemberAlerts.Chosen(0, 0, member), BANK, 0, 0);
      PartitionState state =
          PartitionState.newBuilder(OwnLog.initial(1, 0))
              .setNextAlertSequences(Map.of(BANK, Long.MAX_VALUE - 1))
              .build();
      List<AlertShare> made =
          shares.of(cut(), nothing(), List.of(sealed.opened(1)), List.of(earlier), state);
      assertThat(made).hasSize(1);
      int bytes = RecordCodec.encode(made.getFirst()).length;
      assertThat(bytes).as("%s", mode).isBetween(shares.bytesMax() - 100, shares.bytesMax());
    }
  }
}
