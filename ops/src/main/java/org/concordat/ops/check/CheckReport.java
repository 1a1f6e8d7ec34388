package org.concordat.ops.check;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a check found.
 *
 * @param transactions rows of the banks' input
 * @param submitted rows of the input, duplicates aside
 * @param scored rows of committed cuts
 * @param refused rows, as the agents count them
 * @param skipped rows of skipped blocks that were not resubmitted
 * @param duplicates rows that weren't scored and say what one says that was, by the input
 * @param lost rows that could be encoded, weren't scored and repeat none that was
 * @param alerts delivered
 * @param oracle alerts that the plaintext evaluation gives
 * @param different alerts whose score or reasons differ from the oracle's
 * @param altered rows that the journal holds otherwise than the input does
 * @param refusedByReason rows by code
 * @param alertsByRule delivered alerts
 * @param examples of what is wrong: bank, reference and rule, or what was left out; at most 20
 */
public record CheckReport(
    long transactions,
    long submitted,
    long scored,
    long refused,
    long skipped,
    long duplicates,
    long lost,
    long alerts,
    long oracle,
    long missing,
    long extra,
    long different,
    long altered,
    Map<String, Long> refusedByReason,
    Map<String, Long> alertsByRule,
    Map<String, Long> onlyByRule,
    List<String> examples) {
  /** Whether the alerts are the oracle's and every row is accounted for. */
  public boolean holds() {
    return missing == 0
        && extra == 0
        && different == 0
        && altered == 0
        && skipped == 0
        && lost == 0
        && submitted == scored + refused;
  }

  /** The figures that the demo ends with, in their documented order. */
  public Map<String, Object> summary() {
    Map<String, Object> summary = new java.util.LinkedHashMap<>();
    summary.put("transactions", transactions);
    summary.put("submitted", submitted);
    summary.put("scored", scored);
    summary.put("refused", refused);
    summary.put("skipped", skipped);
    summary.put("alerts", alerts);
    summary.put("oracle", oracle);
    summary.put("missing", missing);
    summary.put("extra", extra);
    summary.put("different", different);
    summary.put("altered", altered);
    summary.put("duplicates", duplicates);
    summary.put("lost", lost);
    summary.put("refusedByReason", new TreeMap<>(refusedByReason));
    summary.put("alertsByRule", new TreeMap<>(alertsByRule));
    summary.put("onlyByRule", new TreeMap<>(onlyByRule));
    if (!examples.isEmpty()) {
      summary.put("examples", examples);
    }
    return summary;
  }
}
