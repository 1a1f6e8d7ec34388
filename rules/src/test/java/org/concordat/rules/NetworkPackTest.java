package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.concordat.rules.language.Rule;
import org.concordat.rules.simulate.Simulation;
import org.concordat.rules.simulate.SimulationReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each rule of the shipped pack: it fires, it just doesn't, and it doesn't where history is
 * missing.
 */
class NetworkPackTest {
  private static final RuleSet PACK = RuleSet.load(Folders.shipped("network"));
  private static final String HEAD =
      "payment_id,booked_at,bank,payer_account,payee_account,amount,device,card,is_fraud\n";
  private static final String CARD = "4111111111111111";

  /** The first day of an epoch. */
  private static final OffsetDateTime START =
      OffsetDateTime.of(2026, 1, 22, 0, 0, 0, 0, ZoneOffset.UTC);

  /**
   * Payments and how many of them a rule flags.
   *
   * @param payments as {@code day.hour payer payee amount [device [card]]}
   */
  private record Case(String rule, String name, int flagged, String... payments) {
    @Override
    public String toString() {
      return rule + " " + name;
    }
  }

  private static Case fires(String rule, String... payments) {
    return new Case(rule, "fires", 1, payments);
  }

  private static Case not(String rule, String... payments) {
    return new Case(rule, "just doesn't fire", 0, payments);
  }

  private static Case missing(String rule, String... payments) {
    return new Case(rule, "lacks history", 0, payments);
  }

  private static Stream<Case> cases() {
    return Stream.of(rings(), handedOn(), layers(), hubs(), ownHistory(), marks())
        .flatMap(List::stream);
  }

  private static List<Case> rings() {
    return List.of(
        fires("cycle", "0.1 A B 500", "1.1 B C 400", "2.1 C D 700", "3.1 D A 90"),
        not("cycle", "0.1 A B 500", "1.1 B C 400", "2.1 C A 700"),
        missing("cycle", "1.1 B C 400", "2.1 C D 700", "3.1 D A 90"),
        fires("cycle-kept", "0.1 A B 1000", "1.1 B C 950", "2.1 C A 900"),
        not("cycle-kept", "0.1 A B 1000", "1.1 B C 849.99", "2.1 C A 840"),
        missing("cycle-kept", "1.1 B C 950", "2.1 C A 900"),
        fires("mirroring", "0.1 A B 1000", "0.5 B A 990"),
        not("mirroring", "0.1 A B 1000", "0.5 B A 980"),
        missing("mirroring", "0.5 B A 990"));
  }

  private static List<Case> handedOn() {
    return List.of(
        fires("chain", "0.1 A B 1000", "1.1 B C 950", "2.1 C D 900", "3.1 D E 765"),
        not("chain", "0.1 A B 1000", "1.1 B C 950", "2.1 C D 900", "3.1 D E 764.99"),
        missing("chain", "1.1 B C 950", "2.1 C D 900", "3.1 D E 800"),
        fires("pass-through", "0.1 A B 1000", "0.9 B C 900"),
        not("pass-through", "0.1 A B 1000", "0.9 B C 899.99"),
        missing("pass-through", "0.9 B C 950"),
        fires(
            "gather-scatter",
            "0.1 A H 300",
            "0.2 B H 300",
            "0.3 C H 300",
            "1.1 H X 400",
            "1.2 H Y 400"),
        not("gather-scatter", "0.1 A H 300", "0.2 B H 600", "1.1 H X 400", "1.2 H Y 400"),
        missing(
            "gather-scatter",
            "0.1 A H 300",
            "0.2 B H 300",
            "0.3 C H 300",
            "9.1 H X 400",
            "9.2 H Y 400"));
  }

  private static List<Case> layers() {
    return List.of(
        fires("scatter-gather", "0.1 S M 90", "0.2 S N 90", "1.1 M T 80", "1.2 N T 80"),
        not("scatter-gather", "0.1 S M 90", "0.2 R N 90", "1.1 M T 80", "1.2 N T 80"),
        missing("scatter-gather", "0.1 S M 90", "1.1 M T 80", "1.2 N T 80"),
        fires(
            "stack",
            "0.1 S M 90",
            "0.2 S N 90",
            "0.3 R M 90",
            "0.4 R N 90",
            "1.1 M T 80",
            "1.2 N T 80"),
        not("stack", "0.1 S M 90", "0.2 S N 90", "0.3 R M 90", "1.1 M T 80", "1.2 N T 80"),
        missing("stack", "0.3 R M 90", "0.4 R N 90", "1.1 M T 80", "1.2 N T 80"),
        fires(
            "bipartite",
            "0.1 U X 90",
            "0.2 P X 90",
            "0.3 P V 90",
            "0.4 Q X 90",
            "0.5 Q V 90",
            "0.6 U V 90"),
        not("bipartite", "0.1 U X 90", "0.2 P X 90", "0.3 P V 90", "0.5 Q V 90", "0.6 U V 90"),
        missing("bipartite", "0.2 P X 90", "0.3 P V 90", "0.4 Q X 90", "0.6 U V 90"));
  }

