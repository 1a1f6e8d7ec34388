package org.concordat.schemas.record;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a cut scores: its entries less its skips. A skip may be longer than anything that could be
 * counted through, so whoever reads a cut goes from span to span.
 */
public final class ScoredSpans {
  /**
   * Sequences of a bank that are scored, one at least.
   *
   * @param next the one after the last of them
   */
  public record Span(String bank, long first, long next) {
    public long blocks() {
      return next - first;
    }
  }

  private ScoredSpans() {}

  /**
   * The spans of each bank that a cut names, in commit order; where all is skipped of a bank, none.
   *
   * @return nothing for a cut that can't be right: an entry that ends before it begins, or a second
   *     one of a bank; a skip that is empty, outside of its bank's entry or out of order, or that
   *     overlaps another
   */
  public static Optional<Map<String, List<Span>>> of(CutRecord cut) {
    Map<String, List<Span>> scored = new LinkedHashMap<>();
    List<Skip> skips = cut.getSkips();
    int at = 0;
    for (CutEntry entry : cut.getEntries()) {
      String bank = entry.getBank();
      List<Span> spans = new ArrayList<>();
      long from = entry.getFirstSequence();
      while (at < skips.size() && skips.get(at).getBank().equals(bank)) {
        Skip skip = skips.get(at);
        if (skip.getSequence() < from || skip.getNextSequence() <= skip.getSequence()) {
          return Optional.empty();
        }
        add(spans, bank, from, skip.getSequence());
        from = skip.getNextSequence();
        at++;
      }
      if (entry.getFirstSequence() < 0
          || from > entry.getNextSequence()
          || scored.put(bank, spans) != null) {
        return Optional.empty();
      }
      add(spans, bank, from, entry.getNextSequence());
    }
    return at == skips.size() ? Optional.of(Collections.unmodifiableMap(scored)) : Optional.empty();
  }

  private static void add(List<Span> spans, String bank, long first, long next) {
    if (first < next) {
      spans.add(new Span(bank, first, next));
    }
  }
}
