package org.concordat.rules.feature;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.concordat.rules.entity.EntityHash;
import org.concordat.rules.entity.EntityKind;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.share.Domain;
import org.jspecify.annotations.Nullable;

/** Reads a contract file, and says all that is wrong with it. */
final class ContractFile {
  static final int DECIMALS_MAX = 18;
  static final int VALUES_MAX = 65_536;

  /** Bits of an arithmetic value without its sign: the difference of two has to stay below 2^62. */
  static final int ARITHMETIC_BITS_MAX = 61;

  /** Hexadecimal digits of a salt: as many bytes, twice. */
  private static final int SALT_DIGITS = 2 * EntityHash.SALT_BYTES;

  private static final String NAME = "[a-z0-9-]{1,64}";
  private static final String FEATURE_NAME = "[A-Za-z][A-Za-z0-9_.-]{0,63}";
  private static final List<String> DAYS =
      List.of("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");

  private final String currency;
  private final List<Feature> features = new ArrayList<>();

  private ContractFile(String currency) {
    this.currency = currency;
  }

  static Optional<FeatureContract> read(SourceFile file, Problems problems) {
    int before = problems.list().size();
    Document document = file.document(problems);
    if (!document.isPresent() || !FileFormat.isKnown(document)) {
      return Optional.empty();
    }
    Document name = document.get("contract");
    if (name.isPresent() && !name.text().matches(NAME)) {
      name.add(
          Code.CDT_106, "A contract's name is 1 to 64 of a-z, 0-9 and -.", "Write such a name.");
    }
    int version = (int) document.get("version").integer(1, Integer.MAX_VALUE, 1);
    var reader = new ContractFile(currency(document.get("currency")));
    Document list = document.get("features");
    if (list.isPresent() && list.keys().isEmpty()) {
      list.add(Code.CDT_201, "A contract needs features.", "Add 'name: {type: integer, ...}'.");
    }
    if (list.keys().size() > FeatureContract.FEATURES_MAX) {
      list.add(
          Code.CDT_106,
          "There are more than " + FeatureContract.FEATURES_MAX + " features.",
          "Use fewer.");
    }
    list.keys().forEach(key -> reader.addFeature(key, list.get(key)));
    byte[] salt = reader.entitySalt(document);
    document.finish();
    if (problems.list().size() > before) {
      return Optional.empty();
    }
    byte[] hash = Canonical.sha256("contract", file.bytes());
    return Optional.of(
        new FeatureContract(name.text(), version, hash, reader.currency, salt, reader.features));
  }

  private static String currency(Document document) {
    String code = document.text("EUR");
    if (RateTable.isCurrency(code)) {
      return code;
    }
    document.add(
        Code.CDT_315, "'" + code + "' is no ISO 4217 currency code.", "Write one such as EUR.");
    return "EUR";
  }

  private void addFeature(String name, Document spec) {
    if (!name.matches(FEATURE_NAME)) {
      spec.add(
          Code.CDT_106,
          "A feature's name is a letter, then up to 63 of A-Z, a-z, 0-9, '_', '.' and '-'.",
          "Write such a name.");
    }
    Optional<FeatureType> type = spec.get("type").choice(FeatureType.class);
    if (type.isEmpty()) {
      // Without a type nothing can be said about the other keys.
      spec.keys().forEach(spec::maybe);
      return;
    }
    if (type.get() == FeatureType.ENTITY) {
      addEntity(name, spec);
      return;
    }
    HistorySource history = HistoryKeys.read(type.get(), spec, features);
    int decimals = decimals(type.get(), spec, history);
    List<String> values = values(type.get(), spec);
    List<Long> cuts = cuts(type.get(), spec, decimals);
    long[] range = range(type.get(), spec, decimals, values, cuts);
    boolean optional = spec.maybe("optional").bool(false);
    Domain domain = spec.maybe("domain").choice(Domain.class).orElse(type.get().defaultDomain());
    long whenMissing = whenMissing(type.get(), spec, decimals, range, optional);
    checkArithmeticRange(spec, domain, range);
    if (optional && !mayBeMissing(type.get())) {
      spec.get("optional").add(Code.CDT_201, "Every row has a value.", "Remove 'optional'.");
    }
    features.add(
        new Feature(
            name,
            type.get(),
            unit(type.get(), spec, history),
            decimals,
            range[0],
            range[1],
            domain,
            values,
            cuts,
            optional,
            whenMissing,
            history,
            null,
            spec.place()));
  }

