package org.concordat.rules.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.RuleSet;
import org.concordat.rules.explain.Explanation.Leakage;
import org.concordat.rules.explain.Explanation.RuleCost;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.SecretModel;
import org.concordat.schemas.identity.Charter.Caps;
import org.concordat.schemas.share.Domain;

/** Derives who learns what when the rules run under rep3. */
final class LeakageStatement {
  private LeakageStatement() {}

  static List<Leakage> of(RuleSet ruleSet, List<RuleCost> rules, Optional<Caps> caps) {
    Optional<LinkLeakage> links =
        ruleSet.links().map(linked -> new LinkLeakage(linked, ruleSet.plan()));
    List<SecretModel> models = ruleSet.plan().secretModels();
    List<Leakage> all = new ArrayList<>();
    all.add(
        new Leakage(
            "The bank concerned, of its own flagged transactions", bank(ruleSet, rules, links)));
    all.add(
        new Leakage(
            "Other banks",
            List.of(
                "Nothing of a transaction or an alert that is not their own"
                    + (ruleSet.plan().namesMembers()
                        ? ", but that a later one has completed a pattern with one of theirs."
                        : "."),
                "How far each bank's rows are scored, and how many rows a block has (topic"
                    + " 'cuts').")));
    models.stream()
        .map(SecretModel::publisher)
        .distinct()
        .forEach(publisher -> all.add(new Leakage(publisher, publisher(publisher, models))));
    all.add(new Leakage("Each aggregator", aggregator(rules, ruleSet.plan().nodes(), links)));
    links.map(LinkLeakage::colluding).ifPresent(all::add);
    all.add(
        new Leakage(
            "Two aggregators that pool what they hold",
            List.of("Everything: rep3 withstands one.")));
    all.add(
        new Leakage(
            "The Kafka operator",
            List.of(
                "Which bank submitted a block, its rows, their event times to the minute, its"
                    + " time of arrival.",
                "How many alerts a bank gets, and when; not of which rule or transaction.",
                "No value and no share: blocks and alerts are sealed for their readers.")));
    all.add(
        new Leakage(
            "An outsider on the network",
            List.of(
                "Sizes and times of what travels; nothing of its content, with a quantum computer"
                    + " later either.")));
    all.add(new Leakage("What this does not protect", limits(caps, links)));
    return List.copyOf(all);
  }

  private static List<String> bank(
      RuleSet ruleSet, List<RuleCost> rules, Optional<LinkLeakage> links) {
    List<String> learns = new ArrayList<>();
    List<SecretModel> models = ruleSet.plan().secretModels();
    for (RuleCost rule : rules) {
      if (rule.live()) {
        learns.add("Rule '" + rule.rule() + "': that it flagged" + detail(rule) + ".");
      } else {
        learns.add("Rule '" + rule.rule() + "' (shadow): nothing of a record; no flag is opened.");
      }
    }
    for (SecretModel model : models) {
      boolean isTrees = model.domain() == Domain.BOOLEAN;
      learns.add(
          "Rule '"
              + model.rule()
              + (isTrees
                  ? "': no test, no leaf and no exact score; flags and bands of many of its own"
                      + " transactions narrow the trees down."
                  : "': no weight and no exact score; flags and bands of many of its own"
                      + " transactions narrow the weights down."));
    }
    links.ifPresentOrElse(
        linked -> learns.addAll(linked.bank(ruleSet)),
        () ->
            learns.add(
                (models.isEmpty() ? "W" : "Of the other rules: w")
                    + "eights and thresholds are public and the features are its own: it could"
                    + " compute each of these alerts by itself."));
    return learns;
  }

  private static String detail(RuleCost rule) {
    List<String> parts = new ArrayList<>();
    if (rule.scoreBits() > 0) {
      parts.add("its score (up to " + rule.scoreBits() + " bits)");
    }
    if (rule.reasonBits() > 0) {
      parts.add(rule.reasonBits() + (rule.reasonBits() == 1 ? " reason bit" : " reason bits"));
    }
    return parts.isEmpty() ? ", and no more" : ", " + String.join(" and ", parts);
  }

  private static List<String> publisher(String publisher, List<SecretModel> models) {
    List<String> learns = new ArrayList<>();
    for (SecretModel model : models) {
      if (model.publisher().equals(publisher)) {
        learns.add(
            "Rule '"
                + model.rule()
                + "': its own "
                + (model.domain() == Domain.BOOLEAN ? "trees" : "weights")
                + ", and nothing of another bank's transactions. It can make the rule flag what it"
                + " likes; an aggregator that tells it the flags tells it that much of them.");
      }
    }
    return learns;
  }

  private static List<String> aggregator(
      List<RuleCost> rules, List<Node> nodes, Optional<LinkLeakage> links) {
    long live = rules.stream().filter(RuleCost::live).count();
    List<String> learns = new ArrayList<>();
    for (Node node : nodes) {
      switch (node) {
        case Node.SecretSum(SecretModel model, List<Integer> unused) ->
            learns.add(
                "Rule '"
                    + model.rule()
                    + "': that its weights are "
                    + model.publisher()
                    + "'s, how many there are ("
                    + model.values()
                    + " with the constant) and how large they may be; no weight.");
        case Node.SecretForest forest ->
            learns.add(
                "Rule '"
                    + forest.model().rule()
                    + "': that its trees are "
                    + forest.model().publisher()
                    + "'s, at most "
                    + forest.tables().trees()
                    + " of depth "
                    + forest.tables().depth()
                    + ", which "
                    + forest.tables().codes().size()
                    + " features they may look at and how large leaves may be; no test, no leaf,"
                    + " and not which way a row takes.");
        default -> {
          // Nothing of it is secret but what rows hold.
        }
      }
    }
    learns.add(
        "Which bank submitted a block, its rows, their event times to the minute, its time of"
            + " arrival.");
    learns.add(
        live
            + " flag bits a transaction, one for each live rule: that record r of bank b was"
            + " flagged by rule q.");
    learns.add(
        "No feature, score or reason: those stay shared, and leave as fresh shares sealed for the"
            + " bank.");
    links.ifPresentOrElse(
        linked -> learns.addAll(linked.aggregator()),
        () -> learns.add("Linkage: 0 bits. No rule of this set links transactions."));
    return learns;
  }

  private static List<String> limits(Optional<Caps> caps, Optional<LinkLeakage> links) {
    List<String> limits = new ArrayList<>();
    limits.add(
        "The suite rep3 is semi-honest: an aggregator that departs from the protocol can change"
            + " what is flagged without being noticed, and by that learn more than it should.");
    limits.add("A bank can lie about its own transactions.");
    links.ifPresent(linked -> limits.addAll(linked.limits()));
    caps.ifPresent(
        c ->
            limits.add(
                "The charter allows "
                    + c.bitsPerAlert()
                    + " bits per alert, "
                    + c.comparisonsPerScore()
                    + " comparisons of one score, "
                    + c.flagsPerBankAndDay()
                    + " flags per rule, bank and day, and linkage up to "
                    + c.linkageBits()
                    + " bits."));
    return limits;
  }
}
