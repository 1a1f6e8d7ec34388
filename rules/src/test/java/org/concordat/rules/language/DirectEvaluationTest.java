package org.concordat.rules.language;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.Seeds;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random rules on random records: the oracle of the compiled plan and the text itself agree. */
class DirectEvaluationTest {
  private static final int RULE_SETS = 250;
  private static final int ROWS = 120;
  private static final BigDecimal STEP = new BigDecimal("0.001");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  @TempDir Path folder;

  @Test
  void oracleAndTextAgree() throws IOException {
    long seed = Seeds.seed();
    int flagged = 0;
    int compiled = 0;
    for (int i = 0; i < RULE_SETS; i++) {
      var random = new Random(seed * 1_000_003 + i);
      var rules = new RandomRules(random);
      List<Map<String, Object>> list = new ArrayList<>();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        list.add(rule(rules, "r" + n, random));
      }
      String text =
          "format: 1\nruleSet: random\nversion: 1\ncontract: every-type@1\nrules: "
              + JSON.writeValueAsString(list);
      Path directory = Files.createDirectory(folder.resolve("set" + i));
      Optional<RuleSet> ruleSet = load(directory, text);
      if (ruleSet.isPresent()) {
        compiled++;
        flagged += compare(ruleSet.get(), JSON.valueToTree(list), rules, random, seed + ":" + i);
      }
    }
    // The test is worth nothing if most rules are refused or nothing is flagged.
    assertThat(compiled).isGreaterThan(RULE_SETS / 2);
    assertThat(flagged).isGreaterThan(RULE_SETS * ROWS / 10);
  }

  private static Map<String, Object> rule(RandomRules rules, String name, Random random) {
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("rule", name);
    if (random.nextInt(4) > 0) {
      rule.put("condition", rules.condition(3));
      return rule;
    }
    Map<String, Object> score = new LinkedHashMap<>();
    boolean isLogistic = random.nextBoolean();
    score.put("model", isLogistic ? "logistic" : "linear");
    score.put("intercept", rules.decimal(100, 2));
    score.put("weights", rules.weights());
    score.put("threshold", isLogistic ? new BigDecimal("0.7") : rules.decimal(200, 2));
    score.put("step", STEP);
    rule.put("score", score);
    return rule;
  }

  /** A rule set; nothing where the only thing wrong is that a rule is decided without a row. */
  private static Optional<RuleSet> load(Path directory, String text) throws IOException {
    var problems = new Problems();
    Optional<RuleSet> ruleSet =
        RuleSet.load(Folders.write(directory, RandomRules.CONTRACT, text), problems);
    assertThat(problems.list()).allMatch(problem -> problem.code() == Code.CDT_217);
    return ruleSet;
  }

  private static int compare(
      RuleSet ruleSet, JsonNode rules, RandomRules random, Random hours, String seed) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    long[][] columns = new long[ruleSet.contract().layout().fields().size()][ROWS];
    List<String> names = columnNames(ruleSet);
    RowEncoder encoder = encoder(ruleSet, names);
    for (int row = 0; row < ROWS; row++) {
      LocalDateTime time = LocalDateTime.of(2026, 1, 1, 0, 30).plusHours(hours.nextInt(10_000));
      String day = time.getDayOfWeek().name().toLowerCase(Locale.ROOT);
      Map<String, @Nullable Object> record = random.row(time.getHour(), day);
      rows.add(record);
      long[] fields = encode(encoder, names, record, time);
      for (int field = 0; field < fields.length; field++) {
        columns[field][row] = fields[field];
      }
    }
    Oracle.Result result = new Oracle(ruleSet.plan()).evaluate(columns, ROWS);
    int flagged = 0;
    for (int output = 0; output < rules.size(); output++) {
      for (int row = 0; row < ROWS; row++) {
        Map<String, @Nullable Object> record = rows.get(row);
        var direct = new DirectEvaluator(record, RandomRules.WHEN_MISSING);
        JsonNode rule = rules.get(output);
        // Said only where it fails: rules are long.
        Supplier<String> description = () -> seed + " " + rule + " " + record;
        boolean own = result.flagged(output, row);
        flagged += own ? 1 : 0;
        if (rule.has("condition")) {
          assertThat(own).as(description).isEqualTo(direct.holds(rule.get("condition")));
          if (own) {
            assertThat(result.reasonBits(output, row))
                .as(description)
                .isEqualTo(direct.reasonBits(rule.get("condition")));
          }
        } else {
          RuleOutput scored = ruleSet.plan().outputs().get(output);
          compareScore(direct, rule.get("score"), scored, result.score(output, row), own);
        }
      }
    }
    return flagged;
  }

  private static void compareScore(
      DirectEvaluator direct, JsonNode score, RuleOutput output, long told, boolean flagged) {
    BigDecimal exact = direct.sum(score.get("weights")).add(score.get("intercept").decimalValue());
    BigDecimal own = BigDecimal.valueOf(told).divide(BigDecimal.valueOf(output.scoreScale()));
    assertThat(own.subtract(exact).abs()).isLessThanOrEqualTo(STEP);
    double declared = score.get("threshold").doubleValue();
    BigDecimal threshold =
        score.get("model").textValue().equals("logistic")
            ? new BigDecimal(Math.log(declared / (1 - declared)))
            : score.get("threshold").decimalValue();
    if (exact.subtract(threshold).abs().compareTo(STEP) > 0) {
      assertThat(flagged).isEqualTo(exact.compareTo(threshold) > 0);
    }
    assertThat(flagged).isEqualTo(told >= output.threshold());
  }

  /** The source's columns: the features, but for those that its time tells. */
  private static List<String> columnNames(RuleSet ruleSet) {
    return ruleSet.contract().featureNames().stream()
        .filter(name -> !name.equals("hour") && !name.equals("day"))
        .toList();
  }

  private static RowEncoder encoder(RuleSet ruleSet, List<String> names) {
    var problems = new Problems();
    var mapping = new StringBuilder("reference: id\ntime: {column: time}\ncolumns:\n");
    for (String name : names) {
      mapping.append("  ").append(name).append(": ").append(name).append('\n');
    }
    var encoder =
        new RowEncoder(
            ruleSet.contract(),
            ruleSet.rates(),
            SourceMapping.read(Document.parse("mapping", mapping.toString(), problems)));
    List<String> header = new ArrayList<>(List.of("id", "time"));
    header.addAll(names);
    encoder.bind(header, problems);
    problems.throwIfAny();
    return encoder;
  }

  private static long[] encode(
      RowEncoder encoder,
      List<String> names,
      Map<String, @Nullable Object> record,
      LocalDateTime time) {
    List<String> cells = new ArrayList<>(List.of("x", time + ":00Z"));
    for (String name : names) {
      cells.add(
          record.get(name) instanceof BigDecimal number
              ? number.toPlainString()
              : Objects.toString(record.get(name), ""));
    }
    var problems = new Problems();
    EncodedRow row = encoder.encode(cells, Place.of("row"), problems);
    problems.throwIfAny();
    return Objects.requireNonNull(row).fields();
  }
}
