package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.concordat.aggregator.evaluate.BlockShares;
import org.concordat.aggregator.evaluate.FlagBudget;
import org.concordat.aggregator.evaluate.FlaggedRow;
import org.concordat.aggregator.evaluate.Outcome;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.evaluate.TokenStage;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.rules.link.CarriedTable;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.oracle.LinkedOracle;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.MemberAlerts;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.LinkageEpoch;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.share.BitPlanes;
import org.concordat.schemas.share.Components;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;

/** Three aggregators that link batches over a network in memory, each with a log of its own. */
final class LinkedParties {
  static final List<String> BANKS = List.of("bank-a", "bank-b", "bank-c", "bank-d");
  static final int EPOCH_DAYS = 10;

  static {
    RecordCodec.trustRecords();
  }

  /** One record in commit order. */
  record Payment(int bank, int minute, long transaction, boolean isLive, long[] fields) {}

  /** One party, its committed state and its topic of links. */
  private static final class Party {
    private final LinkTopic topic = new LinkTopic();
    private LinkageEpoch state;
    private Linkage linkage;
  }

  private Plan plan;
  private final List<String> banks;
  private List<String> charter;
  private final int epochDays;
  private PlanEvaluator evaluator;
  private final TokenStage stage;
  private final LinkedOracle oracle;
  private final List<Party> parties = new ArrayList<>();
  private final MemoryNetwork.Tap tap;
  private long keySeed;
  private long pairsMax = LinkSpec.Hidden.BATCH_PAIRS_MAX;
  private long snapshotRows = Snapshots.ROWS_MIN;

  /** What a plan's batches run on: it takes long to make, and serves any number of consortia. */
  record Circuits(Plan plan, PlanEvaluator evaluator, TokenStage stage) {
    static Circuits of(Plan plan) {
      return new Circuits(
          plan, new PlanEvaluator(plan), new TokenStage(plan.link().orElseThrow(), plan.layout()));
    }
  }

  /** What an attempt of a batch gave. */
  record Computed(
      CutRecord cut, List<PreparedContent> contents, Set<String> flags, List<String> members) {}

  /** What the oracle makes of it. */
  record Expected(Set<String> flags, List<String> members) {}

  LinkedParties(Plan plan, long seed, MemoryNetwork.Tap tap) {
    this(Circuits.of(plan), seed, tap);
  }

  LinkedParties(Circuits circuits, long seed, MemoryNetwork.Tap tap) {
    this(circuits, seed, tap, BANKS, EPOCH_DAYS);
  }

  LinkedParties(
      Circuits circuits, long seed, MemoryNetwork.Tap tap, List<String> banks, int epochDays) {
    this.plan = circuits.plan();
    this.banks = banks;
    this.charter = banks;
    this.epochDays = epochDays;
    this.evaluator = circuits.evaluator();
    this.stage = circuits.stage();
    this.oracle = new LinkedOracle(plan, epochDays);
    this.keySeed = seed;
    this.tap = tap;
    for (int party = 0; party < 3; party++) {
      parties.add(new Party());
      restart(party);
    }
  }

  /** From the next batch on another plan scores, which links the same. */
  void follow(Plan next) {
    plan = next;
    evaluator = new PlanEvaluator(next);
    oracle.follow(next);
  }

  /** A process begins with what its log holds. */
  void restart(int party) {
    restart(party, 0);
  }

  /** It has prepared a batch before its start. */
  void foresee(int party, Computed computed) {
    parties.get(party).linkage.foresee(computed.contents().get(party));
  }

  /** As above, on a day by its clock. */
  void restart(int party, long day) {
    Party of = parties.get(party);
    if (of.linkage != null) {
      of.linkage.stop();
    }
    of.linkage = new Linkage(plan, stage, charter, epochDays, pairsMax, snapshotRows);
    of.linkage.restore(of.state, of.topic.log(), day, left -> {});
  }

