package org.concordat.rules.feature;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.concordat.rules.entity.EntityKind;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.jspecify.annotations.Nullable;

/**
 * One feature of a contract. Its values are integers: numbers in units of their last decimal, flags
 * 0 or 1, names and bins by index.
 *
 * @param unit what a number counts, such as EUR or days; empty where it counts nothing
 * @param decimals a value v stands for v / 10^decimals; for bins, of the cut points
 * @param min smallest value
 * @param max largest value
 * @param values names by index; empty for what is no category
 * @param cuts ascending, in units of the last decimal; empty for what is no bins
 * @param whenMissing the value that a missing one counts as in sums
 * @param history what it is computed from, where its type is one of history
 * @param entity what it identifies, where its type is an entity
 * @param place in the contract
 */
public record Feature(
    String name,
    FeatureType type,
    String unit,
    int decimals,
    long min,
    long max,
    Domain domain,
    List<String> values,
    List<Long> cuts,
    boolean optional,
    long whenMissing,
    HistorySource history,
    @Nullable EntityKind entity,
    Place place) {
  /** A word of an entity's hash. */
  private static final ShareField ENTITY_WORD = ShareField.bits(Long.SIZE);

  /**
   * What a Boolean code starts from: code = value - offset. Zero unless there are negative values,
   * so that codes of different features compare as their values do.
   */
  public long offset() {
    return Math.min(min, 0);
  }

  /** What the share field of a value holds. */
  public long fieldValue(long value) {
    return domain == Domain.ARITHMETIC ? value : value - offset();
  }

  /** The value that a share field holds. */
  public long value(long fieldValue) {
    return domain == Domain.ARITHMETIC ? fieldValue : fieldValue + offset();
  }

  /** The fields of a row that the feature takes, its missing bit included. */
  List<ShareField> shareFields() {
    if (entity != null) {
      return List.of(ENTITY_WORD, ENTITY_WORD);
    }
    return optional ? List.of(shareField(), ShareField.bits(1)) : List.of(shareField());
  }

  /** How the value is shared. A Boolean field is as wide as its largest code. */
  public ShareField shareField() {
    if (domain == Domain.ARITHMETIC) {
      return ShareField.arithmetic();
    }
    BigInteger largest = BigInteger.valueOf(max).subtract(BigInteger.valueOf(offset()));
    return ShareField.bits(Math.max(1, largest.bitLength()));
  }

  /** A value as people write it, without its unit. */
  public String format(long value) {
    return switch (type.kind()) {
      case NUMBER -> BigDecimal.valueOf(value, decimals).toPlainString();
      case FLAG -> value == 1 ? "true" : "false";
      case CATEGORY -> values.get(Math.toIntExact(value));
      case BINS -> formatBin(Math.toIntExact(value));
      case ENTITY -> "an entity's hash";
    };
  }

  private String formatBin(int bin) {
    if (bin == 0) {
      return "below " + BigDecimal.valueOf(cuts.getFirst(), decimals).toPlainString();
    }
    return "from " + BigDecimal.valueOf(cuts.get(bin - 1), decimals).toPlainString();
  }
}
