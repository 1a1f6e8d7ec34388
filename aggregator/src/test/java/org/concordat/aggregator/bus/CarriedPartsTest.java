package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.concordat.rules.link.CarriedTable;
import org.junit.jupiter.api.Test;

/** By what the tables of an attempt are found again. */
class CarriedPartsTest {
  private static CarriedTable table(int minute, int banks, long[][][] words) {
    return new CarriedTable(minute, banks, new long[words[0][0].length], words);
  }

  @Test
  void tablesOfTheSameWordsInOtherDimensionsHaveOtherHashes() {
    long[][][] twoComponents = {{{1}}, {{2}}};
    long[][][] twoWords = {{{1}, {2}}};
    long[][][] empty = {{{}}};
    List<List<CarriedTable>> all =
        List.of(
            List.of(table(5, 3, twoComponents)),
            List.of(table(6, 3, twoComponents)),
            List.of(table(5, 4, twoComponents)),
            List.of(table(5, 3, twoWords)),
            // A row of the pseudonyms 0 and 1 for one of 0, whose word is 1.
            List.of(new CarriedTable(5, 3, new long[] {0, 1}, new long[][][] {{{2, 3}}})),
            List.of(new CarriedTable(5, 3, new long[] {0}, new long[][][] {{{1}, {2}, {3}}})),
            List.of(),
            List.of(table(5, 3, empty)),
            List.of(table(5, 3, empty), table(5, 3, empty)));
    assertThat(all.stream().map(CarriedParts::digest).distinct()).hasSize(all.size());
    assertThat(Stream.of(5, 5).map(minute -> table(minute, 3, twoWords)).map(List::of))
        .extracting(CarriedParts::digest)
        .containsOnly(CarriedParts.digest(List.of(table(5, 3, twoWords))));
  }
}