  private void addEntity(String name, Document spec) {
    Optional<EntityKind> kind = spec.get("kind").choice(EntityKind.class);
    boolean optional = spec.maybe("optional").bool(false);
    if (kind.isEmpty()) {
      return;
    }
    boolean second =
        kind.get() == EntityKind.PAYMENT
            && features.stream().anyMatch(f -> f.entity() == EntityKind.PAYMENT);
    if (second) {
      spec.get("kind")
          .add(Code.CDT_201, "A row is of one payment.", "Keep one entity of kind payment.");
    }
    features.add(
        new Feature(
            name,
            FeatureType.ENTITY,
            "",
            0,
            0,
            0,
            Domain.BOOLEAN,
            List.of(),
            List.of(),
            optional,
            0,
            HistorySource.NONE,
            kind.get(),
            spec.place()));
  }

  private byte[] entitySalt(Document document) {
    boolean needed = features.stream().anyMatch(feature -> feature.entity() != null);
    Document salt = needed ? document.get("entitySalt") : document.maybe("entitySalt");
    if (!salt.isPresent()) {
      return new byte[0];
    }
    if (!needed) {
      salt.add(Code.CDT_201, "No feature is an entity.", "Remove 'entitySalt'.");
    }
    if (!salt.text().matches("[0-9a-f]{" + SALT_DIGITS + "}")) {
      salt.add(
          Code.CDT_105,
          "A salt is " + SALT_DIGITS + " hexadecimal digits in lower case and quotes.",
          "Draw one at random, once for the consortium.");
      return new byte[0];
    }
    return HexFormat.of().parseHex(salt.text());
  }

  /** An account may have no payment before; all else that is derived is there for every row. */
  private static boolean mayBeMissing(FeatureType type) {
    return !type.isDerived()
        || type == FeatureType.SECONDS_SINCE_LAST
        || type == FeatureType.RATIO_TO_USUAL;
  }

  private String unit(FeatureType type, Document spec, HistorySource history) {
    return switch (type) {
      case AMOUNT -> currency;
      case HISTORY_SUM -> over(history).map(Feature::unit).orElse("");
      case HOUR_OF_DAY -> "h";
      case SECONDS_SINCE_LAST -> "s";
      case ORIGINAL_AMOUNT,
          CURRENCY,
          INTEGER,
          DECIMAL,
          FLAG,
          CATEGORY,
          BINS,
          DAY_OF_WEEK,
          HISTORY_COUNT,
          FIRST_TO_BENEFICIARY,
          RATIO_TO_USUAL,
          ENTITY ->
          spec.maybe("unit").text("");
    };
  }

  private Optional<Feature> over(HistorySource history) {
    return features.stream().filter(f -> f.name().equals(history.over())).findFirst();
  }

  private int decimals(FeatureType type, Document spec, HistorySource history) {
    return switch (type) {
      case AMOUNT -> Math.max(0, Currency.getInstance(currency).getDefaultFractionDigits());
      case ORIGINAL_AMOUNT -> (int) spec.maybe("decimals").integer(0, DECIMALS_MAX, 2);
      case DECIMAL -> (int) spec.get("decimals").integer(0, DECIMALS_MAX, 0);
      case BINS -> (int) spec.maybe("decimals").integer(0, DECIMALS_MAX, 0);
      case HISTORY_SUM -> over(history).map(Feature::decimals).orElse(0);
      case RATIO_TO_USUAL ->
          (int) spec.maybe("decimals").integer(0, HistoryKeys.RATIO_DECIMALS_MAX, 2);
      case CURRENCY,
          INTEGER,
          FLAG,
          CATEGORY,
          HOUR_OF_DAY,
          DAY_OF_WEEK,
          HISTORY_COUNT,
          SECONDS_SINCE_LAST,
          FIRST_TO_BENEFICIARY,
          ENTITY ->
          0;
    };
  }

  private List<String> values(FeatureType type, Document spec) {
    if (type == FeatureType.DAY_OF_WEEK) {
      return DAYS;
    }
    if (type.kind() != FeatureType.Kind.CATEGORY) {
      return List.of();
    }
    Document list = spec.get("values");
    Set<String> values = new HashSet<>();
    List<String> ordered = new ArrayList<>();
    for (Document item : list.items()) {
      String value = item.text();
      if (!values.add(value)) {
        item.add(Code.CDT_107, "'" + value + "' is listed twice.", "Remove one of them.");
      }
      if (type == FeatureType.CURRENCY && !RateTable.isCurrency(value)) {
        item.add(Code.CDT_315, "'" + value + "' is no ISO 4217 code.", "Write one such as EUR.");
      }
      ordered.add(value);
    }
    if (list.isPresent() && (ordered.isEmpty() || ordered.size() > VALUES_MAX)) {
      list.add(Code.CDT_106, "There are 1 to " + VALUES_MAX + " values.", "Correct the list.");
    }
    return List.copyOf(ordered);
  }

