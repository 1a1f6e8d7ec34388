package org.concordat.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Set;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatchUpTest {
  @TempDir private Path data;

  private AgentStore store;

  @BeforeEach
  void open() {
    store = TestStores.open(data);
    seal(0);
    seal(1);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void seal(long sequence) {
    store.commit(
        TestStores.spool(
            new StoreGroup(), new BlockPosition(0, sequence), TestStores.row(sequence, 0)));
  }

  private CatchUp restart() {
    store.close();
    store = TestStores.open(data);
    return new CatchUp(store, 2);
  }

  @Test
  void whatAProcessSealsThatSendsNothingIsUnsentForTheNextToo() {
    assertThat(new CatchUp(store, 2).unsentFrom(0)).isEqualTo(2);
    seal(2);
    CatchUp second = restart();
    assertThat(second.unsentFrom(0)).isEqualTo(2);
    assertThat(second.unsentFrom(1)).isZero();
    second.done(Set.of(0, 1));
    assertThat(second.unsentFrom(0)).as("for words from before").isEqualTo(2);
    assertThat(restart().unsentFrom(0)).isEqualTo(3);
  }

  @Test
  void eachPartitionIsDoneByItself() {
    long[] nanos = {Long.MAX_VALUE};
    var catchUp = new CatchUp(store, 2, () -> nanos[0]);
    catchUp.done(Set.of(1));
    assertThat(catchUp.isDone(0)).isFalse();
    assertThat(catchUp.isDone(1)).isTrue();
    nanos[0] += CatchUp.OVERDUE_NANOS - 1;
    assertThat(catchUp.overdue()).isEmpty();
    nanos[0]++;
    assertThat(catchUp.overdue()).containsExactly(0);
    seal(2);
    assertThat(restart().unsentFrom(0))
        .as("of a process that was done with the other")
        .isEqualTo(2);
  }
}
