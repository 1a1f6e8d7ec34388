package org.concordat.ops.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaymentSimulatorTest {
  private static final long SEED = 7;
  private static final int ROWS = 60_000;
  private static final Set<String> FRAUDS =
      Set.of("account-takeover", "mule-pass-through", "card-testing", "app-scam", "structuring");

  private static String text(long seed, int banks, long payments) throws IOException {
    var text = new StringBuilder();
    new PaymentSimulator(seed, banks).writeAll(payments, text);
    return text.toString();
  }

  private static List<CSVRecord> rows(String text) throws IOException {
    var format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
    return format.parse(new StringReader(text)).getRecords();
  }

  /** One of the first columns of many rows. */
  private static Stream<String> column(String text, String name) {
    int at = PaymentSimulator.COLUMNS.indexOf(name);
    return text.lines().skip(1).map(line -> line.split(",", at + 2)[at]);
  }

  @Test
  void theSeedDecidesEveryByte() throws IOException {
    assertThat(text(SEED, 3, 2_000)).isEqualTo(text(SEED, 3, 2_000));
    assertThat(text(SEED, 3, 2_000)).isNotEqualTo(text(SEED + 1, 3, 2_000));
  }

  @Test
  void theFilesOfTheBanksHoldTheSamePayments(@TempDir Path folder) throws IOException {
    PaymentSimulator.writeFiles(SEED, 3, 2_000, bank -> folder.resolve(bank + ".csv"));
    String head = String.join(",", PaymentSimulator.COLUMNS);
    List<String> lines = new ArrayList<>();
    for (String bank : List.of("bank-a", "bank-b", "bank-c")) {
      List<String> file = Files.readAllLines(folder.resolve(bank + ".csv"));
      assertThat(file.getFirst()).isEqualTo(head);
      assertThat(file.subList(1, file.size()))
          .isNotEmpty()
          .allMatch(line -> line.split(",")[2].equals(bank));
      lines.addAll(file.subList(1, file.size()));
    }
    List<String> all = text(SEED, 3, 2_000).lines().skip(1).toList();
    assertThat(all).hasSize(2_000);
    assertThat(lines).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void everyCellIsInItsRange() throws IOException {
    String text = text(SEED, 5, 20_000);
    assertThat(text.lines().findFirst()).contains(String.join(",", PaymentSimulator.COLUMNS));
    for (CSVRecord row : rows(text)) {
      assertThat(row.size()).isEqualTo(PaymentSimulator.COLUMNS.size());
      assertThat(row.get("bank")).matches("bank-[a-e]");
      assertThat(row.get("creditor_bank")).matches("bank-[a-e]");
      assertThat(new BigDecimal(row.get("amount"))).isPositive().hasScaleOf(2);
      assertThat(row.get("currency")).isIn("EUR", "USD", "GBP", "SEK");
      assertThat(row.get("channel")).isIn("web", "app", "branch", "phone", "api");
      assertThat(row.get("payment_type"))
          .isIn("credit-transfer", "instant", "standing-order", "card", "cash");
      assertThat(row.get("creditor_country")).matches("[A-Z]{2}");
      assertThat(Integer.parseInt(row.get("account_age_days"))).isBetween(0, 20_000);
      assertThat(row.get("payee_known")).matches("[01]");
      assertThat(row.get("device_new")).matches("[01]");
      assertThat(Integer.parseInt(row.get("failed_logins_24h"))).isBetween(0, 50);
      assertThat(Integer.parseInt(row.get("days_since_last_payment"))).isBetween(0, 5_000);
      assertThat(row.get("merchant_category"))
          .matches(row.get("payment_type").equals("card") ? "[0-9]{4}" : "");
      assertThat(row.get("fraud_type").isEmpty()).isEqualTo(row.get("is_fraud").equals("0"));
    }
  }

  @Test
  void threeInAThousandAreFraudOfFiveKinds() throws IOException {
    Map<String, Integer> kinds = new HashMap<>();
    for (CSVRecord row : rows(text(SEED, 4, ROWS))) {
      if (row.get("is_fraud").equals("1")) {
        kinds.merge(row.get("fraud_type"), 1, Integer::sum);
      }
    }
    assertThat(kinds.keySet()).isEqualTo(FRAUDS);
    assertThat(kinds.values()).allMatch(count -> count >= 15);
    int frauds = kinds.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(frauds / (double) ROWS).isBetween(0.002, 0.004);
  }

  @Test
  void paymentsComeInTheOrderOfBookingInTheRhythmOfDayAndWeek() throws IOException {
    List<OffsetDateTime> times =
        column(text(SEED, 2, 144_000), "booked_at").map(OffsetDateTime::parse).toList();
    assertThat(times).isSorted();
    Map<Integer, Long> byWeekday =
        times.stream()
            .collect(
                Collectors.groupingBy(
                    time -> time.getDayOfWeek().getValue(), Collectors.counting()));
    assertThat(byWeekday).hasSize(7);
    assertThat(byWeekday.get(7)).isLessThan(byWeekday.get(3) / 2);
    long night = times.stream().filter(time -> time.getHour() < 5).count();
    long noon = times.stream().filter(time -> time.getHour() >= 10 && time.getHour() < 15).count();
    assertThat(night).isLessThan(noon / 4);
  }

  @Test
  void paymentIdsAreUnique() throws IOException {
    Set<String> ids = new HashSet<>();
    for (CSVRecord row : rows(text(SEED, 3, 30_000))) {
      assertThat(ids.add(row.get("payment_id"))).isTrue();
    }
  }

  @Test
  void accountsHaveRightCheckDigitsAndStayAtTheirBank() throws IOException {
    Map<String, String> banks = new HashMap<>();
    for (CSVRecord row : rows(text(SEED, 3, 5_000))) {
      for (String party : List.of("debtor_account", "creditor_account")) {
        String bank = row.get(party.equals("debtor_account") ? "bank" : "creditor_bank");
        assertThat(remainder(row.get(party))).isEqualTo(1);
        assertThat(banks.merge(row.get(party), bank, (a, b) -> a)).isEqualTo(bank);
      }
    }
  }

  /** ISO 13616: the first four characters behind the others, letters as 10 to 35, modulo 97. */
  private static int remainder(String iban) {
    assertThat(iban).matches("DE[0-9]{20}");
    String digits =
        (iban.substring(4) + iban.substring(0, 4))
            .chars()
            .mapToObj(c -> Integer.toString(Character.digit(c, 36)))
            .collect(Collectors.joining());
    return new BigInteger(digits).mod(BigInteger.valueOf(97)).intValue();
  }

  /** What is kept is a day: the target never waits for more than that. */
  @Test
  void writesWhileItGoes() {
    class Full extends IOException {
      private static final long serialVersionUID = 1;
    }
    int[] lines = {0};
    Appendable target =
        new Appendable() {
          @Override
          public Appendable append(CharSequence text) throws IOException {
            if (text.toString().endsWith("\n") && ++lines[0] == 10) {
              throw new Full();
            }
            return this;
          }

          @Override
          public Appendable append(CharSequence text, int start, int end) throws IOException {
            return append(text.subSequence(start, end));
          }

          @Override
          public Appendable append(char c) throws IOException {
            return append(String.valueOf(c));
          }
        };
    assertThatThrownBy(() -> new PaymentSimulator(SEED, 3).writeAll(Long.MAX_VALUE, target))
        .isInstanceOf(Full.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, PaymentSimulator.BANKS_MAX + 1})
  void theNumberOfBanksHasBounds(int banks) {
    assertThatThrownBy(() -> new PaymentSimulator(SEED, banks))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theMostBanksAllPay() throws IOException {
    Set<String> banks =
        column(text(SEED, PaymentSimulator.BANKS_MAX, 100_000), "bank").collect(Collectors.toSet());
    assertThat(banks).hasSize(PaymentSimulator.BANKS_MAX).allMatch(n -> n.matches("[a-z0-9-]+"));
  }
}
