package org.concordat.rules.feature;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/**
 * What every row holds, in which type, unit, range and domain; the same at all banks and
 * aggregators. Each feature is one share field, an optional one is followed by a bit that is set
 * where the value is missing. An entity is two fields, the words of its hash, optional or not.
 */
public final class FeatureContract {
  /** More features would make a row longer than a block can hold many of. */
  public static final int FEATURES_MAX = 1_024;

  private final String name;
  private final int version;
  private final byte[] hash;
  private final String currency;
  private final byte[] entitySalt;
  private final List<Feature> features;
  private final Map<String, Integer> fieldByFeature = new HashMap<>();
  private final ShareLayout layout;

  FeatureContract(
      String name,
      int version,
      byte[] hash,
      String currency,
      byte[] entitySalt,
      List<Feature> features) {
    this(name, version, hash, currency, entitySalt, features, List.of(), Map.of());
  }

  private FeatureContract(
      String name,
      int version,
      byte[] hash,
      String currency,
      byte[] entitySalt,
      List<Feature> own,
      List<Feature> linked,
      Map<String, Integer> columns) {
    this.name = name;
    this.version = version;
    this.hash = hash.clone();
    this.currency = currency;
    this.entitySalt = entitySalt.clone();
    this.features = Stream.concat(own.stream(), linked.stream()).toList();
    List<ShareField> fields = new ArrayList<>();
    for (Feature feature : own) {
      fieldByFeature.put(feature.name(), fields.size());
      fields.addAll(feature.shareFields());
    }
    this.layout = new ShareLayout(fields);
    columns.forEach((column, index) -> fieldByFeature.put(column, fields.size() + index));
  }

  /**
   * This contract as rules see it that link payments: rows, hash and layout are the same, and there
   * are features that aggregators derive.
   *
   * @param linked the derived features
   * @param columns by name: where a derived column lies behind the layout's fields
   */
  public FeatureContract with(List<Feature> linked, Map<String, Integer> columns) {
    return new FeatureContract(
        name, version, hash, currency, entitySalt, features, linked, columns);
  }

  /**
   * Reads a {@code contract.yaml}.
   *
   * @return nothing where it can't be made sense of; {@code problems} says why
   */
  public static Optional<FeatureContract> read(SourceFile file, Problems problems) {
    return ContractFile.read(file, problems);
  }

  public String name() {
    return name;
  }

  public int version() {
    return version;
  }

  /** SHA-256 of the contract's canonical bytes. */
  public byte[] hash() {
    return hash.clone();
  }

  /** ISO 4217 code of the reference currency. */
  public String currency() {
    return currency;
  }

  public List<Feature> features() {
    return features;
  }

  public Optional<Feature> feature(String featureName) {
    return features.stream().filter(f -> f.name().equals(featureName)).findFirst();
  }

  public List<String> featureNames() {
    return features.stream().map(Feature::name).toList();
  }

  /** Whether a feature is computed from the account's earlier payments. */
  public boolean hasHistory() {
    return features.stream().anyMatch(feature -> feature.type().isHistory());
  }

  /** The features that identify somebody or something. */
  public List<Feature> entities() {
    return features.stream().filter(feature -> feature.entity() != null).toList();
  }

  /** What all banks hash identifiers with; empty where there is no entity. */
  byte[] entitySalt() {
    return entitySalt;
  }

  public ShareLayout layout() {
    return layout;
  }

  /** Index of a feature's field in the layout. */
  public int fieldOf(String feature) {
    Integer field = fieldByFeature.get(feature);
    if (field == null) {
      throw new IllegalArgumentException("not a feature of the contract");
    }
    return field;
  }

  /** Index of the bit that says that an optional feature's value is missing. */
  public int missingFieldOf(String feature) {
    Feature found = feature(feature).orElseThrow();
    if (!found.optional() || found.entity() != null) {
      throw new IllegalArgumentException("not an optional feature");
    }
    return fieldOf(feature) + 1;
  }

  /** A row as a person reads it, feature by feature. Shows values: for a bank's own eyes only. */
  public List<NamedValue> describe(long[] fields) {
    List<NamedValue> described = new ArrayList<>();
    for (Feature feature : features) {
      int field = fieldOf(feature.name());
      boolean missing = feature.optional() && feature.entity() == null && fields[field + 1] == 1;
      String text = missing ? "missing" : feature.format(feature.value(fields[field]));
      described.add(new NamedValue(feature.name(), text, feature.unit()));
    }
    return described;
  }

  /** A feature's value as text. */
  public record NamedValue(String feature, String text, String unit) {}

  @Override
  public String toString() {
    return name + "@" + version;
  }
}
