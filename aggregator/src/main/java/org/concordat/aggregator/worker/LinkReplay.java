package org.concordat.aggregator.worker;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.rules.link.CarriedTable;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.link.LinkSweep;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.LinkSnapshot;
import org.concordat.schemas.record.LinkSnapshotPart;
import org.jspecify.annotations.Nullable;

/** Has an epoch remembered again what its topic holds. */
final class LinkReplay implements LinkLog.Target {
  private final BankIndexes banks;
  private final Function<List<CarriedTable>, EpochMemory> begin;
  private final Function<LinkDelta, LinkRows> rows;
  private @Nullable EpochMemory memory;

  /**
   * @param begin an epoch that remembers what it was handed alone
   */
  LinkReplay(
      BankIndexes banks,
      Function<List<CarriedTable>, EpochMemory> begin,
      Function<LinkDelta, LinkRows> rows) {
    this.banks = banks;
    this.begin = begin;
    this.rows = rows;
  }

  EpochMemory memory() {
    return Objects.requireNonNull(memory);
  }

  @Override
  public boolean takes(LinkSnapshot snapshot) {
    return snapshot.getFormat() == LinkSweep.FORMAT && banks.areOf(snapshot);
  }

  @Override
  public void begin(List<CarriedTable> handed, @Nullable LinkSnapshot from) {
    banks.begin(from == null ? List.of() : from.getBanks());
    EpochMemory begun = begin.apply(handed);
    begun.adopt(from);
    memory = begun;
  }

  @Override
  public void add(LinkSnapshotPart part) {
    LinkRecords.readAlerted(part.getAlerted(), memory().alerted);
    if (part.getPage().hasRemaining()) {
      memory().state.load(LinkRecords.words(part.getPage()));
    }
  }

  @Override
  public void add(LinkDelta delta) {
    LinkRows added = rows.apply(delta);
    memory().state.remember(added);
    memory().rowsSince += added.rows();
    LinkRecords.readAlerted(delta.getAlerted(), memory().alerted);
  }
}
