package org.concordat.rules.model;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FeatureType.Kind;
import org.concordat.rules.feature.SourceFile;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/**
 * Reads a regression model as a few lines of Python write it from scikit-learn: lists {@code
 * features}, {@code mean}, {@code scale} and {@code coef}, and {@code intercept}; the score is
 * {@code intercept + sum of coef * (x - mean) / scale}. Without mean and scale features aren't
 * standardised. A feature {@code name=value} is 1 where a category has the value, a flag likewise.
 */
public final class ModelFile {
  /** Larger models are refused. */
  public static final int FEATURES_MAX = 4_096;

  /** Far finer than the doubles that such files hold. */
  static final MathContext PRECISION = new MathContext(60);

  private ModelFile() {}

  /**
   * Reads a model.
   *
   * @param renamed the contract's names of features that the model calls otherwise
   */
  public static Optional<WeightedSum> read(
      SourceFile file,
      Score.Kind kind,
      Map<String, String> renamed,
      FeatureContract contract,
      Problems problems) {
    int before = problems.list().size();
    Document model = file.document(problems);
    if (!model.isPresent()) {
      return Optional.empty();
    }
    checkType(model.get("type"), kind);
    List<Document> names = model.get("features").items();
    BigDecimal[] coef = numbers(model.get("coef"), names.size());
    BigDecimal[] mean = standardiser(model, "mean", names.size(), BigDecimal.ZERO);
    BigDecimal[] scale = standardiser(model, "scale", names.size(), BigDecimal.ONE);
    BigDecimal intercept = model.maybe("intercept").decimal();
    model.maybe("score").text("");
    if (names.size() > FEATURES_MAX) {
      model.add(
          Code.CDT_220, "The model has more than " + FEATURES_MAX + " features.", "Use fewer.");
    }
    model.finish();
    if (problems.list().size() > before) {
      return Optional.empty();
    }
    var terms = new Terms(contract, problems);
    for (int i = 0; i < names.size(); i++) {
      if (scale[i].signum() == 0) {
        names.get(i).add(Code.CDT_218, "The feature's scale is 0.", Code.CDT_218.fix());
        continue;
      }
      BigDecimal weight = coef[i].divide(scale[i], PRECISION);
      intercept = intercept.subtract(weight.multiply(mean[i]));
      String name = names.get(i).text();
      terms.add(renamed.getOrDefault(name, name), weight, names.get(i).place());
    }
    return problems.list().size() > before
        ? Optional.empty()
        : Optional.of(new WeightedSum(intercept, terms.list()));
  }

  private static void checkType(Document type, Score.Kind kind) {
    List<String> accepted =
        switch (kind) {
          case LINEAR -> List.of("linear", "linear_regression");
          case LOGISTIC -> List.of("logistic", "logistic_regression");
        };
    if (type.isPresent() && !accepted.contains(type.text())) {
      type.add(
          Code.CDT_218,
          "The file holds a model of another type.",
          "Use one of type " + String.join(" or ", accepted) + ".");
    }
  }

  private static BigDecimal[] standardiser(
      Document model, String key, int count, BigDecimal whenMissing) {
    if (model.has(key)) {
      return numbers(model.get(key), count);
    }
    BigDecimal[] same = new BigDecimal[count];
    Arrays.fill(same, whenMissing);
    return same;
  }

  private static BigDecimal[] numbers(Document list, int count) {
    BigDecimal[] numbers = list.items().stream().map(Document::decimal).toArray(BigDecimal[]::new);
    if (list.isPresent() && numbers.length != count) {
      list.add(
          Code.CDT_218,
          "There are " + numbers.length + " numbers for " + count + " features.",
          Code.CDT_218.fix());
    }
    return numbers;
  }

  /** Terms by feature: the values of a category come one by one. */
  private static final class Terms {
    private final FeatureContract contract;
    private final Problems problems;
    private final Map<String, WeightedSum.Term> byFeature = new LinkedHashMap<>();

    Terms(FeatureContract contract, Problems problems) {
      this.contract = contract;
      this.problems = problems;
    }

    List<WeightedSum.Term> list() {
      return new ArrayList<>(byFeature.values());
    }

    void add(String name, BigDecimal weight, Place place) {
      int equals = name.indexOf('=');
      String featureName = equals < 0 ? name : name.substring(0, equals);
      Optional<Feature> found = WeightsReader.feature(featureName, contract, place, problems);
      if (found.isEmpty()) {
        return;
      }
      Feature feature = found.get();
      Kind kind = feature.type().kind();
      boolean fits = equals < 0 ? kind == Kind.NUMBER || kind == Kind.FLAG : kind == Kind.CATEGORY;
      if (!fits) {
        problems.add(
            Code.CDT_212,
            place,
            "The model's feature doesn't fit the type of '" + featureName + "'.",
            "Name a number or flag by itself, a category's value as 'feature=value'.");
        return;
      }
      if (equals < 0) {
        if (byFeature.put(featureName, new WeightedSum.Number(feature, weight)) != null) {
          repeated(featureName, place);
        }
        return;
      }
      String value = name.substring(equals + 1);
      long index = feature.values().indexOf(value);
      if (index < 0) {
        WeightsReader.unknownName(feature, value, place, problems);
        return;
      }
      SortedMap<Long, BigDecimal> weights = new TreeMap<>();
      if (byFeature.get(featureName) instanceof WeightedSum.Names names) {
        weights.putAll(names.weights());
      }
      if (weights.put(index, weight) != null) {
        repeated(name, place);
      }
      byFeature.put(featureName, new WeightedSum.Names(feature, weights));
    }

    private void repeated(String name, Place place) {
      problems.add(
          Code.CDT_107, place, "The model has '" + name + "' twice.", "Remove one of them.");
    }
  }
}
