package org.concordat.ops.lift;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.concordat.ops.lift.History.Instance;
import org.concordat.ops.lift.LiftReport.Found;
import org.concordat.ops.lift.LiftReport.Gain;
import org.concordat.ops.lift.LiftReport.Pattern;
import org.concordat.ops.lift.LiftReport.Point;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;

/**
 * Holds what banks find alone against what they find together, at equal volumes of alerts.
 *
 * <p>Each side, a bank or all together, runs the same rules over the rows that it sees. For each
 * pattern it chooses, in the days for tuning, the rule that finds the most instances; in the other
 * days it alerts the records that this rule ranks highest. Instances that begin there are scored.
 */
public final class Lift {
  /** Volumes of the curve, as multiples of the volume asked for. */
  private static final double[] VOLUMES = {0.125, 0.25, 0.5, 1, 1.5, 2};

  /** Findings kept for each alert: several may alert the same records. */
  private static final int FINDINGS_PER_ALERT = 8;

  private static final String TOGETHER = "pooled";

  private final RankedRules rules;
  private final History history;
  private final LiftOptions options;
  private final int scoredFrom;
  private final int tuneAlerts;
  private final List<Instance> tuned = new ArrayList<>();
  private final List<Instance> scored = new ArrayList<>();

  /** A side and what it ranks. */
  private record Side(String name, View.Rankings rankings) {}

  private Lift(RankedRules rules, History history, LiftOptions options) {
    this.rules = rules;
    this.history = history;
    this.options = options;
    this.scoredFrom = history.firstAfter(options.tuneDays());
    int scoredDays = history.days() - options.tuneDays();
    this.tuneAlerts =
        Math.max(1, Math.round((float) options.alerts() * options.tuneDays() / scoredDays));
    for (Instance instance : history.instances()) {
      if (instance.rows().getFirst() >= scoredFrom) {
        scored.add(instance);
      } else if (instance.rows().getLast() < scoredFrom) {
        tuned.add(instance);
      }
    }
  }

  /**
   * Reads a history and judges.
   *
   * @param progress told who is being evaluated
   */
  public static LiftReport run(
      RuleSet ruleSet,
      SourceMapping mapping,
      Path file,
      LiftOptions options,
      Consumer<String> progress)
      throws IOException {
    RankedRules rules = RankedRules.of(ruleSet);
    progress.accept("reading " + file.getFileName());
    History history = History.read(ruleSet, mapping, options, file);
    if (history.days() <= options.tuneDays() || history.instances().isEmpty()) {
      boolean isShort = history.days() <= options.tuneDays();
      throw new InvalidInputException(
          Code.CDT_106,
          Place.of(file.toString()),
          isShort
              ? "The history spans " + history.days() + " days: none is left to score."
              : "No row has a pattern.",
          isShort ? "Give fewer --tune-days, or a longer history." : "Name --pattern's column.");
    }
    return new Lift(rules, history, options).report(ruleSet.toString(), progress);
  }

  private LiftReport report(String ruleSet, Consumer<String> progress) {
    int findings = FINDINGS_PER_ALERT * Math.max(tuneAlerts, 2 * options.alerts());
    progress.accept("evaluating all rows together");
    var together = new Side(TOGETHER, View.rank(rules, history, scoredFrom, findings, row -> true));
    List<Side> banks = new ArrayList<>();
    for (int bank = 0; bank < history.banks().size(); bank++) {
      int number = bank;
      progress.accept("evaluating the rows of " + history.banks().get(bank));
      banks.add(
          new Side(
              history.banks().get(bank),
              View.rank(
                  rules, history, scoredFrom, findings, row -> history.isSeenBy(number, row))));
    }
    List<Pattern> patterns = new ArrayList<>();
    var alertedTogether = new BitSet();
    List<BitSet> alertedAlone = banks.stream().map(bank -> new BitSet()).toList();
    var byPattern = new TreeMap<String, List<Instance>>();
    scored.forEach(i -> byPattern.computeIfAbsent(i.pattern(), p -> new ArrayList<>()).add(i));
    byPattern.forEach(
        (pattern, instances) ->
            patterns.add(
                pattern(pattern, instances, together, banks, alertedTogether, alertedAlone)));
    List<Gain> gains = new ArrayList<>();
    for (int bank = 0; bank < banks.size(); bank++) {
      gains.add(gain(bank, alertedTogether, alertedAlone.get(bank)));
    }
    LiftReport.OnShares onShares = null;
    if (options.rowsOnShares() > 0) {
      progress.accept("evaluating the first rows on shares");
      onShares = ShareRun.compare(rules, history, options.rowsOnShares());
    }
    return new LiftReport(
        ruleSet,
        history.rows(),
        history.refused(),
        history.frauds(),
        history.days(),
        options.tuneDays(),
        options.alerts(),
        patterns,
        gains,
        onShares);
  }