  /** All begin anew, and compare no more pairs for a batch of several blocks. */
  void limitPairs(long max) {
    pairsMax = max;
    for (int party = 0; party < 3; party++) {
      restart(party);
    }
  }

  /** The party has left the partition. */
  void stop(int party) {
    parties.get(party).linkage.stop();
  }

  /** All begin anew under another charter. */
  void revise(List<String> members) {
    charter = members;
    for (int party = 0; party < 3; party++) {
      restart(party);
    }
  }

  /** All begin anew, and write snapshots after as many rows. */
  void writeSnapshots(long rows) {
    snapshotRows = rows;
    for (int party = 0; party < 3; party++) {
      restart(party);
    }
  }

  /** Whether all states name a snapshot. */
  boolean allNameSnapshots() {
    return parties.stream()
        .allMatch(party -> party.state != null && party.state.getSnapshot() != null);
  }

  LinkTopic topic(int party) {
    return parties.get(party).topic;
  }

  /** Loses the last batch of a party's topic, or its whole state. */
  void lose(int party, boolean wholeState) {
    if (wholeState) {
      parties.get(party).state = null;
    } else {
      topic(party).loseLast();
    }
  }

  void state(int party, LinkageEpoch state) {
    parties.get(party).state = state;
  }

  LinkageEpoch state(int party) {
    return parties.get(party).state;
  }

  /** What a party's current epoch was handed, from its topic. */
  List<CarriedTable> handed(int party) {
    return topic(party).log().handed(state(party));
  }

  LinkageCounts counts(int party) {
    return parties.get(party).linkage.counts();
  }

  static CutRecord cut(long batch, int attempt, long day) {
    byte[] hash = new byte[32];
    hash[0] = (byte) batch;
    hash[1] = (byte) (batch >>> 8);
    hash[2] = (byte) attempt;
    return CutRecord.newBuilder()
        .setProtocol(1)
        .setCharter(new Digest(new byte[32]))
        .setPartition(0)
        .setBatch(batch)
        .setAttempt(attempt)
        .setEntries(List.of())
        .setSkips(List.of())
        .setHeaders(new Digest(new byte[32]))
        .setRuleSet(new Digest(new byte[32]))
        .setRuleSetVersion(1)
        .setPreviousCut(new Digest(new byte[32]))
        .setCut(new Digest(hash))
        .setCommitDay(day)
        .setCommitMinute(LinkRows.lastMinute(day))
        .setAggregator("")
        .setCommittedMillis(0L)
        .setSignature(new Signature(new byte[64]))
        .build();
  }

  /** Runs one attempt at all parties; nothing of it is committed. */
  Computed compute(CutRecord cut, List<Payment> batch) {
    List<BlockFacts> facts = new ArrayList<>();
    List<List<BlockShares>> shares =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<Integer> starts = new ArrayList<>();
    int from = 0;
    while (from < batch.size()) {
      int to = from;
      while (to < batch.size()
          && to - from < BlockShares.ROWS_MAX
          && batch.get(to).bank() == batch.get(from).bank()
          && batch.get(to).isLive() == batch.get(from).isLive()) {
        to++;
      }
      starts.add(from);
      block(batch.subList(from, to), facts, shares);
      from = to;
    }
    var keys = new Rep3Parties(keySeed++);
    var network = new MemoryNetwork(3, tap);
    record Result(PreparedContent content, Outcome outcome, List<String> members) {}
    int[] owners = facts.stream().mapToInt(fact -> fact.live() ? 0 : FlagBudget.NOBODY).toArray();
    List<Linkage.Attempt> attempts =
        parties.stream().map(party -> party.linkage.begin(cut)).toList();
    List<Result> results =
        network.run(
            party ->
                () -> {
                  var suite = keys.suite(network, party);
                  var steps = new Steps();
                  Linkage.Derivation linked =
                      attempts.get(party).derive(suite, steps, facts, shares.get(party));
                  assertSize(linked.delta(), batch.size(), facts.size());
                  Outcome outcome =
                      evaluator.evaluate(
                          suite,
                          steps,
                          shares.get(party),
                          linked.columns(),
                          new FlagBudget(owners, left()));
                  MemberAlerts alerts =
                      attempts.get(party).members(plan, linked, flags(outcome, starts), budget());
                  var delta =
                      LinkDelta.newBuilder(linked.delta())
                          .setAlerted(LinkRecords.alerted(alerts.sent()))
                          .build();
                  var content =
                      new PreparedContent(
                          cut, List.of(), Map.of(), List.of(), linked.epoch(), delta);
                  // As it comes back from the party's own log.
                  return new Result(
                      RecordCodec.decode(PreparedContent.class, RecordCodec.encode(content)),
                      outcome,
                      names(alerts.chosen(), charter));
                });
    assertThat(results.stream().map(Result::members).distinct()).hasSize(1);
    Set<String> flags = new HashSet<>();
    for (FlaggedRow row : results.getFirst().outcome().flagged()) {
      flags.add(row.output() + "/" + (starts.get(row.block()) + row.row()));
    }
    return new Computed(
        cut, results.stream().map(Result::content).toList(), flags, results.getFirst().members());
  }