  private List<Long> cuts(FeatureType type, Document spec, int decimals) {
    if (type != FeatureType.BINS) {
      return List.of();
    }
    List<Long> cuts = new ArrayList<>();
    for (Document item : spec.get("cuts").items()) {
      Long cut = scaled(item, decimals);
      if (cut != null && !cuts.isEmpty() && cut <= cuts.getLast()) {
        item.add(Code.CDT_201, "Cut points rise strictly.", "Sort them, and remove repeated ones.");
      }
      if (cut != null) {
        cuts.add(cut);
      }
    }
    if (cuts.isEmpty() && spec.has("cuts")) {
      spec.get("cuts").add(Code.CDT_201, "Bins need cut points.", "List at least one.");
    }
    return List.copyOf(cuts);
  }

  private static long[] range(
      FeatureType type, Document spec, int decimals, List<String> values, List<Long> cuts) {
    return switch (type) {
      case AMOUNT, ORIGINAL_AMOUNT, INTEGER, DECIMAL -> {
        Long min = scaled(spec.get("min"), decimals);
        Long max = scaled(spec.get("max"), decimals);
        if (min != null && max != null && min > max) {
          spec.get("max").add(Code.CDT_202, "The range is empty.", "Swap min and max.");
        }
        yield new long[] {min == null ? 0 : min, max == null || min == null ? 1 : max};
      }
      case HISTORY_COUNT, HISTORY_SUM, SECONDS_SINCE_LAST, RATIO_TO_USUAL -> {
        Long max = scaled(spec.get("max"), decimals);
        if (max != null && max < 1) {
          spec.get("max").add(Code.CDT_202, "The range is empty.", "Write a max above 0.");
        }
        yield new long[] {0, max == null ? 1 : Math.max(1, max)};
      }
      case FLAG, FIRST_TO_BENEFICIARY -> new long[] {0, 1};
      case CURRENCY, CATEGORY, DAY_OF_WEEK -> new long[] {0, Math.max(0, values.size() - 1)};
      case BINS -> new long[] {0, cuts.size()};
      case HOUR_OF_DAY -> new long[] {0, 23};
      case ENTITY -> new long[] {0, 0};
    };
  }

  private static long whenMissing(
      FeatureType type, Document spec, int decimals, long[] range, boolean optional) {
    long nearestToZero = Math.max(range[0], Math.min(range[1], 0));
    if (!optional || type.kind() != FeatureType.Kind.NUMBER || !spec.has("whenMissing")) {
      return nearestToZero;
    }
    Document key = spec.get("whenMissing");
    Long value = scaled(key, decimals);
    if (value == null) {
      return nearestToZero;
    }
    if (value < range[0] || value > range[1]) {
      key.add(Code.CDT_202, "The value is outside the range.", "Use one from min to max.");
    }
    return value;
  }

  private static void checkArithmeticRange(Document spec, Domain domain, long[] range) {
    BigInteger min = BigInteger.valueOf(range[0]);
    BigInteger max = BigInteger.valueOf(range[1]);
    boolean tooWide =
        domain == Domain.ARITHMETIC
            ? min.bitLength() > ARITHMETIC_BITS_MAX || max.bitLength() > ARITHMETIC_BITS_MAX
            : max.subtract(min.min(BigInteger.ZERO)).bitLength() > Long.SIZE;
    if (tooWide) {
      spec.add(
          Code.CDT_202,
          "The range needs more than "
              + (domain == Domain.ARITHMETIC ? ARITHMETIC_BITS_MAX : Long.SIZE)
              + " bits.",
          domain == Domain.ARITHMETIC
              ? "Narrow the range, or compare only and declare 'domain: boolean'."
              : "Narrow the range.");
    }
  }

  /** A number in units of its last decimal; nothing, and a problem, for a finer or larger one. */
  private static @Nullable Long scaled(Document document, int decimals) {
    if (!document.isPresent()) {
      return null;
    }
    BigDecimal number = document.decimal();
    try {
      return number.movePointRight(decimals).longValueExact();
    } catch (ArithmeticException e) {
      document.add(
          Code.CDT_214,
          "The number has more than " + decimals + " decimals, or more than 63 bits with them.",
          "Write a coarser or smaller number, or declare other decimals.");
      return null;
    }
  }
}
