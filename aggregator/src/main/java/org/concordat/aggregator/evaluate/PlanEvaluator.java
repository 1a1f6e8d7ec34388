package org.concordat.aggregator.evaluate;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.share.ShareLayout;
import org.jspecify.annotations.Nullable;

/**
 * Runs one plan on the shares of batches: every node for every row, then opens the flags of the
 * live rules, then makes fresh shares of the flagged rows' details.
 *
 * <p>Flights: those of the plan's circuit, whose rounds are as many as the plan is deep, not as it
 * has nodes; then one round that opens a bit for each live rule and row; then, if any row is
 * flagged, one that reshares its detail words, after one that opens a bit for each candidate of the
 * row's paths where its rule alerts their records. All this for each pass, and most batches are
 * one. Where a cap is about to be reached {@link FlagCap} adds rounds before the opening.
 *
 * <p>Every aggregator learns the live rules' flags and how many there are. What the suite tolerates
 * holds here; details are never opened to an aggregator. Opens no more flags than the caller's
 * budget says, which carries the charter's caps.
 *
 * <p>One evaluator serves any number of attempts and threads; a {@link Suite} serves one of each.
 */
public final class PlanEvaluator {
  /**
   * Bytes of shares that a pass works on, unless one block alone needs more. Beyond it a batch runs
   * in several passes: larger columns leave the processor's caches and win nothing.
   */
  static final long PASS_BYTES_MAX = 16L << 20;

  /** Rows of a batch, padding included. */
  public static final int SLOTS_MAX = 1 << 20;

  /** Words of one flight for 64 rows, so that a block of any size fits a flight. */
  static final int FLIGHT_SLOTS_MAX =
      Channel.FLIGHT_WORDS_MAX / (BlockShares.ROWS_MAX / Columns.LANES);

  /** Components that a party holds of each value. */
  private static final int HELD = 2;

  /** Of a round that counts flags against a cap, in words for 64 rows: one for each row. */
  private static final int CAP_SLOTS_MAX = 2 * Columns.LANES;

  /** Columns kept for the next attempts; as many as compute side by side need. */
  private static final int SPARES_MAX = 16;

  private final Plan plan;
  private final Map<String, ModelShares> models;
  private final PlanCircuit compiled;
  private final boolean opensScores;
  private final long passBytesMax;
  private final ArrayBlockingQueue<Columns> spares = new ArrayBlockingQueue<>(SPARES_MAX);

  /** For a plan without secret weights. */
  public PlanEvaluator(Plan plan) {
    this(plan, Map.of());
  }

  /**
   * @param models by rule, the shares of the plan's secret models; read at each batch, when none
   *     may be missing
   */
  public PlanEvaluator(Plan plan, Map<String, ModelShares> models) {
    this(plan, models, false, PASS_BYTES_MAX);
  }

  PlanEvaluator(
      Plan plan, Map<String, ModelShares> models, boolean opensScores, long passBytesMax) {
    this.plan = plan;
    this.models = models;
    this.compiled = PlanCircuit.of(plan);
    this.opensScores = opensScores;
    this.passBytesMax = passBytesMax;
    if (compiled.circuit().flightSlots() > FLIGHT_SLOTS_MAX) {
      throw new IllegalArgumentException("the plan needs too long flights");
    }
  }

  /** Opens every row's score to the aggregators: for test charters alone. */
  public static PlanEvaluator openingEveryScore(Plan plan) {
    return new PlanEvaluator(plan, Map.of(), true, PASS_BYTES_MAX);
  }

  /** Rounds before the opening. */
  public int rounds() {
    return compiled.circuit().rounds();
  }

  /** Binary products for each row. */
  public int ands() {
    return compiled.circuit().ands();
  }

  /**
   * Evaluates a batch during one attempt.
   *
   * @param suite a fresh attempt's
   * @param blocks in commit order, the same at all parties, of the plan's layout; at least one
   * @param budget flags that may be opened, the same at all parties; used up by this call
   * @throws org.concordat.aggregator.mpc.ProtocolAbortException a peer's message can't be right;
   *     nothing of the attempt may be used
   */
  public Outcome evaluate(Suite suite, List<BlockShares> blocks, FlagBudget budget) {
    return evaluate(suite, new Steps(), blocks, null, budget);
  }

  /** As below, with a budget that is known. */
  public Outcome evaluate(
      Suite suite,
      Steps steps,
      List<BlockShares> blocks,
      @Nullable LinkColumns linked,
      FlagBudget budget) {
    requireFits(budget, blocks);
    return evaluate(suite, steps, blocks, linked, () -> budget);
  }

