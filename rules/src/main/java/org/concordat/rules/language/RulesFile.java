package org.concordat.rules.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FileFormat;
import org.concordat.rules.feature.RuleFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/**
 * A {@code rules.yaml}: the head, what is linked, and the rules in the file's order.
 *
 * @param links there where the rules may use windows or paths
 */
public record RulesFile(String ruleSet, int version, Optional<Links> links, List<Rule> rules) {
  public static final int RULES_MAX = 256;
  private static final String NAME = "[a-z0-9-]{1,64}";

  /**
   * Reads the rules among a rule set's files, and the models that they name.
   *
   * @return nothing where {@code problems} has grown
   */
  public static Optional<RulesFile> read(
      RuleFiles files, FeatureContract contract, Problems problems) {
    int before = problems.list().size();
    Document document = files.file("rules.yaml").document(problems);
    if (!document.isPresent() || !FileFormat.isKnown(document)) {
      return Optional.empty();
    }
    Document name = document.get("ruleSet");
    if (name.isPresent() && !name.text().matches(NAME)) {
      name.add(
          Code.CDT_106, "A rule set's name is 1 to 64 of a-z, 0-9 and -.", "Write such a name.");
    }
    int version = (int) document.get("version").integer(1, Integer.MAX_VALUE, 1);
    Document wanted = document.get("contract");
    if (wanted.isPresent() && !wanted.text().equals(contract.toString())) {
      wanted.add(
          Code.CDT_221,
          "The contract beside the rules is " + contract + ".",
          "Write 'contract: " + contract + "', and check the rules against it.");
    }
    Optional<Links> links = LinksReader.read(document, contract);
    FeatureContract known = links.map(Links::features).orElse(contract);
    Document list = document.get("rules");
    List<Rule> rules = rules(list, new RuleReader(known, files));
    document.finish();
    return problems.list().size() > before
        ? Optional.empty()
        : Optional.of(new RulesFile(name.text(), version, links, rules));
  }

  private static List<Rule> rules(Document list, RuleReader reader) {
    List<Rule> rules = new ArrayList<>();
    Map<String, Place> seen = new HashMap<>();
    List<Document> items = list.items();
    for (Document item : items) {
      Optional<Rule> rule = reader.read(item);
      item.finish();
      rule.ifPresent(rules::add);
      Document name = item.maybe("rule");
      Place first = name.isPresent() ? seen.putIfAbsent(name.text(), name.place()) : null;
      if (first != null) {
        name.add(
            Code.CDT_107,
            "The rule in line " + first.line() + " has the same name.",
            "Give each rule its own name.");
      }
    }
    if (list.isSequence() && (items.isEmpty() || items.size() > RULES_MAX)) {
      list.add(Code.CDT_220, "A rule set has 1 to " + RULES_MAX + " rules.", "Correct the list.");
    }
    return rules;
  }
}
