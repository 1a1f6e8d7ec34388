package org.concordat.rules.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.concordat.rules.RuleSet;
import org.concordat.rules.explain.Explanation.Leakage;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.language.Links;
import org.concordat.rules.language.Rule;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.PublicNodes;
import org.concordat.rules.plan.RuleOutput;

/** Who learns what from a rule set's windows and paths. */
final class LinkLeakage {
  private final Links links;
  private final LinkSpec spec;
  private final Plan plan;
  private final boolean[] isPublic;
  private final Optional<HiddenLeakage> hidden;

  LinkLeakage(Links links, Plan plan) {
    this.links = links;
    this.spec = links.spec();
    this.plan = plan;
    this.isPublic = PublicNodes.of(plan);
    this.hidden = spec.hidden().map(of -> new HiddenLeakage(spec, of));
  }

  List<String> bank(RuleSet ruleSet) {
    List<String> linked =
        plan.outputs().stream()
            .filter(output -> output.live() && isLinked(output))
            .map(RuleOutput::rule)
            .toList();
    List<String> learns = new ArrayList<>();
    if (!linked.isEmpty()) {
      learns.add(bits(linked));
    }
    if (linked.size() < ruleSet.rules().stream().filter(Rule::live).count()) {
      learns.add(
          "Of the other rules"
              + (plan.secretModels().isEmpty() ? "" : ", but for secret weights,")
              + " weights and thresholds are public and the features are its own: it could compute"
              + " each of their alerts by itself.");
    }
    members(learns);
    learns.add("No pseudonym, and nothing of which other bank, account or payment it was.");
    return learns;
  }

  /** Live rules that alert earlier records. */
  private List<RuleOutput> naming() {
    return plan.outputs().stream()
        .filter(output -> output.live() && output.members().isPresent())
        .toList();
  }

  private void members(List<String> learns) {
    for (RuleOutput output : naming()) {
      learns.add(
          "Of rule '"
              + output.rule()
              + "' also of its earlier transactions, at most "
              + output.members().orElseThrow().max()
              + " for each one that is flagged at any bank: one bit, that a later transaction has"
              + " completed a pattern with it, when that was scored, and which of its own alerted"
              + " transactions are in the same pattern. No reason, and not whose the later one"
              + " is.");
    }
  }

  private static String bits(List<String> linked) {
    return "Of "
        + rules(linked)
        + ": the flag and each reason are a bit each about payments that other banks submitted."
        + " A bank that chooses its own payments can ask for more such bits, as many as the"
        + " charter's cap on flags admits.";
  }

  /** Whether an output hangs on anything that is derived from earlier rows. */
  private boolean isLinked(RuleOutput output) {
    boolean[] reached = new boolean[plan.nodes().size()];
    reached[output.flag()] = true;
    output.score().ifPresent(node -> reached[node] = true);
    output.reasons().forEach(reason -> reached[reason.bit()] = true);
    boolean linked = false;
    for (int node = reached.length - 1; node >= 0; node--) {
      if (reached[node]) {
        Node each = plan.nodes().get(node);
        each.operands().forEach(operand -> reached[operand] = true);
        linked |=
            each instanceof Node.Input input && input.field() >= plan.layout().fields().size();
      }
    }
    return linked;
  }

  List<String> aggregator() {
    if (hidden.isPresent()) {
      return hidden.get().aggregator();
    }
    List<String> learns = new ArrayList<>();
    learns.add(
        "Linkage: "
            + spec.linkageBits()
            + " bits. For each record a pseudonym of "
            + names(spec.entities().stream().map(LinkSpec.EntityField::name))
            + "; equal entities of one kind have equal ones until the epoch ends. So, per epoch and"
            + " pseudonym: the number of its records, the minute, the submitting bank and the role"
            + " of each, and its neighbours, the other pseudonyms in them.");
    learns.add(
        "No name behind a pseudonym, and no value: a new epoch draws a new key, and "
            + (spec.carried()
                ? "what is carried is shuffled on shares before it gets new pseudonyms."
                : "what was remembered is forgotten."));
    if (spec.carried()) {
      carried(learns);
    }
    learns.add("Which records are versions of one transaction of a bank.");
    numbers(learns);
    paths(learns);
    if (spec.paymentEntity() >= 0) {
      learns.add(
          "Which two records are halves of one payment ("
              + names(Stream.of(spec.entities().get(spec.paymentEntity()).name()))
              + ").");
    }
    List<String> known =
        plan.outputs().stream()
            .filter(output -> output.live() && isPublic[output.flag()])
            .map(RuleOutput::rule)
            .toList();
    if (!known.isEmpty()) {
      learns.add(
          "The flags of " + rules(known) + " before they are opened: they follow from that.");
    }
    return learns;
  }

  private void carried(List<String> learns) {
    List<String> anew =
        Stream.concat(
                spec.measures().stream()
                    .filter(measure -> !spec.carries(measure) && measure.kind() != Kind.LATEST)
                    .map(Measure::name),
                Stream.concat(
                    links.latestNumbers().stream().map(Links.LatestNumber::name),
                    spec.paths().stream().map(PathSpec::name)))
            .toList();
    learns.add(
        "Across epochs: how many entities had records in the epoch before, up to the next power of"
            + " two, and of each pseudonym whether it is among those that were carried, in an order"
            + " that nobody knows; so whether an entity that has records now had some then. Not"
            + " which pseudonym it had, and not how many or which records."
            + (anew.isEmpty()
                ? ""
                : " Nothing is carried of " + names(anew.stream()) + ": they begin anew."));
  }

