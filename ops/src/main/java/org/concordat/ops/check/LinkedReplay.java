package org.concordat.ops.check;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.concordat.ops.check.CommittedCuts.Batch;
import org.concordat.ops.check.CommittedCuts.Block;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.link.Member;
import org.concordat.rules.oracle.LinkedOracle;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.MemberAlerts;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.Digest;

/**
 * Evaluates the rows of all banks in the order in which batches committed them: what a record knows
 * of earlier ones hangs on it.
 */
final class LinkedReplay {
  /**
   * A scored row.
   *
   * @param isLive whether it may be flagged
   */
  record Row(String bank, EncodedRow values, byte[] transactionId, boolean isLive) {}

  /** Takes a batch's rows and what they give by its plan. */
  interface Batches {
    void take(Plan plan, List<Row> rows, Oracle.Result result);

    /** Takes an earlier row that the last batch alerts. */
    void takeEarlier(Plan plan, int output, Row row);
  }

  private final Plan first;
  private final Map<String, long[]> models;
  private final int epochDays;
  private final List<String> banks;
  private final Map<Block, List<Row>> rows = new HashMap<>();

  /**
   * @param first of the plans; the others have the same contract and links
   * @param models the values of its secret models, by rule
   */
  LinkedReplay(Plan first, Map<String, long[]> models, Charter charter) {
    this.first = first;
    this.models = models;
    this.epochDays = charter.epochDays();
    this.banks = charter.banks().stream().map(Charter.Bank::name).toList();
  }

  void add(Block block, Row row) {
    rows.computeIfAbsent(block, b -> new ArrayList<>()).add(row);
  }

  /**
   * @param plans by rule set
   */
  void run(List<Batch> batches, Function<Digest, Plan> plans, Batches results) {
    var oracle = new LinkedOracle(first, models, epochDays);
    Map<List<Long>, Row> earlier = new HashMap<>();
    for (Batch batch : batches) {
      List<Row> scored = new ArrayList<>();
      for (Block block : batch.blocks()) {
        scored.addAll(rows.getOrDefault(block, List.of()));
      }
      if (!scored.isEmpty()) {
        scored.forEach(row -> earlier.put(key(banks.indexOf(row.bank()), id(row)), row));
        Plan plan = plans.apply(batch.ruleSet());
        if (plan != oracle.plan()) {
          oracle.follow(plan);
        }
        results.take(plan, scored, evaluate(oracle, scored, batch.minute()));
        for (MemberAlerts.Chosen chosen : oracle.members()) {
          Member member = chosen.member();
          long[] id = {member.idHigh(), member.idLow()};
          results.takeEarlier(
              plan, chosen.output(), Objects.requireNonNull(earlier.get(key(member.bank(), id))));
        }
      }
    }
  }

  private static long[] id(Row row) {
    ByteBuffer id = ByteBuffer.wrap(row.transactionId());
    return new long[] {id.getLong(), id.getLong()};
  }

  private static List<Long> key(int bank, long[] id) {
    return List.of((long) bank, id[0], id[1]);
  }

  private Oracle.Result evaluate(LinkedOracle oracle, List<Row> scored, long minute) {
    int count = scored.size();
    long[][] columns = new long[first.layout().fields().size()][count];
    int[] bankOf = new int[count];
    int[] minutes = new int[count];
    long[] transactions = new long[count];
    long[][] ids = new long[2][count];
    boolean[] live = new boolean[count];
    for (int r = 0; r < count; r++) {
      Row row = scored.get(r);
      for (int f = 0; f < columns.length; f++) {
        columns[f][r] = row.values().fields()[f];
      }
      bankOf[r] = banks.indexOf(row.bank());
      long millis = row.values().eventMillis();
      minutes[r] = Math.toIntExact(Math.floorDiv(millis, TimeUnit.MINUTES.toMillis(1)));
      long[] id = id(row);
      transactions[r] = id[0];
      ids[0][r] = id[0];
      ids[1][r] = id[1];
      live[r] = row.isLive();
    }
    return oracle.evaluate(columns, bankOf, minutes, transactions, ids, live, minute);
  }
}
