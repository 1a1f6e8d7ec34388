package org.concordat.ops.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.concordat.schemas.record.Topics;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DiskBoundTest {
  private static final Topics TOPICS = new Topics("eu.pilot-test.");
  private static final String SHARES_A = TOPICS.shares("bank-a", "agg-1");
  private static final String SHARES_B = TOPICS.shares("bank-b", "agg-1");
  private static final String OWN_A = TOPICS.prefix() + "bank.bank-a.alerts";

  /** Of which a bank of two has 250 for blocks, and 125 for topics of its own. */
  private final DiskBound bound = new DiskBound(1_000, TOPICS.prefix());

  private final Map<String, Long> bytes = new HashMap<>();

  @BeforeEach
  void empty() {
    for (String bank : List.of("bank-a", "bank-b")) {
      bytes.put(TOPICS.shares(bank, "agg-1"), 0L);
      bytes.put(TOPICS.shares(bank, "agg-2"), 0L);
      bytes.put(TOPICS.sessions(bank), 0L);
      bytes.put(TOPICS.models(bank), 0L);
    }
  }

  private void has(String topic, long now) {
    bytes.put(topic, now);
    bound.measured(bytes);
  }

  @Test
  void beforeAnythingIsMeasuredNothingIsRefused() {
    assertThat(bound.refuses(SHARES_A)).isFalse();
  }

  @Test
  void aBankThatFillsItsPartIsStoppedAlone() {
    has(SHARES_A, 200);
    has(TOPICS.sessions("bank-a"), 50);
    assertThat(bound.refuses(SHARES_A)).isFalse();
    has(TOPICS.sessions("bank-a"), 51);
    assertThat(bound.refuses(SHARES_A)).isTrue();
    assertThat(bound.refuses(TOPICS.shares("bank-a", "agg-2"))).isTrue();
    assertThat(bound.refuses(TOPICS.sessions("bank-a"))).isTrue();
    assertThat(bound.refuses(TOPICS.models("bank-a"))).as("has a part of its own").isFalse();
    assertThat(bound.refuses(OWN_A)).as("its alerts").isFalse();
    assertThat(bound.refuses(SHARES_B)).isFalse();
    assertThat(bound.refuses(TOPICS.sessions("bank-b"))).isFalse();
  }

  @Test
  void itGoesOnWhenThereIsSomeRoom() {
    has(SHARES_A, 251);
    has(SHARES_A, 223);
    assertThat(bound.refuses(SHARES_A)).as("more than 8 of 9 parts").isTrue();
    has(SHARES_A, 222);
    assertThat(bound.refuses(SHARES_A)).isFalse();
    has(SHARES_A, 250);
    assertThat(bound.refuses(SHARES_A)).isFalse();
  }

  @Test
  void itsOwnTopicsAreBoundedToo() {
    has(TOPICS.models("bank-a"), 100);
    has(OWN_A, 25);
    assertThat(bound.refuses(OWN_A)).isFalse();
    has(OWN_A, 26);
    assertThat(bound.refuses(OWN_A)).isTrue();
    assertThat(bound.refuses(TOPICS.models("bank-a"))).isTrue();
    assertThat(bound.refuses(SHARES_A)).isFalse();
  }

  /** By unusable sessions and blocks a bank makes aggregators write receipts, for 90 days. */
  @Test
  void whatAggregatorsWriteForOneBankIsInItsPartAndNotRefused() {
    has(SHARES_A, 200);
    has(TOPICS.alerts("bank-a"), 30);
    has(TOPICS.receipts("bank-a"), 20);
    assertThat(bound.refuses(SHARES_A)).isFalse();
    has(TOPICS.receipts("bank-a"), 21);
    assertThat(bound.refuses(SHARES_A)).isTrue();
    assertThat(bound.refuses(TOPICS.sessions("bank-a"))).isTrue();
    assertThat(bound.refuses(TOPICS.alerts("bank-a"))).isFalse();
    assertThat(bound.refuses(TOPICS.receipts("bank-a"))).isFalse();
    assertThat(bound.refuses(SHARES_B)).isFalse();
    has(TOPICS.receipts("bank-b"), 251);
    assertThat(bound.refuses(SHARES_B)).isTrue();
    assertThat(bound.refuses(TOPICS.receipts("bank-b"))).isFalse();
  }

  @Test
  void whateverFillsTheDiskStopsAllBanksAndNoAggregator() {
    has("someone.elses", 500);
    has(TOPICS.links("agg-1"), 400);
    assertThat(bound.refuses(SHARES_A)).isFalse();
    has(TOPICS.links("agg-1"), 401);
    assertThat(bound.refuses(SHARES_A)).isTrue();
    assertThat(bound.refuses(SHARES_B)).isTrue();
    assertThat(bound.refuses(TOPICS.models("bank-b"))).as("what is sealed goes first").isFalse();
    has(TOPICS.links("agg-1"), 451);
    assertThat(bound.refuses(TOPICS.models("bank-b"))).isTrue();
    for (String topic :
        List.of(
            TOPICS.keys(),
            TOPICS.workers(),
            TOPICS.cuts(),
            TOPICS.alerts("bank-a"),
            TOPICS.receipts("bank-a"),
            TOPICS.votes("agg-1"),
            TOPICS.links("agg-1"),
            TOPICS.state("agg-1"),
            "someone.elses")) {
      assertThat(bound.refuses(topic)).as(topic).isFalse();
    }
    has(TOPICS.links("agg-1"), 290);
    assertThat(bound.refuses(SHARES_A)).isFalse();
    assertThat(bound.refuses(TOPICS.models("bank-b"))).isFalse();
  }

  @Test
  void topicsOfAnotherConsortiumHaveNoPart() {
    String others = "eu.pilot.shares.bank-a.agg-1";
    has(others, 800);
    assertThat(bound.refuses(others)).isFalse();
    has(others, 1_800);
    assertThat(bound.refuses(others)).isFalse();
    assertThat(bound.refuses(SHARES_A)).isTrue();
  }
}