  private void numbers(List<String> learns) {
    Predicate<Measure> isSum = measure -> measure.kind() == Kind.SUM;
    Predicate<Measure> isLatest = measure -> measure.kind() == Kind.LATEST;
    List<String> open =
        spec.measures().stream()
            .filter(isSum.or(isLatest).or(spec::carries).negate())
            .map(Measure::name)
            .toList();
    List<String> inPart =
        spec.measures().stream()
            .filter(isSum.negate().and(spec::carries))
            .map(Measure::name)
            .toList();
    List<String> sums = spec.measures().stream().filter(isSum).map(Measure::name).toList();
    if (!open.isEmpty()) {
      learns.add("The numbers of " + names(open.stream()) + ": they follow from the linkage.");
    }
    if (!inPart.isEmpty()) {
      learns.add(
          "Of the numbers of "
              + names(inPart.stream())
              + " what the epoch's own records make of them; not what was carried. That is nothing"
              + " where a pseudonym isn't among those carried, once the window no longer reaches"
              + " back, and for 'minutesSince: last' after a record of this epoch: then the"
              + " whole.");
    }
    if (!sums.isEmpty()) {
      learns.add(
          "Which records each sum of "
              + names(sums.stream())
              + " covers, pane by pane; not the sum and no part of it.");
    }
    if (!links.latestNumbers().isEmpty()) {
      learns.add(
          "Which of the latest records "
              + names(links.latestNumbers().stream().map(Links.LatestNumber::name))
              + " look at, and how many; no value of theirs, and not which is the smallest, the"
              + " largest or the same.");
    }
  }

  private void paths(List<String> learns) {
    List<String> numbers =
        spec.paths().stream().filter(PathSpec::isNumber).map(PathSpec::name).toList();
    List<String> candidates =
        spec.paths().stream().filter(path -> !path.isNumber()).map(PathSpec::name).toList();
    if (!numbers.isEmpty()) {
      learns.add(
          "The numbers of "
              + names(numbers.stream())
              + ", and which accounts make them up: they follow from the neighbours.");
    }
    if (!candidates.isEmpty()) {
      learns.add(
          "Which earlier records are candidates for "
              + names(candidates.stream())
              + ", and how many; whether the values along one fit, and along which, stays shared"
              + (naming().stream().anyMatch(output -> !output.slots().isEmpty())
                  ? ", but for the records named next."
                  : "."));
    }
    for (RuleOutput output : naming()) {
      int slots = output.slots().size();
      learns.add(
          slots == 0
              ? "Which earlier records are alerted with one that rule '"
                  + output.rule()
                  + "' flags: it follows from the neighbours."
              : "Of each record that rule '"
                  + output.rule()
                  + "' flags "
                  + slots
                  + " more bits, one for each candidate: along which enough was kept, and so which"
                  + " earlier records are alerted.");
    }
  }

  Leakage colluding() {
    return new Leakage(
        "An aggregator that colludes with a bank",
        hidden.map(of -> of.colluding(kinds())).orElseGet(this::named));
  }

  private List<String> named() {
    return List.of(
        "The name behind the pseudonym of every "
            + kinds()
            + " that the bank has payments of, or names in a payment to find it out: with it,"
            + " for the epoch, all that aggregators learn of that entity's records at all"
            + " banks.",
        "No value of another bank's payments.");
  }

  private String kinds() {
    return links.features().entities().stream()
        .filter(e -> spec.entities().stream().anyMatch(field -> field.name().equals(e.name())))
        .map(Feature::entity)
        .distinct()
        .map(kind -> kind == null ? "" : kind.label())
        .collect(Collectors.joining(" or "));
  }

  List<String> limits() {
    List<String> limits = new ArrayList<>(fixedLimits());
    hidden.ifPresent(of -> limits.addAll(of.limits()));
    if (!naming().isEmpty()) {
      limits.add(
          "A bank can complete patterns with payments that it makes up, and have alerts on earlier"
              + " payments sent to others: at most half of the charter's cap on flags a day, for"
              + " each rule and bank, goes to such alerts.");
    }
    return limits;
  }

  private static List<String> fixedLimits() {
    return List.of(
        "Unverified linkage: rep3 opens pseudonyms without verifying what led to them. One"
            + " aggregator that cheats can extract their key by faults, and then name every entity."
            + " It runs only where the charter says 'allowUnverifiedLinkage: true'.",
        "A bank can name accounts of others in payments that it makes up, and by that move their"
            + " windows and paths.");
  }

  private static String names(Stream<String> names) {
    return names.map(name -> "'" + name + "'").collect(Collectors.joining(", "));
  }

  private static String rules(List<String> rules) {
    return (rules.size() == 1 ? "rule " : "rules ") + names(rules.stream());
  }
}
