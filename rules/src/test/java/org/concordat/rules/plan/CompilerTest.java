package org.concordat.rules.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.oracle.Oracle;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.share.Domain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilerTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: plans
      version: 1
      currency: EUR
      features:
        x: {type: integer, min: 0, max: 1000}
        y: {type: integer, min: -1000, max: 1000}
        code: {type: integer, min: 0, max: 1000, domain: boolean}
        other: {type: integer, min: 0, max: 60_000, domain: boolean}
        edge: {type: integer, min: 0, max: 2_305_843_009_213_693_951}
        known: {type: flag}
        kind: {type: category, values: [a, b, c, d]}
      """;

  @TempDir Path folder;

  private RuleSet compile(String rules) throws IOException {
    String head = "format: 1\nruleSet: plans\nversion: 1\ncontract: plans@1\nrules:\n";
    return RuleSet.load(Folders.write(folder, CONTRACT, head + rules));
  }

  private Plan plan(String condition) throws IOException {
    return compile("  - {rule: r, tell: {reasons: false}, condition: " + condition + "}\n").plan();
  }

  private static Node.Input input(int field) {
    return new Node.Input(field, Domain.ARITHMETIC, 64);
  }

  @Test
  void anArithmeticFeatureIsComparedAtTheSmallestProvedWidth() throws IOException {
    // x - 10 lies in -10 to 990: ten bits and a sign.
    assertThat(plan("{feature: x, atLeast: 10}").nodes())
        .containsExactly(
            input(0),
            new Node.Linear(List.of(0), List.of(1L), -10),
            new Node.Negative(1, 11),
            new Node.Not(2));
    assertThat(plan("{feature: y, below: 0}").nodes())
        .containsExactly(input(1), new Node.Negative(0, 11));
  }

  @Test
  void aBooleanFeatureIsComparedAsACode() throws IOException {
    var code = new Node.Input(2, Domain.BOOLEAN, 10);
    assertThat(plan("{feature: code, atLeast: 7}").nodes())
        .containsExactly(code, new Node.CodeAtLeast(0, 7));
    assertThat(plan("{feature: code, above: {feature: other}}").nodes())
        .containsExactly(
            new Node.Input(3, Domain.BOOLEAN, 16),
            code,
            new Node.CodeNotBelow(0, 1),
            new Node.Not(2));
    assertThat(plan("{feature: kind, notIn: [a, c]}").nodes())
        .contains(new Node.CodeIn(0, List.of(0L, 2L)));
    assertThat(plan("{feature: known, is: true}").nodes())
        .containsExactly(new Node.Input(5, Domain.BOOLEAN, 1));
  }

  @Test
  void aCommonDivisorOfWeightsIsLeftOut() throws IOException {
    // 0.5 x - 0.25 y >= 1.3, times 100: 50 x - 25 y >= 130, that is 2 x - y >= 5.2, at least 6.
    assertThat(plan("{sum: {x: 0.5, y: -0.25}, atLeast: 1.3}").nodes())
        .contains(new Node.Linear(List.of(0, 1), List.of(2L, -1L), -6));
    assertThat(plan("{sum: {x: 0.5, y: -0.25}, atMost: 1.3}").nodes())
        .contains(new Node.Linear(List.of(0, 1), List.of(2L, -1L), -6));
  }

  @Test
  void equalOperationsAreSharedByRules() throws IOException {
    Plan plan =
        compile(
                """
                  - rule: one
                    condition: {all: [{feature: x, atLeast: 10}, {feature: known, is: true}]}
                  - rule: two
                    condition: {any: [{feature: known, is: true}, {feature: x, above: 9}]}
                  - rule: three
                    condition: {not: {feature: x, below: 10}}
                """)
            .plan();
    assertThat(plan.nodes()).doesNotHaveDuplicates();
    assertThat(plan.nodes()).filteredOn(n -> n instanceof Node.Negative).hasSize(1);
    assertThat(plan.outputs().get(2).flag())
        .isEqualTo(plan.outputs().get(0).reasons().getFirst().bit());
  }

  @Test
  void whatIsKnownIsFoldedAway() throws IOException {
    Plan plan =
        plan(
            "{atLeast: 2, of: [{feature: x, atLeast: 0}, {feature: x, above: 1000},"
                + " {feature: known, is: true}, {feature: code, atLeast: 4}]}");
    // One of two is left to hold.
    assertThat(plan.nodes())
        .containsExactly(
            new Node.Input(5, Domain.BOOLEAN, 1),
            new Node.Input(2, Domain.BOOLEAN, 10),
            new Node.CodeAtLeast(1, 4),
            new Node.Or(List.of(0, 2)));
  }

  @Test
  void aReasonThatIsKnownStillTellsTheTruthOfFlaggedRows() throws IOException {
    RuleSet ruleSet =
        compile(
            """
              - rule: r
                condition: {any: [{feature: x, above: 1000}, {feature: x, above: 5}]}
                reasons:
                  - {code: never, when: {feature: x, above: 1000}}
                  - {code: always, when: {feature: x, atLeast: 0}}
            """);
    assertThat(ruleSet.warnings()).extracting(Problem::code).contains(Code.CDT_231);
    long[][] columns = {{5, 6}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}};
    Oracle.Result result = new Oracle(ruleSet.plan()).evaluate(columns, 2);
    assertThat(result.flagged(0, 0)).isFalse();
    assertThat(result.flagged(0, 1)).isTrue();
    assertThat(result.reasonBits(0, 1)).isEqualTo(0b10);
  }

  @Test
  void sumsAreRefusedFromTheFirstBitThatMayWrap() throws IOException {
    // edge is below 2^61: twice it is below 2^62, and fits; minus what is above it does not.
    assertThat(plan("{sum: {edge: 2, x: 1}, above: 5000}").nodes())
        .filteredOn(n -> n instanceof Node.Negative)
        .extracting(n -> ((Node.Negative) n).widthBits())
        .containsExactly(63);
    var problems = new Problems();
    String rules =
        "format: 1\nruleSet: plans\nversion: 1\ncontract: plans@1\nrules:\n"
            + "  - {rule: r, condition: {sum: {edge: 2, x: 3}, above: 0}}\n";
    assertThat(RuleSet.load(Folders.write(folder, CONTRACT, rules), problems)).isEmpty();
    assertThat(problems.list()).extracting(Problem::code).containsExactly(Code.CDT_216);
    assertThat(problems.list().getFirst().place().line()).isEqualTo(6);
  }

  @Test
  void weightsOfNamesAreLookedUpByWeight() throws IOException {
    Plan plan = plan("{sum: {kind: {a: 2, b: 1, d: 2}, x: 1}, above: 5}");
    assertThat(plan.nodes())
        .contains(new Node.CodeIn(0, List.of(0L, 3L)), new Node.CodeIn(0, List.of(1L)));
  }

  @Test
  void aScoreIsAsFineAsItsStepNeeds() throws IOException {
    RuleOutput exact = score("weights: {x: 0.25}, step: 0.01");
    assertThat(exact.scoreScale()).isEqualTo(100);
    assertThat(exact.threshold()).isEqualTo(1250);
    // A third of up to 1000, within 0.005: the weight's seventh decimal is needed.
    assertThat(score("weights: {x: 0.33333333333}, step: 0.01").scoreScale()).isEqualTo(100_000);
    assertThat(score("weights: {x: 0.33333333333}, step: 0.0078125").scoreScale())
        .isEqualTo(1 << 17);
  }

  private RuleOutput score(String keys) throws IOException {
    return compile("  - {rule: r, score: {model: linear, threshold: 12.5, " + keys + "}}\n")
        .plan()
        .outputs()
        .getFirst();
  }

  @Test
  void scoresAreToldUnlessTheRuleKeepsThem() throws IOException {
    assertThat(score("weights: {x: 0.25}, step: 0.01").score()).isPresent();
    RuleSet silent =
        compile(
            "  - {rule: r, tell: {score: none}, score: {model: linear, weights: {x: 1},"
                + " threshold: 5, step: 1}}\n");
    assertThat(silent.plan().outputs().getFirst().score()).isEmpty();
    assertThat(silent.bitsPerAlert(0)).isZero();
  }

  @Test
  void dearDomainsAreNamed() throws IOException {
    RuleSet ruleSet = compile("  - {rule: r, condition: {feature: x, atLeast: 3}}\n");
    assertThat(ruleSet.warnings()).extracting(Problem::code).containsExactly(Code.CDT_232);
    ruleSet = compile("  - {rule: r, condition: {sum: {code: 1, y: 1}, atLeast: 3}}\n");
    assertThat(ruleSet.warnings()).extracting(Problem::code).containsExactly(Code.CDT_232);
  }
}