  private static List<Case> hubs() {
    return List.of(
        fires("fan-in", "0.1 A H 300", "0.2 B H 300", "0.3 C H 300", "0.4 D H 300", "0.5 E H 300"),
        not("fan-in", "0.1 A H 300", "0.2 B H 300", "0.3 C H 300", "0.4 A H 300", "0.5 E H 300"),
        missing(
            "fan-in", "0.1 A H 300", "8.2 B H 300", "8.3 C H 300", "8.4 D H 300", "8.5 E H 300"),
        fires("fan-out", "0.1 H A 300", "0.2 H B 300", "0.3 H C 300", "0.4 H D 300", "0.5 H E 300"),
        not(
            "fan-out",
            "0.1 H A 300",
            "0.2 H B 300",
            "0.3 H C 300",
            "0.4 H D 300",
            "0.5 H E 199.99"),
        missing(
            "fan-out", "0.1 H A 300", "8.2 H B 300", "8.3 H C 300", "8.4 H D 300", "8.5 H E 300"));
  }

  private static List<Case> ownHistory() {
    return List.of(
        fires("structuring", "0.1 A B 9000", "2.1 A C 9999.99"),
        not("structuring", "0.1 A B 9000", "2.1 A C 10000"),
        missing("structuring", "0.1 A B 9000", "9.1 A C 9100"),
        fires("dormant-awakened", "0.1 A S 20", "20.1 X A 1000", "20.5 A Y 800"),
        not("dormant-awakened", "0.1 A S 20", "20.1 X A 1000", "20.5 A Y 1000.01"),
        missing("dormant-awakened", "20.1 X A 1000", "20.5 A Y 800"),
        fires(
            "bust-out",
            "0.1 A S 10",
            "1.1 A S 10",
            "2.1 A S 10",
            "3.1 A S 10",
            "4.1 A S 10",
            "5.1 A S 10",
            "9.1 A P 600",
            "9.2 A Q 600",
            "9.3 A R 600"),
        not(
            "bust-out",
            "0.1 A S 10",
            "1.1 A S 10",
            "2.1 A S 10",
            "3.1 A S 10",
            "4.1 A S 10",
            "5.1 A S 10",
            "9.1 A P 600",
            "9.2 A Q 399.99",
            "9.3 A R 600"),
        missing("bust-out", "9.1 A P 600", "9.2 A Q 600", "9.3 A R 600"));
  }

  private static List<Case> marks() {
    String d = " d7 " + CARD;
    return List.of(
        fires(
            "card-testing", "0.10 A S 2" + d, "0.10 A T 2" + d, "0.10 A S 2" + d, "0.10 A T 2" + d),
        not(
            "card-testing",
            "0.10 A S 2" + d,
            "0.10 A T 2" + d,
            "0.10 A S 2" + d,
            "0.10 A T 10.01" + d),
        missing(
            "card-testing", "0.8 A S 2" + d, "0.10 A T 2" + d, "0.10 A S 2" + d, "0.10 A T 2" + d),
        fires("device-shared", "0.1 A X 200 d1", "0.2 B X 200 d1", "0.3 C X 200 d1"),
        not("device-shared", "0.1 A X 200 d1", "0.2 A X 200 d1", "0.3 B X 200 d1"),
        missing("device-shared", "0.1 A X 200", "0.2 B X 200", "0.3 C X 200 d1"));
  }

  private static String csv(String... payments) {
    var csv = new StringBuilder(HEAD);
    for (int i = 0; i < payments.length; i++) {
      String[] words = payments[i].split(" ");
      String[] time = words[0].split("\\.");
      // A minute apart, so that two of one hour have an order.
      OffsetDateTime at =
          START
              .plus(Duration.ofDays(Integer.parseInt(time[0])))
              .plus(Duration.ofHours(Integer.parseInt(time[1])))
              .plusMinutes(i);
      String device = words.length > 4 ? words[4] : "";
      String card = words.length > 5 ? words[5] : "";
      csv.append("P" + i).append(',').append(at).append(",bank-").append(i % 2 == 0 ? "a" : "b");
      csv.append(',').append(words[1]).append(',').append(words[2]).append(',').append(words[3]);
      csv.append(',').append(device).append(',').append(card).append(",0\n");
    }
    return csv.toString();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void flags(Case rows) throws IOException {
    SimulationReport report =
        Simulation.run(
            PACK,
            Folders.mapping(Folders.shipped("network").resolve("mapping.yaml")),
            new StringReader(csv(rows.payments())),
            rows.toString(),
            unused -> {});
    assertThat(report.refused()).isZero();
    Map<String, Long> flagged =
        report.rules().stream()
            .collect(
                Collectors.toMap(
                    SimulationReport.RuleReport::rule, SimulationReport.RuleReport::flagged));
    assertThat(flagged.get(rows.rule())).isEqualTo(rows.flagged());
  }

  @Test
  void everyRuleHasItsThreeCases() {
    Map<String, Long> cases =
        cases().collect(Collectors.groupingBy(Case::rule, Collectors.counting()));
    assertThat(cases.keySet())
        .containsExactlyInAnyOrderElementsOf(PACK.rules().stream().map(Rule::name).toList());
    assertThat(cases.values()).allMatch(count -> count == 3);
    assertThat(PACK.warnings()).isEmpty();
  }
}