  /** What is foretold of a batch's record, by which sizes of batches are refused. */
  private void assertSize(LinkDelta delta, int rows, int blocks) {
    long foretold = rows * plan.link().orElseThrow().loggedBytes(2, plan.namesMembers());
    assertThat((long) RecordCodec.encode(delta).length)
        .isBetween(foretold, foretold + 200 + 20L * blocks);
  }

  private long[][] left() {
    long[][] left = new long[plan.outputs().size()][1];
    Arrays.stream(left).forEach(of -> of[0] = Long.MAX_VALUE);
    return left;
  }

  private static MemberBudget budget() {
    return new MemberBudget(Long.MAX_VALUE, Map.of());
  }

  private static List<MemberAlerts.Flag> flags(Outcome outcome, List<Integer> starts) {
    return outcome.flagged().stream()
        .map(
            row ->
                new MemberAlerts.Flag(
                    row.output(), starts.get(row.block()) + row.row(), row.slots()))
        .toList();
  }

  /** Earlier records by rule and transaction, in order. */
  private static List<String> names(List<MemberAlerts.Chosen> chosen, List<String> numbered) {
    return chosen.stream()
        .map(
            c ->
                c.output()
                    + "/"
                    + c.row()
                    + ":"
                    + numbered.get(c.member().bank())
                    + "/"
                    + c.member().idHigh())
        .toList();
  }

  private void block(List<Payment> rows, List<BlockFacts> facts, List<List<BlockShares>> shares) {
    int count = rows.size();
    long[] words = new long[plan.layout().words(count)];
    for (int field = 0; field < plan.layout().fields().size(); field++) {
      int at = field;
      long[] column = rows.stream().mapToLong(row -> row.fields()[at]).toArray();
      ShareField shape = plan.layout().fields().get(field);
      int offset = plan.layout().offset(field, count);
      if (shape.domain() == Domain.ARITHMETIC) {
        System.arraycopy(column, 0, words, offset, count);
      } else {
        BitPlanes.toPlanes(column, count, shape.widthBits(), words, offset);
      }
    }
    Components split =
        Rep3Sharing.split(plan.layout(), words, count, facts.size() % 3, new SecureRandom());
    for (int party = 0; party < 3; party++) {
      shares
          .get(party)
          .add(
              new BlockShares(
                  count,
                  split.words(party, words.length),
                  split.words((party + 1) % 3, words.length)));
    }
    var ids = java.nio.ByteBuffer.allocate(16 * count);
    // Versions of a transaction have the first half in common.
    rows.forEach(row -> ids.putLong(row.transaction()).putLong(row.minute() + row.fields()[0]));
    facts.add(
        new BlockFacts(
            banks.get(rows.getFirst().bank()),
            rows.getFirst().isLive(),
            rows.stream().mapToLong(Payment::minute).toArray(),
            ids.array()));
  }

