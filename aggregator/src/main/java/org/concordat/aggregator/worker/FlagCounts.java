package org.concordat.aggregator.worker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.concordat.aggregator.evaluate.FlagBudget;
import org.concordat.aggregator.evaluate.FlaggedRow;
import org.concordat.aggregator.evaluate.HeldRows;
import org.concordat.aggregator.evaluate.Outcome;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.BlockCore;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.HeldNotice;
import org.concordat.schemas.record.HeldSpan;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.Opening;

/**
 * Counts the flags of a partition against the charter's cap per rule, bank and UTC day of commit.
 * Partitions don't know of each other, so each has its share of the cap. The day never goes back,
 * whatever a leader's clock says.
 *
 * <p>Rules are told apart by their names. So that another name isn't another cap, a rule that comes
 * into use begins with the most flags that any rule counts that has gone out of use on that day:
 * what replaces a rule goes on with its count, and a rule beside the others has a cap of its own.
 */
final class FlagCounts {
  /** Before the name of a rule of the last batch's rule set; no bank's name begins so. */
  private static final String IN_USE = "#rule/";

  private final Charter charter;
  private final Plan plan;
  private final int partition;
  private final long cap;

  FlagCounts(Charter charter, Plan plan, int partition) {
    this.charter = charter;
    this.plan = plan;
    this.partition = partition;
    this.cap = cap(charter.caps().flagsPerBankAndDay(), charter.partitions(), partition);
  }

  /** A partition's share; the first ones get what doesn't divide. */
  static long cap(int flags, int partitions, int partition) {
    return flags / partitions + (partition < flags % partitions ? 1 : 0);
  }

  static String key(String bank, String rule) {
    return bank + '/' + rule;
  }

  private static long day(PartitionState state, CutRecord cut) {
    return Math.max(state.getFlagDay(), cut.getCommitDay());
  }

  /** What the state counts of the day, and the rules of its rule set. */
  private static Map<String, Long> countedBefore(PartitionState state, CutRecord cut) {
    Map<String, Long> counted = new HashMap<>(state.getOpenedFlags());
    if (day(state, cut) > state.getFlagDay()) {
      counted.keySet().removeIf(key -> !key.startsWith(IN_USE));
    }
    return counted;
  }

  /** What counts when a batch begins. */
  private Map<String, Long> openedBefore(PartitionState state, CutRecord cut) {
    Map<String, Long> opened = countedBefore(state, cut);
    inherited(opened).forEach((key, more) -> opened.merge(key, more, Long::sum));
    return opened;
  }

  private Set<String> rules() {
    Set<String> rules = new HashSet<>();
    plan.outputs().forEach(output -> rules.add(output.rule()));
    return rules;
  }

  private static Set<String> inUse(Map<String, Long> counted) {
    Set<String> rules = new HashSet<>();
    for (String key : counted.keySet()) {
      if (key.startsWith(IN_USE)) {
        rules.add(key.substring(IN_USE.length()));
      }
    }
    return rules;
  }

  /** By bank and rule, what rules that come into use with this plan count beyond their own. */
  private Map<String, Long> inherited(Map<String, Long> counted) {
    Set<String> rules = rules();
    Set<String> before = inUse(counted);
    if (before.isEmpty() || before.containsAll(rules)) {
      return Map.of();
    }
    // By bank and what is counted of a rule: its flags, or its alerts on earlier records.
    Map<String, Map<String, Long>> most = new HashMap<>();
    counted.forEach(
        (key, count) -> {
          String[] parts = key.split("/", 3);
          if (!key.startsWith(IN_USE) && !rules.contains(parts[1])) {
            String counts = parts.length == 3 ? '/' + parts[2] : "";
            most.computeIfAbsent(parts[0], bank -> new HashMap<>()).merge(counts, count, Math::max);
          }
        });
    Map<String, Long> inherited = new HashMap<>();
    for (String rule : rules) {
      if (!before.contains(rule)) {
        most.forEach(
            (bank, counts) ->
                counts.forEach(
                    (suffix, count) -> {
                      String key = key(bank, rule) + suffix;
                      long more = count - counted.getOrDefault(key, 0L);
                      if (more > 0) {
                        inherited.put(key, more);
                      }
                    }));
      }
    }
    return inherited;
  }

  private static List<HeldSpan> heldBefore(PartitionState state, CutRecord cut) {
    return day(state, cut) > state.getFlagDay() ? List.of() : state.getHeld();
  }

  /** What a batch may open. */
  FlagBudget budget(PartitionState state, CutRecord cut, List<Opening.Opened> blocks) {
    Map<String, Long> opened = openedBefore(state, cut);
    Map<String, Integer> banks = banks(blocks);
    int[] owners = new int[blocks.size()];
    for (int i = 0; i < owners.length; i++) {
      BlockCore core = blocks.get(i).core();
      owners[i] =
          core.getKind() == RecordKind.HISTORY
              ? FlagBudget.NOBODY
              : banks.getOrDefault(core.getBank(), FlagBudget.NOBODY);
    }
    long[][] left = new long[plan.outputs().size()][banks.size()];
    for (int output = 0; output < left.length; output++) {
      String rule = plan.outputs().get(output).rule();
      for (var bank : banks.entrySet()) {
        long used = opened.getOrDefault(key(bank.getKey(), rule), 0L);
        left[output][bank.getValue()] = Math.max(0, cap - used);
      }
    }
    return new FlagBudget(owners, left);
  }

