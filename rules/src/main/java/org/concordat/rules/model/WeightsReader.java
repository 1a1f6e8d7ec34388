package org.concordat.rules.model;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/** Reads weights by feature: {@code {amount: 1, channel: {phone: 0.5}}}. */
public final class WeightsReader {
  private WeightsReader() {}

  public static List<WeightedSum.Term> read(Document weights, FeatureContract contract) {
    List<WeightedSum.Term> terms = new ArrayList<>();
    for (String name : weights.keys()) {
      Document weight = weights.get(name);
      feature(name, contract, weights.placeOfKey(name), weights.problems())
          .flatMap(feature -> term(feature, weight))
          .ifPresent(terms::add);
    }
    if (weights.isPresent() && weights.keys().isEmpty()) {
      weights.add(Code.CDT_215, "A sum needs weights.", "Write {feature: weight, ...}.");
    }
    return terms;
  }

  /** A feature by name; nothing, and a problem with a suggestion, if the contract has none such. */
  public static Optional<Feature> feature(
      String name, FeatureContract contract, Place place, Problems problems) {
    Optional<Feature> feature = contract.feature(name);
    if (feature.isEmpty()) {
      String near = Problems.closest(name, contract.featureNames());
      problems.add(
          Code.CDT_211,
          place,
          "The contract " + contract + " has no feature '" + name + "'.",
          near.isEmpty() ? Code.CDT_211.fix() : "Did you mean '" + near + "'?");
    } else if (feature.get().entity() != null) {
      problems.add(
          Code.CDT_226,
          place,
          "'" + name + "' is an entity: it links payments and is no value.",
          Code.CDT_226.fix());
      return Optional.empty();
    }
    return feature;
  }

  private static Optional<WeightedSum.Term> term(Feature feature, Document weight) {
    return switch (feature.type().kind()) {
      case NUMBER, FLAG -> Optional.of(new WeightedSum.Number(feature, weight.decimal()));
      case CATEGORY -> names(feature, weight);
      case BINS -> {
        weight.add(
            Code.CDT_212, "'" + feature.name() + "' has bins, not numbers.", "Weigh a number.");
        yield Optional.empty();
      }
      case ENTITY -> throw new IllegalStateException("refused by its name");
    };
  }

  private static Optional<WeightedSum.Term> names(Feature feature, Document weight) {
    if (!weight.isMapping()) {
      weight.add(
          Code.CDT_212,
          "'" + feature.name() + "' has names, so each weighs something of its own.",
          "Write {" + feature.values().getFirst() + ": 1.5, ...}.");
      return Optional.empty();
    }
    SortedMap<Long, BigDecimal> weights = new TreeMap<>();
    for (String name : weight.keys()) {
      Document each = weight.get(name);
      long index = feature.values().indexOf(name);
      if (index >= 0) {
        weights.put(index, each.decimal());
      } else {
        unknownName(feature, name, weight.placeOfKey(name), weight.problems());
      }
    }
    return Optional.of(new WeightedSum.Names(feature, weights));
  }

  static void unknownName(Feature feature, String name, Place place, Problems problems) {
    String near = Problems.closest(name, feature.values());
    problems.add(
        Code.CDT_213,
        place,
        "'" + name + "' is none of the values of '" + feature.name() + "'.",
        near.isEmpty() ? "Use one of the contract's list." : "Did you mean '" + near + "'?");
  }
}
