package org.concordat.agent.encode;

import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.store.Reference;
import org.jspecify.annotations.Nullable;

/**
 * What becomes durable together with a row, a refusal or a duplicate, and who waits for it.
 *
 * @param reference by which the bank finds the record again
 */
record Attached(
    @Nullable Bookmark bookmark,
    @Nullable Reference reference,
    @Nullable Acknowledgement acknowledgement) {
  static final Attached NOTHING = new Attached(null, null, null);

  void addTo(Unit unit) {
    if (bookmark != null) {
      unit.bookmarks.put(bookmark.name(), bookmark);
    }
    if (reference != null) {
      unit.references.add(reference);
    }
    if (acknowledgement != null) {
      unit.acknowledgements.add(acknowledgement);
    }
  }
}
