package org.concordat.agent.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.Tally;
import org.concordat.agent.store.TestStores;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.rules.history.HistoryIds;
import org.concordat.schemas.identity.SymmetricKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptHistoryTest {
  private static final int ROWS = 300;
  private static final int COUNT_1H = 1;
  private static final int FIRST = 6;

  @TempDir Path folder;

  private RuleSet ruleSet;
  private RowEncoder encoder;
  private AgentStore store;
  private KeptHistory kept;
  private HistoryFeatures features;

  @BeforeEach
  void read() throws IOException {
    ruleSet = PastPayments.ruleSet(folder);
    encoder = PastPayments.encoder(ruleSet);
  }

  private void open(Path data, HistoryLimits limits) {
    store = TestStores.open(data);
    kept = new KeptHistory(ruleSet.contract(), store, limits, 2);
    var key = new SymmetricKey(new byte[32]).forAlgorithm("HmacSHA256");
    features = kept.features(ruleSet.contract(), new HistoryIds(key));
  }

  private long[] take(String line, long acceptedMillis, List<KeptHistory.Change> changes) {
    EncodedRow row = PastPayments.encode(encoder, line);
    changes.add(kept.take(features, row, acceptedMillis, true));
    return row.fields();
  }

  private void commit(List<KeptHistory.Change> changes) {
    var group = new StoreGroup();
    changes.forEach(change -> change.addTo(group));
    store.commit(group);
    changes.forEach(KeptHistory.Change::durable);
    changes.clear();
  }

  /** Rows that weren't durable are taken again after a kill, as their source is read again. */
  @Test
  void aKillLeavesTheHistoryOfTheRowsThatAreDurable() {
    long first = Long.getLong("concordat.seed", 1);
    for (long seed = first; seed < first + 4; seed++) {
      List<String> lines = PastPayments.random(seed, ROWS);
      HistoryFeatures whole = HistoryFeatures.inMemory(ruleSet.contract());
      List<long[]> expected = new ArrayList<>();
      for (String line : lines) {
        EncodedRow row = PastPayments.encode(encoder, line);
        whole.take(row, 0, true);
        expected.add(row.fields());
      }
      var random = new SplittableRandom(seed);
      int durable = 0;
      while (durable < ROWS) {
        open(folder.resolve("data" + seed), HistoryLimits.DEFAULT);
        List<KeptHistory.Change> changes = new ArrayList<>();
        int killed = Math.min(ROWS, durable + 1 + random.nextInt(90));
        for (int i = durable; i < killed; i++) {
          assertThat(take(lines.get(i), 0, changes))
              .as("seed %s, row %s", seed, i)
              .isEqualTo(expected.get(i));
          if (random.nextInt(7) == 0 || i == ROWS - 1) {
            commit(changes);
            durable = i + 1;
          }
        }
        store.close();
      }
      open(folder.resolve("data" + seed), HistoryLimits.DEFAULT);
      assertThat(store.history().accounts()).isEqualTo(distinct(lines, 2, 3));
      assertThat(store.history().beneficiaries()).isEqualTo(distinct(lines, 2, 4));
      store.close();
    }
  }

  private static long distinct(List<String> lines, int from, int to) {
    return lines.stream()
        .map(line -> List.of(line.split(",")).subList(from, to))
        .distinct()
        .count();
  }

  @Test
  void namesOfAccountsAreNowhereInTheStore() throws IOException {
    Path data = folder.resolve("data");
    open(data, HistoryLimits.DEFAULT);
    List<KeptHistory.Change> changes = new ArrayList<>();
    PastPayments.random(1, 50).forEach(line -> take(line, 0, changes));
    commit(changes);
    store.close();
    try (var files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(text.contains("ACCOUNT-") || text.contains("PAYEE-")).as("%s", file).isFalse();
      }
    }
  }

  @Test
  void atTheBoundWhatIsNewStaysNewAndIsCounted() {
    open(folder.resolve("data"), new HistoryLimits(1, 2));
    List<KeptHistory.Change> changes = new ArrayList<>();
    take("1,1000,A,X,1", 0, changes);
    take("2,1001,A,Y,1", 0, changes);
    assertThat(take("3,1002,B,X,1", 0, changes)[COUNT_1H]).isZero();
    assertThat(take("4,1003,B,X,1", 0, changes)[COUNT_1H]).as("no room for B").isZero();
    assertThat(take("5,1004,A,Z,1", 0, changes)[FIRST]).isEqualTo(1);
    long[] again = take("6,1005,A,Z,1", 0, changes);
    assertThat(again[FIRST]).as("no room for Z").isEqualTo(1);
    assertThat(again[COUNT_1H]).as("A goes on").isEqualTo(3);
    take("7,7000000000,A,X,1", 0, changes);
    commit(changes);
    assertThat(store.tally(Tally.HISTORY_FULL)).isEqualTo(4);
    assertThat(store.tally(Tally.HISTORY_AHEAD)).isEqualTo(1);
    assertThat(store.history().accounts()).isEqualTo(1);
    assertThat(kept.fillRatio()).isEqualTo(1);
    store.close();
  }

  @Test
  void whatIsBeyondTheHorizonMakesRoom() {
    long horizon = HistoryFeatures.HORIZON.toMillis();
    open(folder.resolve("data"), new HistoryLimits(3, 3));
    List<KeptHistory.Change> changes = new ArrayList<>();
    take("1,1000,A,X,1", 0, changes);
    take("2,1000,B,X,1", 5, changes);
    commit(changes);
    take("3,1000,C,X,1", 0, changes);
    assertThat(kept.expire(horizon, 100)).isZero();
    // C isn't durable: what isn't in the store can't be taken from it.
    assertThat(kept.expire(horizon + 1, 100)).isEqualTo(2);
    commit(changes);
    assertThat(store.history().accounts()).isEqualTo(2);
    assertThat(store.history().beneficiaries()).isEqualTo(2);
    // One a time is enough: the next call goes on where this one ended.
    int forgotten = 0;
    for (int i = 0; i < 3; i++) {
      forgotten += kept.expire(horizon + 6, 1);
    }
    assertThat(forgotten).isEqualTo(4);
    assertThat(take("4,1001,A,X,1", horizon + 6, changes)[FIRST]).isEqualTo(1);
    commit(changes);
    store.close();
    open(folder.resolve("data"), new HistoryLimits(3, 3));
    assertThat(store.history().accounts()).isEqualTo(1);
    store.close();
  }
}
