package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleSetTest {
  @ParameterizedTest
  @ValueSource(strings = {"transfers"})
  void shippedRuleSetsCompileWithoutWarning(String name) {
    RuleSet ruleSet = RuleSet.load(Path.of("src/main/rulesets", name));
    assertThat(ruleSet.name()).isEqualTo(name);
    assertThat(ruleSet.warnings()).isEmpty();
  }
}
