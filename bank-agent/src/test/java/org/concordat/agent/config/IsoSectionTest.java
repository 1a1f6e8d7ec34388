package org.concordat.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.concordat.agent.iso.IsoField;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;

class IsoSectionTest {
  private static final Path PAYMENTS = Path.of("../rules/src/main/rulesets/payments");

  @Test
  void fieldsThatMessagesDoNotGiveAndOtherReferencesAreErrors() {
    var problems = new Problems();
    var section =
        Document.parse(
            "agent.yaml",
            """
            mapping:
              reference: uetr
              time: {column: eventTime}
              columns: {amount: amout}
            """,
            problems);
    IsoSection.read(Path.of(""), section, false);
    assertThat(problems.list().stream().map(Problem::code))
        .map(code -> code.label())
        .containsExactly("CDT-206", "CDT-106", "CDT-104");
    assertThat(problems.list().getFirst().fix()).contains("'amount'");
  }

  @Test
  void theShippedMappingFitsTheShippedContract() {
    assertThat(bind(PAYMENTS.resolve("mapping-iso20022.yaml")).list()).isEmpty();
  }

  @Test
  void aConstantThatDoesNotFitItsFeatureIsAnError() throws Exception {
    String text = java.nio.file.Files.readString(PAYMENTS.resolve("mapping-iso20022.yaml"));
    Problems problems = bind(text.replace("channel: {constant: api}", "channel: {constant: fax}"));
    assertThat(problems.list()).hasSize(1);
    assertThat(problems.list().getFirst().code().label()).isEqualTo("CDT-317");
  }

  private static Problems bind(Path file) {
    try {
      return bind(java.nio.file.Files.readString(file));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Problems bind(String text) {
    var problems = new Problems();
    SourceMapping mapping = SourceMapping.read(Document.parse("mapping", text, problems));
    RuleSet rules = RuleSet.load(PAYMENTS);
    new RowEncoder(rules.contract(), rules.rates(), mapping).bind(IsoField.columns(), problems);
    return problems;
  }
}
