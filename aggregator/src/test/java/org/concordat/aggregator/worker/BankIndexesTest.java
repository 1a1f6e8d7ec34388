package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.record.Id128;
import org.concordat.schemas.record.LinkSnapshot;
import org.junit.jupiter.api.Test;

class BankIndexesTest {
  @Test
  void banksThatLeftShareTheLastNumberWhereNoneIsFree() {
    var some = new BankIndexes(List.of("bank-a", "bank-b"));
    assertThat(List.of(some.of("gone"), some.of("bank-b"), some.of("left")))
        .containsExactly(2, 1, 3);
    List<String> many = IntStream.range(0, LinkSpec.BANKS_MAX).mapToObj(i -> "bank-" + i).toList();
    var full = new BankIndexes(many);
    assertThat(List.of(full.of("bank-127"), full.of("gone"), full.of("left")))
        .containsExactly(127, 127, 127);
  }

  private static LinkSnapshot snapshot(int members, String... banks) {
    return new LinkSnapshot(1, new Id128(new byte[16]), 0L, 0L, 0L, 1, List.of(banks), members);
  }

  @Test
  void anEpochThatIsRememberedAgainNumbersThoseThatHaveLeft() {
    var indexes = new BankIndexes(List.of("bank-a", "bank-b"));
    assertThat(indexes.of("earlier")).isEqualTo(2);
    indexes.begin(List.of("bank-a", "bank-b", "gone", "left"));
    assertThat(List.of(indexes.of("left"), indexes.of("gone"))).containsExactly(3, 2);
    assertThat(indexes.names()).containsExactly("bank-a", "bank-b", "gone", "left");
    indexes.begin(List.of());
    assertThat(indexes.names()).containsExactly("bank-a", "bank-b");
  }

  @Test
  void aSnapshotIsOfTheSameMembersInTheSamePlaces() {
    var indexes = new BankIndexes(List.of("bank-a", "bank-b"));
    assertThat(indexes.areOf(snapshot(2, "bank-a", "bank-b"))).isTrue();
    assertThat(indexes.areOf(snapshot(2, "bank-a", "bank-b", "gone"))).isTrue();
    // A member has left, joined, or changed its place; or one that had left is back.
    assertThat(indexes.areOf(snapshot(3, "bank-a", "bank-b", "bank-c"))).isFalse();
    assertThat(indexes.areOf(snapshot(1, "bank-a"))).isFalse();
    assertThat(indexes.areOf(snapshot(2, "bank-b", "bank-a"))).isFalse();
    assertThat(indexes.areOf(snapshot(1, "bank-a", "bank-b"))).isFalse();
  }
}