  /** The banks of a batch, numbered in its order. */
  private static Map<String, Integer> banks(List<Opening.Opened> blocks) {
    Map<String, Integer> banks = new LinkedHashMap<>();
    blocks.forEach(block -> banks.putIfAbsent(block.core().getBank(), banks.size()));
    return banks;
  }

  /**
   * What a batch may alert of earlier records.
   *
   * @param flags that the batch opened, see {@link #opened}
   */
  MemberBudget memberBudget(PartitionState state, CutRecord cut, Map<String, Long> flags) {
    Map<String, Long> opened = openedBefore(state, cut);
    flags.forEach((key, count) -> opened.merge(key, count, Long::sum));
    return new MemberBudget(cap, opened);
  }

  /** Flags that a batch opened, by bank and rule. */
  Map<String, Long> opened(Outcome outcome, List<Opening.Opened> blocks) {
    Map<String, Long> opened = new HashMap<>();
    for (FlaggedRow row : outcome.flagged()) {
      String bank = blocks.get(row.block()).core().getBank();
      opened.merge(key(bank, plan.outputs().get(row.output()).rule()), 1L, Long::sum);
    }
    return opened;
  }

  /**
   * What a batch adds to the counts: its flags and, where it is the first by other rules than the
   * batch before, which rules these are and with what they begin. It is complete: a party that
   * lacks the rule set counts alike by its own log.
   *
   * @param flags that it opened, by bank and rule
   */
  Map<String, Long> counted(PartitionState state, CutRecord cut, Map<String, Long> flags) {
    Map<String, Long> before = countedBefore(state, cut);
    Map<String, Long> counted = new HashMap<>(flags);
    inherited(before).forEach((key, more) -> counted.merge(key, more, Long::sum));
    Set<String> rules = rules();
    if (!rules.equals(inUse(before))) {
      rules.forEach(rule -> counted.put(IN_USE + rule, 0L));
    }
    return counted;
  }

  /** Rows that a batch held. */
  List<HeldSpan> held(Outcome outcome, List<Opening.Opened> blocks) {
    List<HeldSpan> spans = new ArrayList<>();
    for (HeldRows rows : outcome.held()) {
      BlockCore core = blocks.get(rows.firstBlock()).core();
      spans.add(
          new HeldSpan(
              core.getBank(),
              plan.outputs().get(rows.output()).rule(),
              core.getSequence(),
              rows.firstRow(),
              rows.rows()));
    }
    return spans;
  }

  /** Sets the counts of the day after a batch. */
  void apply(PartitionState.Builder after, PartitionState before, PreparedContent content) {
    CutRecord cut = content.getCut();
    Map<String, Long> opened = countedBefore(before, cut);
    if (!inUse(content.getOpenedFlags()).isEmpty()) {
      opened.keySet().removeIf(key -> key.startsWith(IN_USE));
    }
    content.getOpenedFlags().forEach((key, flags) -> opened.merge(key, flags, Long::sum));
    Map<String, HeldSpan> held = new LinkedHashMap<>();
    heldBefore(before, cut).forEach(span -> held.put(key(span.getBank(), span.getRule()), span));
    for (HeldSpan more : content.getHeld()) {
      held.merge(
          key(more.getBank(), more.getRule()),
          more,
          (known, added) ->
              HeldSpan.newBuilder(known).setRows(known.getRows() + added.getRows()).build());
    }
    after.setFlagDay(day(before, cut));
    after.setOpenedFlags(opened);
    after.setHeld(List.copyOf(held.values()));
  }

  /**
   * What the banks are told with a batch, unsigned: the caps that it reached, and the counts of a
   * day that it ended.
   */
  List<HeldNotice> notices(PartitionState before, PreparedContent content, String aggregator) {
    CutRecord cut = content.getCut();
    List<HeldNotice> notices = new ArrayList<>();
    if (day(before, cut) > before.getFlagDay()) {
      for (HeldSpan span : before.getHeld()) {
        long next = before.getNextSequences().getOrDefault(span.getBank(), 0L);
        notices.add(notice(cut, before.getFlagDay(), span, next, aggregator));
      }
    }
    List<String> known =
        heldBefore(before, cut).stream().map(s -> key(s.getBank(), s.getRule())).toList();
    for (HeldSpan span : content.getHeld()) {
      if (!known.contains(key(span.getBank(), span.getRule()))) {
        notices.add(notice(cut, day(before, cut), span, 0, aggregator));
      }
    }
    return notices;
  }

  private HeldNotice notice(
      CutRecord cut, long day, HeldSpan span, long nextSequence, String aggregator) {
    return HeldNotice.newBuilder()
        .setProtocol(Charter.PROTOCOL)
        .setCharter(charter.hash())
        .setBank(span.getBank())
        .setPartition(partition)
        .setBatch(cut.getBatch())
        .setDay(day)
        .setRule(span.getRule())
        .setCap(cap)
        .setFirstSequence(span.getFirstSequence())
        .setFirstRow(span.getFirstRow())
        .setRows(span.getRows())
        .setNextSequence(nextSequence)
        .setAggregator(aggregator)
        .setIssuedMillis(System.currentTimeMillis())
        .setSignature(new Signature(new byte[64]))
        .build();
  }
}
