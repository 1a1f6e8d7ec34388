package org.concordat.ops.simulate.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkSimulatorTest {
  private static final int PAYMENTS = 60_000;

  private static String text(long seed, int payments) throws IOException {
    var text = new StringBuilder();
    new NetworkSimulator(seed, 8, 4_000, 130, payments).write(text);
    return text.toString();
  }

  @Test
  void theSeedDecidesEveryByte() throws IOException {
    assertThat(text(3, 2_000)).isEqualTo(text(3, 2_000)).isNotEqualTo(text(4, 2_000));
  }

  @Test
  void writesPaymentsInOrderOverAllDaysBetweenValidAccounts() throws IOException {
    List<String[]> rows = text(1, PAYMENTS).lines().map(line -> line.split(",", -1)).toList();
    assertThat(rows.getFirst()).containsExactly(NetworkSimulator.COLUMNS.toArray(new String[0]));
    List<String[]> payments = rows.subList(1, rows.size());
    assertThat(payments).hasSize(PAYMENTS);
    OffsetDateTime last = OffsetDateTime.parse(payments.getFirst()[1]);
    Set<String> banks = new HashSet<>();
    Set<OffsetDateTime> days = new HashSet<>();
    for (String[] payment : payments) {
      OffsetDateTime at = OffsetDateTime.parse(payment[1]);
      assertThat(at).isAfterOrEqualTo(last);
      last = at;
      days.add(at.toLocalDate().atStartOfDay().atOffset(at.getOffset()));
      banks.add(payment[2]);
      assertThat(payment[3]).isNotEqualTo(payment[4]);
      assertThat(isIban(payment[3]) && isIban(payment[4])).isTrue();
      assertThat(payment[8].isEmpty() || isCard(payment[8])).isTrue();
      assertThat(payment[9].equals("1")).isEqualTo(!payment[10].isEmpty());
    }
    assertThat(days).hasSize(130);
    assertThat(banks).hasSize(8);
    long frauds = payments.stream().filter(payment -> payment[9].equals("1")).count();
    assertThat(frauds).isBetween(1L, PAYMENTS / 1_000L);
  }

  private static boolean isIban(String iban) {
    String moved = iban.substring(4) + "1314" + iban.substring(2, 4);
    return iban.startsWith("DE")
        && new BigInteger(moved).mod(BigInteger.valueOf(97)).intValue() == 1;
  }

  private static boolean isCard(String card) {
    int sum = 0;
    for (int i = 0; i < card.length(); i++) {
      int digit = card.charAt(card.length() - 1 - i) - '0';
      int doubled = i % 2 == 1 ? 2 * digit : digit;
      sum += doubled > 9 ? doubled - 9 : doubled;
    }
    return card.length() == 16 && sum % 10 == 0;
  }

  @ParameterizedTest
  @EnumSource(Typology.class)
  void schemesAreInOrderAndOfTheirShape(Typology typology) {
    var population = new Population(5, 8, 4_000);
    var laundering = new Laundering(population, new SplittableRandom(5));
    for (int pattern = 0; pattern < 50; pattern++) {
      List<Move> moves = laundering.scheme(typology, pattern, 1_000).moves();
      assertThat(moves).hasSizeBetween(2, 24);
      assertThat(moves).allMatch(move -> move.second() >= 1_000 && move.cents() > 0);
      assertThat(moves).allMatch(move -> move.typology().equals(typology.label()));
      Set<Integer> payers = moves.stream().map(Move::payer).collect(Collectors.toSet());
      Set<Integer> payees = moves.stream().map(Move::payee).collect(Collectors.toSet());
      switch (typology) {
        case CYCLE -> {
          assertThat(payers).isEqualTo(payees).hasSize(moves.size()).hasSizeBetween(2, 5);
          for (int hop = 1; hop < moves.size(); hop++) {
            assertThat(moves.get(hop).payer()).isEqualTo(moves.get(hop - 1).payee());
            assertThat((double) moves.get(hop).cents() / moves.get(hop - 1).cents())
                .isBetween(0.89, 1.01);
          }
        }
        case FAN_IN -> assertThat(payees).hasSize(1);
        case FAN_OUT, BUST_OUT, STRUCTURING -> assertThat(payers).hasSize(1);
        case BIPARTITE -> assertThat(payers).doesNotContainAnyElementsOf(payees);
        case DEVICE_SHARED -> assertThat(moves.stream().map(Move::device).distinct()).hasSize(1);
        case CARD_TESTING -> assertThat(moves.stream().map(Move::card).distinct()).hasSize(1);
        case MIRRORING -> assertThat(payers).isEqualTo(payees).hasSize(2);
        case PASS_THROUGH, CHAIN, SCATTER_GATHER, GATHER_SCATTER, STACK, DORMANT_AWAKENED ->
            assertThat(payers).containsAnyElementsOf(payees);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0,1000,60,1", "65,1000,60,1", "8,499,60,1", "8,1000,29,1", "8,1000,60,0"})
  void refusesSizesBeyondItsBounds(int banks, int accounts, int days, long payments) {
    assertThatThrownBy(() -> new NetworkSimulator(1, banks, accounts, days, payments))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
