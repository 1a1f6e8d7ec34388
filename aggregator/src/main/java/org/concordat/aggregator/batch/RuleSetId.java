package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.concordat.schemas.record.Digest;

/**
 * A rule set, as cuts name it.
 *
 * @param version of two rule sets the later one's is higher
 */
public record RuleSetId(Digest hash, int version) {
  private static final long VERSION_MAX = Integer.MAX_VALUE;

  /** Before the first batch: any may follow. */
  public static final RuleSetId NONE = new RuleSetId(new Digest(new byte[32]), 0);

  /** Before a hash, where names are banks' else: none of theirs begins so. */
  private static final String ENTRY = "#rules/";

  private static final int ENTRY_LENGTH = ENTRY.length() + 64;

  /**
   * Whether it may score the batch after one that another scored: versions never go down, and each
   * is one content.
   */
  public boolean mayFollow(RuleSetId before) {
    return version > before.version || equals(before);
  }

  /** Whether both call themselves the same version, and aren't. */
  boolean contradicts(RuleSetId other) {
    return version == other.version && !hash.equals(other.hash);
  }

  private String hex() {
    return HexFormat.of().formatHex(hash.bytes());
  }

  /** Its name where a map of numbers by bank holds it; the number is its version. */
  public String entry() {
    return ENTRY + hex();
  }

  public static boolean isEntry(String name) {
    return name.startsWith(ENTRY);
  }

  /** Those that a map of numbers by bank holds beside them; what can't be one is left out. */
  public static List<RuleSetId> in(Map<String, Long> numbers) {
    List<RuleSetId> found = new ArrayList<>();
    numbers.forEach(
        (name, version) -> {
          if (isWhole(name) && version > 0 && version <= VERSION_MAX) {
            byte[] hash = HexFormat.of().parseHex(name, ENTRY.length(), name.length());
            found.add(new RuleSetId(new Digest(hash), (int) (long) version));
          }
        });
    return found;
  }

  private static boolean isWhole(String name) {
    return isEntry(name)
        && name.length() == ENTRY_LENGTH
        && name.chars()
            .skip(ENTRY.length())
            .allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
  }

  @Override
  public String toString() {
    return "version " + version + ", " + hex();
  }
}
