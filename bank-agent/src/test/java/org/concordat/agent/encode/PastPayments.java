package org.concordat.agent.encode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/** A rule set over what came before, and payments for it. */
final class PastPayments {
  static final List<String> HEADER = List.of("id", "time", "from", "to", "amount");

  private static final String CONTRACT =
      """
      format: 1
      contract: past
      version: 1
      currency: EUR
      features:
        amount: {type: amount, min: 0, max: 1_000_000.00}
        count_1h: {type: history-count, window: 1h, max: 100}
        sum_24h: {type: history-sum, window: 24h, over: amount, max: 1_000_000.00}
        sum_30d: {type: history-sum, window: 30d, over: amount, max: 1_000_000.00}
        since: {type: seconds-since-last, max: 90_000, optional: true}
        first: {type: first-to-beneficiary}
        ratio: {type: ratio-to-usual, over: amount, max: 100.00, optional: true}
      """;

  private static final String RULES =
      """
      format: 1
      ruleSet: past
      version: 1
      contract: past@1
      rules:
        - {rule: velocity, condition: {feature: count_1h, atLeast: 3}}
        - rule: new-and-large
          condition:
            all: [{feature: first, is: true}, {feature: ratio, atLeast: 2}]
        - {rule: sums, condition: {sum: {sum_24h: 2, sum_30d: -1}, above: 0}}
        - {rule: soon, condition: {feature: since, below: 60}}
      """;

  private static final String MAPPING =
      """
      reference: id
      time: {column: time, unit: seconds}
      history: {account: from, beneficiary: to}
      columns: {amount: amount}
      """;

  private PastPayments() {}

  static RuleSet ruleSet(Path folder) throws IOException {
    Path rules = Files.createDirectories(folder.resolve("rules"));
    Files.writeString(rules.resolve("contract.yaml"), CONTRACT);
    Files.writeString(rules.resolve("rules.yaml"), RULES);
    return RuleSet.load(rules);
  }

  static SourceMapping mapping() {
    var problems = new Problems();
    SourceMapping mapping = SourceMapping.read(Document.parse("mapping", MAPPING, problems));
    problems.throwIfAny();
    return mapping;
  }

  static RowEncoder encoder(RuleSet ruleSet) {
    var encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), mapping());
    var problems = new Problems();
    encoder.bind(HEADER, problems);
    problems.throwIfAny();
    return encoder;
  }

  static EncodedRow encode(RowEncoder encoder, String line) {
    var problems = new Problems();
    EncodedRow row = encoder.encode(List.of(line.split(",", -1)), Place.of("payments"), problems);
    problems.throwIfAny();
    return Objects.requireNonNull(row);
  }

  /** Lines in the order of acceptance, some late. */
  static List<String> random(long seed, int count) {
    var random = new SplittableRandom(seed);
    List<String> lines = new ArrayList<>();
    long now = 1_750_000_000L;
    for (int i = 0; i < count; i++) {
      now += random.nextInt(3) == 0 ? random.nextLong(90_000) : random.nextLong(120);
      long late = random.nextInt(5) == 0 ? random.nextLong(200_000) : 0;
      lines.add(
          String.format(
              Locale.ROOT,
              "P%d,%d,ACCOUNT-%d,PAYEE-%d,%d.%02d",
              i,
              now - late,
              random.nextInt(7),
              random.nextInt(9),
              random.nextLong(1 + random.nextLong(2_000)),
              random.nextInt(100)));
    }
    return lines;
  }
}
