package org.concordat.rules.link;

/**
 * What is remembered of earlier records, and what each record gets of it: by pseudonym, or where
 * entities are hidden by bucket.
 *
 * <p>Batches are derived in order; each is committed, oldest first, or all that aren't are rolled
 * back. Used by one thread at a time.
 */
public sealed interface LinkMemory permits LinkState, HiddenState {
  /**
   * An empty one.
   *
   * @param components of each value: 1 where it is plain
   * @param namesMembers whether columns tell which earlier records make a path
   */
  static LinkMemory of(LinkSpec spec, int components, boolean namesMembers) {
    return spec.hidden().isPresent()
        ? new HiddenState(spec, components)
        : new LinkState(spec, components, namesMembers);
  }

  /** Gives each record its columns and then lets later ones see it, until it is undone. */
  LinkColumns derive(LinkRows rows);

  /** The oldest batch that was derived stands. */
  void commit();

  /** Undoes every batch that was derived and doesn't stand. */
  void rollback();

  LinkState.Counters counters();
}
