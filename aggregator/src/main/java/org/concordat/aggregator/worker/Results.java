package org.concordat.aggregator.worker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.jspecify.annotations.Nullable;

/**
 * What this party computes of the batches in flight, by cut: once prepared, it is in the own log
 * too. Belongs to the partition's thread; only the futures are another thread's too.
 */
final class Results {
  private static final class Entry {
    final long batch;
    final CompletableFuture<PartitionState> after = new CompletableFuture<>();
    @Nullable PreparedContent content;
    Map<String, Integer> flags = Map.of();
    MemberCounts members = MemberCounts.NONE;

    Entry(long batch) {
      this.batch = batch;
    }
  }

  private final Map<Digest, Entry> entries = new HashMap<>();

  /** An attempt is about to run. */
  void expect(CutRecord cut) {
    entries.put(cut.getCut(), new Entry(cut.getBatch()));
  }

  /** Where an attempt leaves the partition, once it is computed; fails if it isn't. */
  CompletableFuture<PartitionState> after(Digest cut) {
    Entry entry = entries.get(cut);
    if (entry == null) {
      throw new IllegalStateException("The machine builds attempts on attempts.");
    }
    return entry.after;
  }

  void computed(Computation.Result result) {
    Entry entry = entries.get(result.content().getCut().getCut());
    // A result may come after its attempt was given up.
    if (entry != null) {
      entry.content = result.content();
      entry.flags = result.flagsByRule();
      entry.members = result.members();
      entry.after.complete(result.after());
    }
  }

  /** What the own log holds of an attempt. */
  void recovered(PreparedContent content, PartitionState after) {
    var entry = new Entry(content.getCut().getBatch());
    entry.content = content;
    entry.after.complete(after);
    entries.put(content.getCut().getCut(), entry);
  }

  PreparedContent content(Digest cut) {
    Entry entry = entries.get(cut);
    if (entry == null || entry.content == null) {
      throw new IllegalStateException("What is prepared was computed, or is in the own log.");
    }
    return entry.content;
  }

  Map<String, Integer> flags(Digest cut) {
    Entry entry = entries.get(cut);
    return entry == null ? Map.of() : entry.flags;
  }

  MemberCounts members(Digest cut) {
    Entry entry = entries.get(cut);
    return entry == null ? MemberCounts.NONE : entry.members;
  }

  /** An attempt was given up: what is built on it ends too. */
  void abandon(Digest cut) {
    Entry entry = entries.remove(cut);
    if (entry != null) {
      entry.after.completeExceptionally(new AttemptEndedException());
    }
  }

  /** A batch is committed: nothing of it and those before is needed any more. */
  void committed(long batch) {
    List<Digest> done =
        entries.entrySet().stream()
            .filter(entry -> entry.getValue().batch <= batch)
            .map(Map.Entry::getKey)
            .toList();
    done.forEach(this::abandon);
  }

  int size() {
    return entries.size();
  }
}
