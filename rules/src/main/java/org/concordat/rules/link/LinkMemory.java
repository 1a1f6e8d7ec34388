package org.concordat.rules.link;

import java.util.List;
import java.util.function.Consumer;

/**
 * What is remembered of earlier records, and what each record gets of it: by pseudonym, or where
 * entities are hidden by bucket.
 *
 * <p>Batches are derived in order; each is committed, oldest first, or all that aren't are rolled
 * back. Used by one thread at a time.
 */
public sealed interface LinkMemory permits LinkState, HiddenState {
  /**
   * One that remembers no record.
   *
   * @param components of each value: 1 where it is plain
   * @param namesMembers whether columns tell which earlier records make a path
   * @param handed by the epoch before; nothing where entities are hidden
   * @throws IllegalArgumentException something is handed to a memory that can't take it: what
   *     others remember would be missing
   */
  static LinkMemory of(
      LinkSpec spec, int components, boolean namesMembers, List<CarriedTable> handed) {
    if (spec.hidden().isEmpty()) {
      return new LinkState(spec, components, namesMembers, handed);
    }
    if (!handed.isEmpty()) {
      throw new IllegalArgumentException("nothing is carried of hidden entities");
    }
    return new HiddenState(spec, components);
  }

  /** Gives each record its columns and then lets later ones see it, until it is undone. */
  LinkColumns derive(LinkRows rows);

  /**
   * Lets later records see these, which were derived and committed before a restart.
   *
   * @throws IllegalStateException a batch was derived and doesn't stand
   */
  void remember(LinkRows rows);

  /**
   * Begins to write what is remembered now, whatever is derived meanwhile.
   *
   * @param pages gets each page as soon as it is full; from the sweep and from what is derived
   * @throws IllegalStateException a batch was derived and doesn't stand
   */
  LinkSweep sweep(Consumer<long[]> pages);

  /**
   * Adds a page of a sweep to a memory that remembers nothing else; pages come in their order.
   *
   * @throws IllegalArgumentException what it holds is there already
   */
  void load(long[] page);

  /**
   * Lets later records see these once more, which were derived and undone with those before them.
   *
   * @param cutShort searches that ended early when they were derived: none is done again
   */
  void again(LinkRows rows, long cutShort);

  /** The oldest batch that was derived stands. */
  void commit();

  /** Undoes every batch that was derived and doesn't stand. */
  void rollback();

  LinkState.Counters counters();

  /**
   * What the next epoch gets of this one, of each group of entities of which anything is carried.
   *
   * @param publicAt position of the component that holds what is public; -1 where none does
   */
  List<CarriedRows> carry(int publicAt);

  /** The highest number of a bank that this epoch was handed, plus one; 0 for none. */
  int carriedBanks();
}