  private Pattern pattern(
      String pattern,
      List<Instance> instances,
      Side together,
      List<Side> banks,
      BitSet alertedTogether,
      List<BitSet> alertedAlone) {
    var bootstrap = new Bootstrap(instances.size(), options.samples(), options.seed());
    int rule = chosen(pattern, together, true);
    Found pooled = found(pattern, instances, together, rule, bootstrap, alertedTogether);
    List<Found> alone = new ArrayList<>();
    List<boolean[]> foundAlone = new ArrayList<>();
    List<Integer> rulesAlone = new ArrayList<>();
    for (int bank = 0; bank < banks.size(); bank++) {
      Side side = banks.get(bank);
      int chosen = chosen(pattern, side, true);
      rulesAlone.add(chosen);
      alone.add(found(pattern, instances, side, chosen, bootstrap, alertedAlone.get(bank)));
      foundAlone.add(foundAt(side, chosen, options.alerts(), true, instances));
    }
    Found best = alone.stream().max(Comparator.comparingInt(Found::found)).orElseThrow();
    boolean[] foundTogether = foundAt(together, rule, options.alerts(), true, instances);
    List<Point> curve = new ArrayList<>();
    for (double volume : VOLUMES) {
      int alerts = Math.max(1, (int) Math.round(volume * options.alerts()));
      double bestRecall = 0;
      for (int bank = 0; bank < banks.size(); bank++) {
        bestRecall =
            Math.max(
                bestRecall,
                recall(foundAt(banks.get(bank), rulesAlone.get(bank), alerts, true, instances)));
      }
      double recall = recall(foundAt(together, rule, alerts, true, instances));
      curve.add(new Point(alerts, recall, bestRecall));
    }
    return new Pattern(
        pattern,
        instances.size(),
        pooled,
        best,
        alone,
        bootstrap.ratio(foundTogether, foundAlone),
        curve);
  }

  private Found found(
      String pattern,
      List<Instance> instances,
      Side side,
      int rule,
      Bootstrap bootstrap,
      BitSet alerted) {
    Ranking ranking = side.rankings().scored().get(rule);
    Set<Integer> alerts = ranking.alerts(options.alerts(), true, scoredFrom);
    alerts.forEach(alerted::set);
    boolean[] found = found(alerts, instances);
    int atOnce = chosen(pattern, side, false);
    boolean[] foundAtOnce = foundAt(side, atOnce, options.alerts(), false, instances);
    return new Found(
        side.name(),
        rules.rules().get(rule).name(),
        side.rankings().tuning().get(rule).limit(tuneAlerts, true),
        alerts.size(),
        (int) alerts.stream().filter(history::isFraud).count(),
        count(found),
        recall(found),
        bootstrap.recall(found),
        count(foundAtOnce));
  }

  /** The rule that finds the most of a pattern in the days for tuning. */
  private int chosen(String pattern, Side side, boolean traced) {
    List<Instance> instances =
        tuned.stream().filter(instance -> instance.pattern().equals(pattern)).toList();
    int best = 0;
    double bestWorth = -1;
    for (int rule = 0; rule < rules.rules().size(); rule++) {
      Set<Integer> alerts = side.rankings().tuning().get(rule).alerts(tuneAlerts, traced, 0);
      String name = rules.rules().get(rule).name();
      boolean isOwn = name.equals(pattern) || name.startsWith(pattern + "-");
      // Where nothing is found, nearly found is better, and then the rule made for the pattern.
      double worth =
          count(found(alerts, instances))
              + 0.5 * shareAlerted(alerts, instances)
              + (isOwn ? 0.1 : 0);
      if (worth > bestWorth) {
        best = rule;
        bestWorth = worth;
      }
    }
    return best;
  }

  /** The mean part of an instance that is alerted. */
  private static double shareAlerted(Set<Integer> alerts, List<Instance> instances) {
    double sum = 0;
    for (Instance instance : instances) {
      sum += (double) alertedOf(instance, alerts) / instance.rows().size();
    }
    return instances.isEmpty() ? 0 : sum / instances.size();
  }

  private static long alertedOf(Instance instance, Set<Integer> alerts) {
    return instance.rows().stream().filter(alerts::contains).count();
  }

  private boolean[] foundAt(
      Side side, int rule, int alerts, boolean traced, List<Instance> instances) {
    return found(side.rankings().scored().get(rule).alerts(alerts, traced, scoredFrom), instances);
  }

  /** By instance: whether at least half of its payments are alerted. */
  private static boolean[] found(Set<Integer> alerts, List<Instance> instances) {
    boolean[] found = new boolean[instances.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = 2 * alertedOf(instances.get(i), alerts) >= instances.get(i).rows().size();
    }
    return found;
  }

  private static int count(boolean[] found) {
    int count = 0;
    for (boolean each : found) {
      count += each ? 1 : 0;
    }
    return count;
  }

  private static double recall(boolean[] found) {
    return found.length == 0 ? 0 : (double) count(found) / found.length;
  }

  private Gain gain(int bank, BitSet together, BitSet alone) {
    int ownTogether = 0;
    int ownAlone = 0;
    int more = 0;
    int moreFrauds = 0;
    for (int row = scoredFrom; row < history.rows(); row++) {
      if (history.payerBank(row) == bank) {
        ownAlone += alone.get(row) ? 1 : 0;
        if (together.get(row)) {
          ownTogether++;
          boolean isNew = !alone.get(row);
          more += isNew ? 1 : 0;
          moreFrauds += isNew && history.isFraud(row) ? 1 : 0;
        }
      }
    }
    return new Gain(history.banks().get(bank), ownAlone, ownTogether, more, moreFrauds);
  }
}
