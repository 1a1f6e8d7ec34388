package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.concordat.agent.ingest.CsvSource;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.language.Rule;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The benchmark's rule set is what it is said to be, on the rows that it generates. */
class BenchRulesTest {
  private static final int ROWS = 60_000;
  private static final int PART_ROWS = 2_000;
  private static final Path RULE_SETS =
      Path.of("").toAbsolutePath().getParent().resolve("rules/src/main/rulesets");
  private static final Path RULES = RULE_SETS.resolve("bench");
  private static final Path TREES = RULE_SETS.resolve("bench-trees");

  @TempDir private Path temp;

  @Test
  void thirtyTwoFeaturesAndFiveRules() {
    RuleSet ruleSet = RuleSet.load(RULES);
    List<ShareField> fields = ruleSet.plan().layout().fields();
    assertThat(fields).hasSize(32);
    assertThat(fields.stream().filter(f -> f.domain() == Domain.BOOLEAN))
        .hasSize(8)
        .allMatch(f -> f.widthBits() == 10);
    assertThat(fields.stream().filter(f -> f.domain() == Domain.ARITHMETIC)).hasSize(24);
    assertThat(ruleSet.plan().outputs())
        .extracting(output -> output.rule())
        .containsExactly("linear-even", "linear-uneven", "logistic", "three-of-eight", "in-set");
    assertThat(ruleSet.plan().outputs()).allMatch(output -> output.live());
  }

  @Test
  void aModelOfTreesIsOneRuleMore() {
    RuleSet plain = RuleSet.load(RULES);
    RuleSet ruleSet = RuleSet.load(TREES);
    assertThat(ruleSet.rules()).hasSize(6);
    assertThat(ruleSet.rules().subList(0, 5))
        .extracting(Rule::name)
        .isEqualTo(plain.rules().stream().map(Rule::name).toList());
    assertThat(ruleSet.rules().getLast().name()).isEqualTo("trees");
    assertThat(ruleSet.plan().layout().fields().subList(0, 32))
        .isEqualTo(plain.plan().layout().fields());
    List<Node.Forest> forests =
        ruleSet.plan().nodes().stream()
            .filter(Node.Forest.class::isInstance)
            .map(Node.Forest.class::cast)
            .toList();
    assertThat(forests).hasSize(1);
    assertThat(forests.getFirst().tests()).hasSizeGreaterThanOrEqualTo(3_000);
    assertThat(forests.getFirst().trees())
        .hasSize(BenchTrees.TREES)
        .allMatch(tree -> tree.tests().size() == 63);
  }

  /** Run with {@code -Dconcordat.golden=write} to make them anew. */
  @Test
  void theTreesAreThoseThatAreMade() throws Exception {
    for (var file : BenchTrees.files(RULES).entrySet()) {
      Path shipped = TREES.resolve(file.getKey());
      if (System.getProperty("concordat.golden", "").equals("write")) {
        Files.writeString(shipped, file.getValue());
      }
      assertThat(Files.readString(shipped).equals(file.getValue())).as(file.getKey()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "bench-trees"})
  void betweenAHalfAndOnePerCentIsFlagged(String name) throws Exception {
    RuleSet ruleSet = RuleSet.load(RULE_SETS.resolve(name));
    List<EncodedRow> rows = rows(RULE_SETS.resolve(name), ROWS);
    Plan plan = ruleSet.plan();
    var oracle = new Oracle(plan);
    int[] byRule = new int[plan.outputs().size()];
    int flagged = 0;
    // What three thousand tests of trees say of all rows at once would fill the heap.
    for (int from = 0; from < rows.size(); from += PART_ROWS) {
      List<EncodedRow> part = rows.subList(from, Math.min(rows.size(), from + PART_ROWS));
      Oracle.Result result = oracle.evaluate(columns(plan, part), part.size());
      var ofAnyRule = new BitSet();
      for (int output = 0; output < byRule.length; output++) {
        BitSet ofRule = result.flaggedRows(output);
        byRule[output] += ofRule.cardinality();
        ofAnyRule.or(ofRule);
      }
      flagged += ofAnyRule.cardinality();
    }
    for (int output = 0; output < byRule.length; output++) {
      assertThat(byRule[output])
          .as(plan.outputs().get(output).rule())
          .isBetween(ROWS / 2_000, ROWS / 200);
    }
    assertThat(flagged).isBetween(ROWS / 200, ROWS / 100);
  }

  private static long[][] columns(Plan plan, List<EncodedRow> rows) {
    long[][] columns = new long[plan.layout().fields().size()][rows.size()];
    for (int r = 0; r < rows.size(); r++) {
      long[] fields = rows.get(r).fields();
      for (int f = 0; f < columns.length; f++) {
        columns[f][r] = fields[f];
      }
    }
    return columns;
  }

  /** Written and read as in the benchmark. */
  private List<EncodedRow> rows(Path rules, int count) throws Exception {
    Path file = temp.resolve("payments.csv");
    try (var out = UniformRows.create(file, Long.getLong("concordat.seed", 1))) {
      out.write(count);
    }
    RuleSet ruleSet = RuleSet.load(rules);
    var problems = new Problems();
    Document document = Document.read(rules.resolve("mapping.yaml"), problems);
    SourceMapping mapping = SourceMapping.read(document);
    var encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), mapping);
    List<EncodedRow> rows = new ArrayList<>();
    try (var source = CsvSource.open(file, false, () -> false)) {
      encoder.bind(source.header(), problems);
      for (var record = source.next(); record != null; record = source.next()) {
        rows.add(Objects.requireNonNull(encoder.encode(record.cells(), record.place(), problems)));
      }
    }
    problems.throwIfAny();
    assertThat(rows).hasSize(count);
    assertThat(UniformRows.number(rows.getLast().reference())).isEqualTo(count - 1);
    return rows;
  }

  @Test
  void aPlainBlockComesBackAsItWas() throws Exception {
    List<EncodedRow> rows = rows(RULES, 1_000);
    List<Long> due = rows.stream().map(row -> 5 + UniformRows.number(row.reference())).toList();
    PlainBlock block = PlainBlock.decode(PlainBlock.encode(rows, due, 32));
    assertThat(block.rows()).isEqualTo(rows.size());
    for (int r = 0; r < rows.size(); r++) {
      assertThat(block.reference(r)).isEqualTo(rows.get(r).reference());
      assertThat(block.dueMillis(r)).isEqualTo(due.get(r));
      for (int f = 0; f < 32; f++) {
        assertThat(block.columns()[f][r]).isEqualTo(rows.get(r).fields()[f]);
      }
    }
  }
}