  /** What the transaction of a batch does at one party. */
  void commit(int party, Computed computed) {
    Party of = parties.get(party);
    PreparedContent content = computed.contents().get(party);
    of.topic.add(of.topic.log().record(content.getLinks()));
    of.state = content.getLinkage();
    of.linkage.commit(content);
  }

  void commit(Computed computed) {
    for (int party = 0; party < 3; party++) {
      commit(party, computed);
    }
  }

  /** What the oracle flags of the next batch. */
  Expected expected(CutRecord cut, List<Payment> batch) {
    long[][] columns = new long[plan.layout().fields().size()][batch.size()];
    for (int row = 0; row < batch.size(); row++) {
      for (int field = 0; field < columns.length; field++) {
        columns[field][row] = batch.get(row).fields()[field];
      }
    }
    boolean[] live = new boolean[batch.size()];
    for (int row = 0; row < live.length; row++) {
      live[row] = batch.get(row).isLive();
    }
    Oracle.Result result =
        oracle.evaluate(
            columns,
            batch.stream().mapToInt(Payment::bank).toArray(),
            batch.stream().mapToInt(Payment::minute).toArray(),
            batch.stream().mapToLong(Payment::transaction).toArray(),
            new long[][] {
              batch.stream().mapToLong(Payment::transaction).toArray(), new long[batch.size()]
            },
            live,
            cut.getCommitMinute());
    Set<String> flags = new HashSet<>();
    for (int output = 0; output < plan.outputs().size(); output++) {
      for (int row = 0; row < batch.size(); row++) {
        if (live[row] && result.flagged(output, row)) {
          flags.add(output + "/" + row);
        }
      }
    }
    return new Expected(flags, names(oracle.members(), banks));
  }

  LinkedOracle.Totals totals() {
    return oracle.totals();
  }

  /** Payments among few accounts: some are late, ahead of time, repeated, or of a lying bank. */
  static List<Payment> payments(long seed, int count, int day) {
    var random = new Random(seed);
    long[][] accounts = new long[40][];
    Arrays.setAll(accounts, i -> new long[] {random.nextLong(), random.nextLong()});
    List<Payment> payments = new ArrayList<>();
    int bank = 0;
    int minute = day * 24 * 60 - 20_000;
    for (int i = 0; i < count; i++) {
      if (random.nextInt(25) == 0) {
        bank = random.nextInt(BANKS.size());
      }
      minute += random.nextInt(20);
      long[] payer = accounts[random.nextInt(8) + random.nextInt(32)];
      long[] payee = accounts[random.nextInt(8) + random.nextInt(32)];
      long amount =
          switch (random.nextInt(40)) {
            case 0 -> -1 - random.nextInt(1000);
            case 1 -> 10_000_001L;
            case 2 -> 10_000_000L;
            default -> 10_000 + random.nextInt(100_000);
          };
      int shifted =
          switch (random.nextInt(50)) {
            case 0 -> minute - 9 * 24 * 60;
            case 1 -> (day + 1) * 24 * 60 + LinkRows.LEAD_MINUTES - 2 + random.nextInt(3);
            default -> minute;
          };
      long transaction = i;
      long[] uetr = {random.nextLong(), random.nextLong()};
      if (i > 10 && random.nextInt(30) == 0) {
        Payment earlier = payments.get(i - 1 - random.nextInt(10));
        transaction = random.nextBoolean() ? earlier.transaction() : transaction;
        uetr = Arrays.copyOfRange(earlier.fields(), 6, 8);
      }
      long hundreds = Math.clamp(amount / 10_000, 0, 1_000);
      long[] fields = {amount, payer[0], payer[1], payee[0], payee[1], hundreds, uetr[0], uetr[1]};
      // Some blocks are history, which nothing is alerted of.
      boolean isLive = i / 50 % 7 != 3;
      payments.add(new Payment(bank, shifted, transaction, isLive, fields));
    }
    return payments;
  }
}
