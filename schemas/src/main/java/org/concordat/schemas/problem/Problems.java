package org.concordat.schemas.problem;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects problems, so that a user sees all of them at once and not only the first. */
public final class Problems {
  /** Beyond this many the rest is counted only. */
  public static final int PROBLEMS_MAX = 100;

  private final List<Problem> all = new ArrayList<>();
  private int unlisted;

  public void add(Problem problem) {
    if (all.size() < PROBLEMS_MAX) {
      all.add(problem);
    } else {
      unlisted++;
    }
  }

  public void add(Code code, Place place, String reason, String fix) {
    add(new Problem(code, place, reason, fix));
  }

  /** Adds all that was collected elsewhere. */
  public void add(Problems others) {
    others.all.forEach(this::add);
    unlisted += others.unlisted;
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  public List<Problem> list() {
    return List.copyOf(all);
  }

  /** How many were found beyond {@link #PROBLEMS_MAX}. */
  public int unlisted() {
    return unlisted;
  }

  /**
   * Ends the collecting.
   *
   * @throws InvalidInputException if anything was collected
   */
  public void throwIfAny() {
    if (!all.isEmpty()) {
      throw new InvalidInputException(list());
    }
  }

  /** The candidate closest to a word, or an empty string if none is close. */
  public static String closest(String word, Iterable<String> candidates) {
    String best = "";
    int bestDistance = Math.max(2, word.length() / 3) + 1;
    for (String candidate : candidates) {
      int distance =
          editDistance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return best;
  }

  /** Levenshtein distance. */
  private static int editDistance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[b.length()];
  }
}
