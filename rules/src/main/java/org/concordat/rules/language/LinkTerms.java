package org.concordat.rules.language;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.concordat.rules.entity.EntityKind;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FeatureType;
import org.concordat.rules.feature.HistorySource;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.share.Domain;

/** Entities, values and lengths of time as windows and paths write them. */
final class LinkTerms {
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})([mhd])");
  private static final int HOUR_MINUTES = 60;
  private static final int DAY_MINUTES = 24 * HOUR_MINUTES;

  private final FeatureContract contract;
  private final Code unfit;

  /**
   * @param unfit what is reported where a term is of the wrong kind
   */
  LinkTerms(FeatureContract contract, Code unfit) {
    this.contract = contract;
    this.unfit = unfit;
  }

  /** A party of the payment; nothing, and a problem, for anything else. */
  Optional<Feature> entity(Document name) {
    if (!name.isPresent()) {
      return Optional.empty();
    }
    List<String> parties =
        contract.entities().stream()
            .filter(e -> e.entity() != EntityKind.PAYMENT)
            .map(Feature::name)
            .toList();
    Optional<Feature> feature = contract.feature(name.text());
    if (feature.isPresent() && parties.contains(name.text())) {
      return feature;
    }
    String near = Problems.closest(name.text(), parties);
    String fix =
        near.isEmpty() || feature.isPresent()
            ? "Name one of: " + String.join(", ", parties) + "."
            : "Did you mean '" + near + "'?";
    name.add(
        feature.isPresent() ? unfit : Code.CDT_211,
        feature.isPresent()
            ? "'" + name.text() + "' is no account, card, phone or other party."
            : "The contract " + contract + " has no entity '" + name.text() + "'.",
        parties.isEmpty() ? "Add one of type entity to the contract." : fix);
    return Optional.empty();
  }

  /** Whether two entities can be the same one; a problem if not. */
  boolean sameKind(Feature left, Feature right, Document place) {
    if (left.entity() == right.entity()) {
      return true;
    }
    place.add(
        unfit,
        "'" + left.name() + "' and '" + right.name() + "' are of different kinds.",
        "Name two entities of one kind.");
    return false;
  }

  /** A number that is summed or compared on shares. */
  Optional<Feature> value(Document name) {
    if (!name.isPresent()) {
      return Optional.empty();
    }
    Optional<Feature> feature = contract.feature(name.text());
    if (feature.isEmpty()) {
      String near = Problems.closest(name.text(), contract.featureNames());
      name.add(
          Code.CDT_211,
          "The contract " + contract + " has no feature '" + name.text() + "'.",
          near.isEmpty() ? Code.CDT_211.fix() : "Did you mean '" + near + "'?");
      return Optional.empty();
    }
    FeatureType.Kind kind = feature.get().type().kind();
    boolean counts = kind == FeatureType.Kind.NUMBER || kind == FeatureType.Kind.FLAG;
    if (!counts || feature.get().domain() != Domain.ARITHMETIC || feature.get().min() < 0) {
      name.add(
          unfit,
          "'" + name.text() + "' is no number from 0 on in the arithmetic domain.",
          "Name one, or declare 'domain: arithmetic' and a range from 0 in the contract.");
      return Optional.empty();
    }
    return feature;
  }

  /** Minutes of a length such as 30m, 24h or 7d; nothing, and a problem, for others. */
  Optional<Integer> minutes(Document length) {
    if (!length.isPresent()) {
      return Optional.empty();
    }
    Matcher matcher = DURATION.matcher(length.text());
    if (matcher.matches()) {
      long unit =
          switch (matcher.group(2)) {
            case "m" -> 1;
            case "h" -> HOUR_MINUTES;
            default -> DAY_MINUTES;
          };
      long minutes = Long.parseLong(matcher.group(1)) * unit;
      if (minutes <= LinkSpec.WINDOW_MINUTES_MAX) {
        return Optional.of((int) minutes);
      }
    }
    length.add(
        unfit,
        "'" + length.text() + "' is no length from 1m to 90d.",
        "Write minutes, hours or days, such as 30m, 24h or 7d.");
    return Optional.empty();
  }

  /** A number that rules compare and sum. */
  static Feature number(String name, String unit, int decimals, long max, Document spec) {
    return feature(name, FeatureType.INTEGER, unit, decimals, max, spec);
  }

  /** A flag that rules look at. */
  static Feature flag(String name, Document spec) {
    return feature(name, FeatureType.FLAG, "", 0, 1, spec);
  }

  private static Feature feature(
      String name, FeatureType type, String unit, int decimals, long max, Document spec) {
    return new Feature(
        name,
        type,
        unit,
        decimals,
        0,
        max,
        type == FeatureType.FLAG ? Domain.BOOLEAN : Domain.ARITHMETIC,
        List.of(),
        List.of(),
        false,
        0,
        HistorySource.NONE,
        null,
        spec.place());
  }
}
