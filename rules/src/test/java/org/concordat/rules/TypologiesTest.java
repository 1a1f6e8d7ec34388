package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.concordat.rules.language.Condition;
import org.concordat.rules.language.Rule;
import org.junit.jupiter.api.Test;

/** The shipped typology has the published rules, weights and thresholds. */
class TypologiesTest {
  private static final Pattern WEIGHT = Pattern.compile("\\s+# (\\d{3}\\.\\d{2}): (\\d+)");

  /** What a rule says that couldn't be computed: no band. */
  private static final String EXIT = ".x";

  private static final RuleSet SET = RuleSet.load(Folders.shipped("typologies"));

  private static JsonNode published() throws IOException {
    return new ObjectMapper()
        .readTree(
            SharedData.require("typology-rules/full-dockerhub-rules-typologies.json").toFile());
  }

  private static Condition.AtLeast typology(String name) {
    Rule rule = SET.rules().stream().filter(r -> r.name().equals(name)).findFirst().orElseThrow();
    return (Condition.AtLeast) ((Rule.ByCondition) rule.body()).condition();
  }

  @Test
  void weightsAndThresholdsAreThePublishedOnes() throws IOException {
    JsonNode typology = published().get("typology");
    Map<String, Integer> weights = new TreeMap<>();
    for (JsonNode rule : typology.get("rules")) {
      for (JsonNode band : rule.get("wghts")) {
        String ref = band.get("ref").asText();
        if (band.get("wght").asInt() > 0 && !ref.startsWith(EXIT)) {
          weights.put(rule.get("id").asText().substring(0, 3) + ref, band.get("wght").asInt());
        }
      }
    }
    int aggregated = 0;
    for (String mirrored : List.of("024.01", "025.01", "026.01", "027.01")) {
      // One incoming payment is a special case of several.
      aggregated += weights.remove(mirrored);
    }
    assertThat(aggregated).isEqualTo(800);
    assertThat(written()).isEqualTo(weights);
    JsonNode workflow = typology.get("workflow");
    assertThat(100 * typology("typology-alert").count())
        .isEqualTo(workflow.get("alertThreshold").asInt());
    assertThat(100 * typology("typology-block").count())
        .isEqualTo(workflow.get("interdictionThreshold").asInt());
    int all = weights.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(100 * typology("typology-alert").conditions().size()).isEqualTo(all);
    assertThat(100 * typology("typology-block").conditions().size()).isEqualTo(all);
  }

  /**
   * The weights in the file's comments, each of which as many conditions follow as it has hundreds.
   */
  private static Map<String, Integer> written() throws IOException {
    Map<String, Integer> weights = new TreeMap<>();
    List<String> lines = Files.readAllLines(Folders.shipped("typologies").resolve("rules.yaml"));
    for (int line = 0; line < lines.size(); line++) {
      Matcher matcher = WEIGHT.matcher(lines.get(line));
      if (matcher.matches()) {
        int weight = Integer.parseInt(matcher.group(2));
        assertThat(lines.subList(line + 1, line + 1 + weight / 100))
            .as(matcher.group(1))
            .allMatch(text -> text.startsWith("        - {"))
            .containsOnly(lines.get(line + 1));
        weights.put(matcher.group(1), weight);
      }
    }
    return weights;
  }

  @Test
  void everyPublishedRuleHasItsEquivalent() throws IOException {
    assertThat(SET.warnings()).isEmpty();
    for (JsonNode rule : published().get("rules")) {
      String name = "rule-" + rule.get("id").asText().substring(0, 3);
      assertThat(SET.rules()).as(name).anyMatch(r -> r.name().equals(name) && !r.live());
    }
    assertThat(SET.rules()).hasSize(33 + 2);
  }
}