  /**
   * The same, after other steps of the attempt.
   *
   * @param linked what the rows get from earlier ones, in the blocks' order; null where the plan
   *     links nothing
   * @param awaited the budget, which may depend on a batch that is still computed; asked once, when
   *     the first flags are about to be opened
   */
  public Outcome evaluate(
      Suite suite,
      Steps steps,
      List<BlockShares> blocks,
      @Nullable LinkColumns linked,
      Supplier<FlagBudget> awaited) {
    validate(suite, blocks);
    if (plan.link().isPresent() != (linked != null)) {
      throw new IllegalArgumentException("columns where the plan links, and only there");
    }
    var tally = new Tally(plan, compiled, blocks, opensScores);
    if (compiled.outputs().isEmpty()) {
      return tally.outcome();
    }
    DerivedInputs derived =
        linked == null ? null : DerivedInputs.of(plan, compiled.derived(), linked, blocks);
    long[][] tables = tables();
    FlagBudget budget = null;
    int index = 0;
    for (Pass pass : Pass.split(blocks, compiled.circuit(), suite.held(), passBytesMax)) {
      Columns columns = columns(suite, pass.words());
      pass.load(compiled.inputs(), plan.layout(), columns, suite.held());
      for (PlanCircuit.Secret secret : compiled.secrets()) {
        pass.load(secret, model(secret.rule(), secret.slots().length), columns, suite.held());
      }
      columns.tables(tables);
      if (derived != null) {
        derived.load(pass, columns, suite);
      }
      String path = "pass" + index++;
      compiled.circuit().run(suite, columns, steps, path);
      if (budget == null) {
        budget = awaited.get();
        requireFits(budget, blocks);
      }
      new Opening(compiled, pass, suite, columns, steps, path).into(tally, budget, opensScores);
      spares.offer(columns);
    }
    return tally.outcome();
  }

  private static void requireFits(FlagBudget budget, List<BlockShares> blocks) {
    if (budget.blocks() != blocks.size()) {
      throw new IllegalArgumentException("a budget of another batch");
    }
  }

  /** By held component the words of all secret trees. */
  private long[][] tables() {
    int words = compiled.tables().stream().mapToInt(PlanCircuit.Table::words).sum();
    long[][] tables = new long[HELD][words];
    int at = 0;
    for (PlanCircuit.Table table : compiled.tables()) {
      ModelShares model = model(table.rule(), table.words());
      for (int position = 0; position < HELD; position++) {
        System.arraycopy(model.component(position), 0, tables[position], at, table.words());
      }
      at += table.words();
    }
    return tables;
  }

  private ModelShares model(String rule, int values) {
    ModelShares model = models.get(rule);
    if (model == null || model.values() != values) {
      throw new IllegalStateException("A secret model is missing.");
    }
    return model;
  }

  private void validate(Suite suite, List<BlockShares> blocks) {
    if (suite.held() != HELD) {
      throw new IllegalArgumentException("blocks hold two components");
    }
    long slots = 0;
    for (BlockShares block : blocks) {
      if (block.words() != plan.layout().words(block.rows())) {
        throw new IllegalArgumentException("a block of another layout");
      }
      slots += (long) ShareLayout.planeWords(block.rows()) * Columns.LANES;
    }
    if (slots < 1 || slots > SLOTS_MAX) {
      throw new IllegalArgumentException("rows of the batch");
    }
  }

  /**
   * Words of all flights of a round to one peer, of the round with the most, whatever is flagged.
   *
   * @param slots rows of a batch, padding included
   */
  public long roundWordsMax(int slots) {
    // Rounds of the circuit, of counted caps, and two words for each flag's details.
    long columns =
        Math.max(
            Math.max(compiled.circuit().roundSlots(), CAP_SLOTS_MAX),
            2L * compiled.outputs().size() * Columns.LANES);
    return columns * Pass.wordsMax(compiled.circuit(), HELD, passBytesMax, slots);
  }

  /** The spare columns of an earlier pass, where they are large enough. */
  private Columns columns(Suite suite, int words) {
    Columns columns = spares.poll();
    if (columns == null || columns.capacityWords() < words) {
      columns = new Columns(suite.held(), compiled.circuit().slotCount(), words);
    }
    columns.resize(words);
    return columns;
  }

  /** Lets go of the columns that were kept for the next attempts. */
  public void release() {
    spares.clear();
  }

  @Override
  public String toString() {
    return "PlanEvaluator[ruleSet=" + plan.ruleSet() + ", version=" + plan.version() + "]";
  }
}
