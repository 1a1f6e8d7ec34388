package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.rules.language.Rule;
import org.concordat.rules.oracle.LinkedOracle;
import org.concordat.rules.oracle.Oracle;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each rule of the shipped packs on the payments of {@code cases/PACK.csv}: it fires, it just
 * doesn't, and what it does where earlier payments are missing. Each payment says whether the rule
 * flags it.
 */
class PackCasesTest {
  private static final Set<String> PACKS = Set.of("network", "typologies");
  private static final Set<String> KINDS = Set.of("fires", "just not", "no history");
  private static final Pattern TIME = Pattern.compile("(\\d+)d (\\d\\d):(\\d\\d)(?::(\\d\\d))?");
  private static final int COLUMNS = 8;

  /** No epoch ends in a case. */
  private static final int EPOCH_DAYS = 3_660;

  private static final OffsetDateTime START =
      OffsetDateTime.of(2026, 1, 22, 0, 0, 0, 0, ZoneOffset.UTC);

  /** A line of a table: what a payment says, and whether the case's rule flags it. */
  private record Payment(OffsetDateTime at, Map<String, String> cells, boolean flagged) {}

  /** The payments of one case, in commit order. */
  private record Case(
      String pack, RuleSet ruleSet, String rule, String kind, List<Payment> payments) {
    @Override
    public String toString() {
      return rule + ": " + kind;
    }
  }

  private static Stream<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (String pack : new TreeSet<>(PACKS)) {
      cases.addAll(read(pack, RuleSet.load(Folders.shipped(pack))));
    }
    return cases.stream();
  }

  private static List<Case> read(String pack, RuleSet ruleSet) throws IOException {
    List<Case> cases = new ArrayList<>();
    List<String> lines = Files.readAllLines(Path.of("src/test/resources/cases", pack + ".csv"));
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      assertThat(cells).as(line).hasSize(COLUMNS);
      Case last = cases.isEmpty() ? null : cases.getLast();
      if (last == null || !last.rule.equals(cells[0]) || !last.kind.equals(cells[1])) {
        last = new Case(pack, ruleSet, cells[0], cells[1], new ArrayList<>());
        cases.add(last);
      }
      last.payments.add(payment(cells, last.payments.size()));
    }
    return cases;
  }

  private static Payment payment(String[] cells, int place) {
    Matcher time = TIME.matcher(cells[2]);
    assertThat(time.matches()).as(cells[2]).isTrue();
    Duration since =
        Duration.ofDays(Long.parseLong(time.group(1)))
            .plusHours(Long.parseLong(time.group(2)))
            .plusMinutes(Long.parseLong(time.group(3)))
            .plusSeconds(time.group(4) == null ? 0 : Long.parseLong(time.group(4)));
    OffsetDateTime at = START.plus(since);
    Map<String, String> row = new TreeMap<>();
    row.put("payment_id", "P" + place);
    row.put("booked_at", at.toString());
    row.put("bank", place % 2 == 0 ? "bank-a" : "bank-b");
    row.put("payer_account", cells[3]);
    row.put("payee_account", cells[4]);
    row.put("amount", cells[5]);
    row.put("is_fraud", "0");
    for (String mark : cells[6].isEmpty() ? new String[0] : cells[6].split(" ")) {
      String[] parts = mark.split("=");
      row.put(parts[0], parts[1]);
    }
    return new Payment(at, row, cells[7].equals("x"));
  }

  /** What the bank's own systems tell are columns here, and constants in the shipped mapping. */
  private static SourceMapping mapping(String pack) throws IOException {
    String text =
        Files.readString(Folders.shipped(pack).resolve("mapping.yaml"))
            .replaceAll("(\\w+): \\{constant: \"\"}", "$1: $1");
    var problems = new Problems();
    SourceMapping mapping = SourceMapping.read(Document.parse("mapping", text, problems));
    problems.throwIfAny();
    return mapping;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void flagsWhatTheTableSays(Case of) throws IOException {
    RuleSet pack = of.ruleSet;
    SourceMapping mapping = mapping(of.pack);
    var encoder = new RowEncoder(pack.contract(), pack.rates(), mapping);
    var problems = new Problems();
    List<String> header =
        Stream.concat(
                Stream.of("payment_id", "booked_at", "bank", "payer_account", "payee_account"),
                Stream.concat(
                    Stream.of("amount", "is_fraud", "device", "card"),
                    pack.contract().featureNames().stream()))
            .distinct()
            .toList();
    encoder.bind(header, problems);
    HistoryFeatures history = HistoryFeatures.inMemory(pack.contract());
    var oracle = new LinkedOracle(pack.plan(), EPOCH_DAYS);
    int output = pack.rules().stream().map(Rule::name).toList().indexOf(of.rule);
    List<Integer> expected = new ArrayList<>();
    List<Integer> flagged = new ArrayList<>();
    for (int i = 0; i < of.payments.size(); i++) {
      Payment payment = of.payments.get(i);
      List<String> cells =
          header.stream().map(name -> payment.cells.getOrDefault(name, "")).toList();
      EncodedRow encoded = encoder.encode(cells, Place.of(of.toString()), problems);
      problems.throwIfAny();
      EncodedRow row = Objects.requireNonNull(encoded);
      history.take(row, 0, true);
      int minute = (int) (payment.at.toEpochSecond() / 60);
      Oracle.Result result =
          oracle.evaluate(
              Arrays.stream(row.fields())
                  .mapToObj(field -> new long[] {field})
                  .toArray(long[][]::new),
              new int[] {i % 2},
              new int[] {minute},
              new long[] {i},
              minute / (24 * 60));
      if (payment.flagged) {
        expected.add(i + 1);
      }
      if (result.flagged(output, 0)) {
        flagged.add(i + 1);
      }
    }
    assertThat(flagged).as("payments, counted from 1").isEqualTo(expected);
  }

  @Test
  void everyRuleHasItsThreeCases() throws IOException {
    for (String pack : PACKS) {
      RuleSet ruleSet = RuleSet.load(Folders.shipped(pack));
      Map<String, Set<String>> kinds = new TreeMap<>();
      for (Case each : read(pack, ruleSet)) {
        assertThat(kinds.computeIfAbsent(each.rule, rule -> new TreeSet<>()).add(each.kind))
            .as("%s once", each)
            .isTrue();
        if (each.kind.equals("fires")) {
          assertThat(each.payments.getLast().flagged).as("%s", each).isTrue();
        }
        if (each.kind.equals("just not")) {
          assertThat(each.payments.getLast().flagged).as("%s", each).isFalse();
        }
      }
      assertThat(kinds.keySet())
          .containsExactlyInAnyOrderElementsOf(ruleSet.rules().stream().map(Rule::name).toList());
      assertThat(kinds.values()).allMatch(KINDS::equals);
      assertThat(ruleSet.warnings()).isEmpty();
    }
  }
}
