package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MemberBudgetTest {
  @Test
  void earlierRecordsGetHalfOfTheCapAtMost() {
    var budget = new MemberBudget(5, Map.of());
    assertThat(budget.take("ring", "bank-a")).isTrue();
    assertThat(budget.take("ring", "bank-a")).isTrue();
    assertThat(budget.take("ring", "bank-a")).isFalse();
    assertThat(budget.take("ring", "bank-b")).as("another bank").isTrue();
    assertThat(budget.take("chain", "bank-a")).as("another rule").isTrue();
    assertThat(budget.taken())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "bank-a/ring/members", 2L,
                "bank-b/ring/members", 1L,
                "bank-a/chain/members", 1L));
  }

  @Test
  void theBanksOwnFlagsAreNoneOfThem() {
    var budget = new MemberBudget(4, Map.of("bank-a/ring", 4L, "bank-a/ring/members", 1L));
    assertThat(budget.take("ring", "bank-a")).isTrue();
    assertThat(budget.take("ring", "bank-a")).isFalse();
    assertThat(new MemberBudget(1, Map.of()).take("ring", "bank-a")).as("one at least").isTrue();
    assertThat(new MemberBudget(0, Map.of()).take("ring", "bank-a")).isFalse();
  }
}
