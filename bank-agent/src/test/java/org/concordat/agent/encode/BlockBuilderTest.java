package org.concordat.agent.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.SourcePosition;
import org.concordat.agent.store.Tally;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BlockBuilderTest {
  private static final long LINGER = TimeUnit.MILLISECONDS.toNanos(5);

  private final AtomicLong nanos = new AtomicLong();
  private final BlockBuilder builder = new BlockBuilder(2, 4, LINGER, nanos::get);
  private long rows;

  private void accept(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      rows++;
      builder.accept(TestStores.row(rows, rows), Attached.NOTHING);
    }
  }

  /** What can be taken without waiting, as partition and number of rows. */
  private List<String> take(boolean idle) throws InterruptedException {
    var units = builder.take(partition -> idle, 0);
    var texts = new ArrayList<String>();
    for (Unit unit : units) {
      texts.add(unit.partition + ":" + unit.rows.size());
    }
    builder.spooled(units);
    return texts;
  }

  private static Bookmark bookmark(String name, long offset) {
    return new Bookmark(name, group -> group.source(name, new SourcePosition(offset, 0, 0, "")));
  }

  @Test
  void aFullBlockIsClosedAtOnceAndPartitionsTakeTurns() throws InterruptedException {
    accept(3);
    assertThat(take(false)).isEmpty();
    accept(1);
    assertThat(take(false)).containsExactly("0:4");
    accept(9);
    assertThat(take(false)).containsExactly("1:4", "0:4");
  }

  @Test
  void anOpenBlockIsClosedAfterTheLingerTimeIfThePreviousIsAcknowledged()
      throws InterruptedException {
    accept(1);
    nanos.set(LINGER - 1);
    assertThat(take(true)).as("too young").isEmpty();
    nanos.set(LINGER);
    assertThat(take(false)).as("the previous one is under way").isEmpty();
    accept(1);
    assertThat(take(true)).containsExactly("0:2");
    assertThat(take(true)).isEmpty();
  }

  @Test
  void whoWaitsForAnAcknowledgementDoesNotWaitForBrokers() throws InterruptedException {
    builder.accept(TestStores.row(1, 1), new Attached(null, null, new Nobody()));
    nanos.set(BlockBuilder.AWAITED_NANOS - 1);
    assertThat(take(false)).isEmpty();
    nanos.set(BlockBuilder.AWAITED_NANOS);
    assertThat(take(false)).containsExactly("0:1");
    accept(1);
    nanos.set(3 * BlockBuilder.AWAITED_NANOS);
    assertThat(take(false)).as("nobody waits").isEmpty();
  }

  private static final class Nobody implements Acknowledgement {
    @Override
    public void decided(Outcome outcome) {}

    @Override
    public void durable() {}
  }

  @Test
  void aBlockThatIsNotDurableYetCountsAsUnderWay() throws InterruptedException {
    var single = new BlockBuilder(1, 2, LINGER, nanos::get);
    single.accept(TestStores.row(1, 1), Attached.NOTHING);
    single.accept(TestStores.row(2, 2), Attached.NOTHING);
    var first = single.take(p -> true, 0);
    single.accept(TestStores.row(3, 3), Attached.NOTHING);
    nanos.set(2 * LINGER);
    assertThat(single.take(p -> true, 0)).isEmpty();
    single.spooled(first);
    assertThat(single.take(p -> true, 0)).hasSize(1);
  }

  @Test
  void refusalsAndDuplicatesMoveThePositionWithoutABlock() throws InterruptedException {
    var letter = new DeadLetter(Place.of("a"), Code.CDT_303, "r", "f", new byte[0], 0);
    builder.refuse(letter, new Attached(bookmark("a", 100), null, null));
    builder.duplicate(new Attached(bookmark("b", 150), null, null));
    Bookmark last = bookmark("a", 200);
    builder.duplicate(new Attached(last, null, null));
    nanos.set(LINGER);
    var units = builder.take(p -> false, 0);
    assertThat(units).hasSize(1);
    Unit unit = units.getFirst();
    assertThat(unit.rows).isEmpty();
    assertThat(unit.letters).containsExactly(letter);
    assertThat(unit.bookmarks).as("the last of each name").hasSize(2);
    assertThat(unit.bookmarks.get("a")).isSameAs(last);
    assertThat(unit.tallies)
        .containsEntry(new Tally(Tally.Outcome.REFUSED, "CDT-303"), 1L)
        .containsEntry(Tally.of(Tally.Outcome.DUPLICATE), 2L);
    accept(4);
    assertThat(take(true)).as("no partition was used up").containsExactly("0:4");
  }

  @Test
  void manyRefusalsAreStoredInTime() throws InterruptedException {
    for (int i = 0; i < BlockBuilder.EVENTS_MAX; i++) {
      assertThat(take(true)).isEmpty();
      builder.duplicate(Attached.NOTHING);
    }
    assertThat(take(true)).containsExactly("0:0");
  }

  @Test
  void theEndClosesWhatIsOpen() throws InterruptedException {
    accept(1);
    builder.end();
    assertThat(builder.drained()).isFalse();
    assertThat(take(false)).containsExactly("0:1");
    assertThat(builder.drained()).isTrue();
  }

  @Test
  void readingWaitsWhileTooManyBlocksAreClosed() throws InterruptedException {
    accept(4 * BlockBuilder.CLOSED_MAX);
    var added = new CountDownLatch(1);
    var reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    builder.accept(TestStores.row(999, 999), Attached.NOTHING);
                    added.countDown();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    assertThat(added.await(50, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(take(false)).hasSize(BlockBuilder.CLOSED_MAX);
    assertThat(added.await(30, TimeUnit.SECONDS)).isTrue();
    reader.join();
  }
}
