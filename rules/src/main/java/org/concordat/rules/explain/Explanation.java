package org.concordat.rules.explain;

import static java.util.Comparator.comparingInt;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.rules.plan.RuleOutput.ReasonOutput;
import org.concordat.schemas.identity.Charter.Caps;
import org.jspecify.annotations.Nullable;

/**
 * What a rule set costs and what it tells whom.
 *
 * @param hash of the rule set, in hex
 * @param suite that the costs are of
 * @param total of the live rules; less than their sum where they share operations
 * @param link what linking costs besides; nothing where no rule links
 * @param sharing what the live rules have in common
 * @param latency of a batch, where the reader names the links
 * @param shareBytes of one row in one share component
 * @param leakage who learns what; a public part of the contract between the members
 */
public record Explanation(
    String ruleSet,
    int version,
    String hash,
    String contract,
    String suite,
    Cost total,
    @Nullable LinkCost link,
    Sharing sharing,
    @Nullable Latency latency,
    int shareBytes,
    List<RuleCost> rules,
    List<Leakage> leakage) {
  /** The suite that exists. */
  private static final String SUITE = "rep3";

  /**
   * One rule's part, as if it were alone.
   *
   * @param bitsPerAlert told to the bank concerned when it flags: of the score, and one a reason
   */
  public record RuleCost(
      String rule,
      String title,
      boolean live,
      Cost cost,
      int scoreBits,
      int reasonBits,
      int bitsPerAlert) {}

  /** What somebody learns. */
  public record Leakage(String who, List<String> learns) {}

  /** Explains a rule set, under a charter's caps where there is one. */
  public static Explanation of(RuleSet ruleSet, Optional<Caps> caps) {
    return of(ruleSet, caps, Optional.empty());
  }

  /** Says what bounds latency, too. */
  public static Explanation of(RuleSet ruleSet, Optional<Caps> caps, Optional<Network> network) {
    List<RuleCost> rules = new ArrayList<>();
    List<Integer> needed = new ArrayList<>();
    List<CostModel> apart = new ArrayList<>();
    int live = 0;
    List<RuleOutput> outputs = ruleSet.plan().outputs();
    for (int output = 0; output < outputs.size(); output++) {
      RuleOutput rule = outputs.get(output);
      List<Integer> own = nodes(rule);
      var model = new CostModel(ruleSet.plan());
      Cost cost = model.of(own, 1);
      int reasons = rule.reasons().size();
      int bits = ruleSet.bitsPerAlert(output);
      rules.add(
          new RuleCost(
              rule.rule(), rule.title(), rule.live(), cost, bits - reasons, reasons, bits));
      if (rule.live()) {
        live++;
        needed.addAll(own);
        apart.add(model);
      }
    }
    var together = new CostModel(ruleSet.plan());
    Cost total = together.of(needed, live);
    Optional<RuleCost> slowest =
        rules.stream().filter(RuleCost::live).max(comparingInt(rule -> rule.cost().rounds()));
    Optional<Latency> latency =
        network.flatMap(
            of ->
                slowest.map(
                    rule -> Latency.of(of, total, rule.rule(), together.longestChain(needed))));
    // Of a full word of rows: Boolean planes are padded to one.
    int shareBytes = (ruleSet.contract().layout().words(Long.SIZE) * Long.BYTES + 63) / Long.SIZE;
    return new Explanation(
        ruleSet.name(),
        ruleSet.version(),
        HexFormat.of().formatHex(ruleSet.hash()),
        ruleSet.contract().toString(),
        SUITE,
        total,
        ruleSet
            .links()
            .map(links -> LinkCost.of(links.spec(), ruleSet.plan().namesMembers()))
            .orElse(null),
        Sharing.of(ruleSet.plan(), together, apart),
        latency.orElse(null),
        shareBytes,
        List.copyOf(rules),
        LeakageStatement.of(ruleSet, rules, caps));
  }

  private static List<Integer> nodes(RuleOutput rule) {
    List<Integer> nodes = new ArrayList<>();
    nodes.add(rule.flag());
    rule.score().ifPresent(nodes::add);
    rule.reasons().stream().map(ReasonOutput::bit).forEach(nodes::add);
    return nodes;
  }

  /** The explanation as a page of text. */
  public String text() {
    var text = new StringBuilder();
    text.append("Rule set ").append(ruleSet).append('@').append(version).append('\n');
    text.append("hash     ").append(hash).append('\n');
    text.append("contract ").append(contract).append("\n\n");
    text.append("Cost under ").append(suite).append(", per transaction\n");
    text.append(
        String.format(
            Locale.ROOT,
            "  %-32s %6s %8s %6s %11s %11s\n",
            "rule",
            "rounds",
            "ANDs",
            "B2A",
            "bytes sent",
            "bits/alert"));
    for (RuleCost rule : rules) {
      String name = rule.rule() + (rule.live() ? "" : " (shadow)");
      text.append(row(name, rule.cost(), Integer.toString(rule.bitsPerAlert())));
    }
    text.append(row("all live rules", total, ""));
    text.append(
        """
          Rounds are per batch, then one more that opens the flags, and one more where a row is
          flagged. Bytes are what the busiest aggregator sends to its peers, without hashes and
          framing. Rules share equal operations, so the total can be less than the sum.
        """);
    text.append(sharing.text());
    text.append(
        String.format(
            Locale.ROOT,
            "  A bank sends about %d bytes of shares: one component, the others as seeds.\n",
            shareBytes));
    if (link != null) {
      text.append(link.text());
    }
    if (latency != null) {
      text.append(latency.text());
    }
    text.append("\nWho learns what\n");
    for (Leakage each : leakage) {
      text.append("  ").append(each.who()).append('\n');
      each.learns().forEach(what -> text.append("    - ").append(what).append('\n'));
    }
    return text.toString();
  }

  private static String row(String name, Cost cost, String bits) {
    String row =
        String.format(
            Locale.ROOT,
            "  %-32s %6d %8d %6d %11.1f %11s",
            name,
            cost.rounds(),
            cost.andGates(),
            cost.conversions(),
            cost.bytesSent(),
            bits);
    return row.stripTrailing() + "\n";
  }
}
