package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A small history of two cycles, two hubs and others, of which all that is found is known. */
class LiftCommandTest {
  private static final String HEAD =
      "payment_id,booked_at,bank,payer_account,payee_account,payee_bank,amount,device,card,"
          + "is_fraud,typology,pattern_id";
  private static final OffsetDateTime START = OffsetDateTime.parse("2026-02-01T00:00:00Z");
  private static final int TUNE_DAYS = 10;

  @TempDir private Path folder;

  private final List<String> lines = new ArrayList<>(List.of(HEAD));

  /** A payment on a day; an account's first letter names its bank. */
  private void pay(int day, String payer, String payee, String amount, String pattern, int id) {
    lines.add(
        String.join(
            ",",
            "P" + lines.size(),
            START.plusDays(day).plusMinutes(lines.size()).toString(),
            "bank-" + payer.charAt(0),
            payer.toUpperCase(Locale.ROOT),
            payee.toUpperCase(Locale.ROOT),
            "bank-" + payee.charAt(0),
            amount,
            "",
            "",
            pattern.isEmpty() ? "0" : "1",
            pattern,
            pattern.isEmpty() ? "" : "" + id));
  }

  private Path history() throws IOException {
    for (int attempt = 0; attempt < 2; attempt++) {
      int day = attempt * TUNE_DAYS;
      pay(day, "a1", "b1", "20", "", 0);
      String[] ring = {"a" + (3 + attempt), "b" + (3 + attempt), "c3", "d" + (3 + attempt)};
      for (int hop = 0; hop < 4; hop++) {
        pay(day + hop, ring[hop], ring[(hop + 1) % 4], "90", "cycle", attempt);
      }
      for (int payer = 0; payer < 10; payer++) {
        pay(day + 5, "b" + (20 + payer), "c" + (8 + attempt), "300", "fan_in", attempt);
      }
      pay(day + 8, "b1", "a1", "20", "", 0);
    }
    return Files.write(folder.resolve("history.csv"), lines);
  }

  private Command lift(Object... more) throws IOException {
    List<Object> args =
        new ArrayList<>(
            List.of("lift", "network", "--history", history(), "--tune-days", TUNE_DAYS));
    args.addAll(List.of(more));
    return Command.run(args.toArray());
  }

  @Test
  void findsTogetherWhatNoBankFindsAlone() throws IOException {
    Command command = lift("--json", "--alerts", 20);
    assertThat(command.err()).contains("evaluating all rows together");
    assertThat(command.status()).isEqualTo(Concordat.DONE);
    JsonNode report = new ObjectMapper().readTree(command.out());
    assertThat(report.get("rows").asInt()).isEqualTo(lines.size() - 1);
    JsonNode cycle = report.get("patterns").get(0);
    assertThat(cycle.get("pattern").asText()).isEqualTo("cycle");
    assertThat(cycle.get("instances").asInt()).isEqualTo(1);
    assertThat(cycle.get("pooled").get("rule").asText()).isEqualTo("cycle");
    assertThat(cycle.get("pooled").get("limit").asInt()).isEqualTo(4);
    assertThat(cycle.get("pooled").get("found").asInt()).isEqualTo(1);
    assertThat(cycle.get("pooled").get("alerts").asInt()).isEqualTo(4);
    assertThat(cycle.get("pooled").get("frauds").asInt()).isEqualTo(4);
    assertThat(cycle.get("pooled").get("foundAtOnce").asInt()).isZero();
    assertThat(cycle.get("bestBank").get("found").asInt()).isZero();
    JsonNode fanIn = report.get("patterns").get(1);
    assertThat(fanIn.get("pooled").get("found").asInt()).isEqualTo(1);
    assertThat(fanIn.get("bestBank").get("found").asInt()).isEqualTo(1);
    JsonNode gains = report.get("gains");
    int more = 0;
    for (JsonNode gain : gains) {
      more += gain.get("moreFrauds").asInt();
    }
    assertThat(more).isEqualTo(4);
  }

  @Test
  void writesATableAndAPage() throws IOException {
    Path csv = folder.resolve("lift.csv");
    Path html = folder.resolve("lift.html");
    Command command = lift("--csv", csv, "--html", html);
    assertThat(command.out()).contains("cycle", "pooled = consortium", "you would not have had");
    // A line for each of two patterns, for all together and each of four banks.
    assertThat(Files.readAllLines(csv)).hasSize(1 + 2 * 5);
    assertThat(Files.readString(html))
        .startsWith("<!DOCTYPE html>")
        .contains("<svg")
        .doesNotContain("src=", "href=", "@import", "url(");
  }

  @Test
  void flagsOnSharesAreThoseInPlain() throws IOException {
    Command command = lift("--on-shares", 1_000);
    assertThat(command.status()).isEqualTo(Concordat.DONE);
    assertThat(command.out())
        .contains("on shares: the first " + (lines.size() - 1) + " rows")
        .containsPattern("of [1-9][0-9]* flags none differs");
  }

  @ParameterizedTest
  @CsvSource({
    "--on-shares,-1,--on-shares takes a number of rows",
    "--alerts,0,--alerts takes 1 to",
    "--tune-days,0,--tune-days takes 1 to",
    "--tune-days,400,none is left to score",
    "--samples,100001,--samples takes 1 to",
    "--pattern,typo,There is no column 'typo'",
    "--payee-bank,bonk,There is no column 'bonk'"
  })
  void saysWhatIsWrong(String option, String value, String message) throws IOException {
    Command command = Command.run("lift", "network", "--history", history(), option, value);
    assertThat(command.status()).isEqualTo(Concordat.INVALID);
    assertThat(command.err()).contains(message);
  }

  @Test
  void refusesARuleSetThatLinksNothing() throws IOException {
    Command command = Command.run("lift", "transfers", "--history", history());
    assertThat(command.status()).isEqualTo(Concordat.INVALID);
    assertThat(command.err()).contains("The rule set links nothing");
  }
}
