package org.concordat.rules.language;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/** Reads one window. */
final class WindowReader {
  private static final int EVENTS_DEFAULT = 1_000;

  /** Bits of a sum: it has to stay comparable with others. */
  private static final int SUM_BITS_MAX = 61;

  private static final List<String> KINDS = List.of("sum", "count", "distinct", "minutesSince");
  private static final String BANKS = "banks";

  private enum Since {
    FIRST,
    LAST
  }

  private final LinkTerms terms;

  WindowReader(FeatureContract contract) {
    this.terms = new LinkTerms(contract, Code.CDT_227);
  }

  /** A number that stands for a window that can't be made sense of. */
  Feature any(String name, Document spec) {
    return LinkTerms.number(name, "", 2, Integer.MAX_VALUE, spec);
  }

  Optional<LinkWindow> read(String name, Document spec) {
    int before = spec.problems().list().size();
    Optional<Feature> entity = terms.entity(spec.get("entity"));
    Optional<Feature> role = terms.entity(spec.get("as"));
    if (entity.isPresent() && role.isPresent()) {
      terms.sameKind(entity.get(), role.get(), spec.get("as"));
    }
    Optional<Integer> minutes = terms.minutes(spec.get("window"));
    List<String> kinds = KINDS.stream().filter(spec::has).toList();
    Document counted = spec.maybe("distinct");
    boolean countsParties = counted.isPresent() && !counted.text().equals(BANKS);
    int eventsDefault = countsParties ? LinkSpec.COUNTERPARTIES_MAX : EVENTS_DEFAULT;
    int eventsMax = countsParties ? LinkSpec.COUNTERPARTIES_MAX : LinkSpec.EVENTS_MAX;
    int events = (int) spec.maybe("events").integer(1, eventsMax, eventsDefault);
    if (kinds.size() != 1) {
      spec.add(
          Code.CDT_227,
          kinds.isEmpty()
              ? "The window tells nothing."
              : "The window tells several things: " + String.join(", ", kinds) + ".",
          "Write exactly one of " + String.join(", ", KINDS) + ".");
      kinds.forEach(spec::maybe);
      return Optional.empty();
    }
    Optional<Feature> value = Optional.empty();
    Optional<Feature> counterparty = Optional.empty();
    Kind kind =
        switch (kinds.getFirst()) {
          case "sum" -> {
            value = terms.value(spec.get("sum"));
            value.ifPresent(v -> checkSum(v, events, spec));
            yield Kind.SUM;
          }
          case "count" -> count(spec.get("count"));
          case "distinct" -> {
            if (countsParties) {
              counterparty = terms.entity(counted);
              checkOther(counterparty, role, counted);
            }
            yield countsParties ? Kind.COUNTERPARTIES : Kind.BANKS;
          }
          default ->
              spec.get("minutesSince").choice(Since.class).orElse(Since.LAST) == Since.FIRST
                  ? Kind.SINCE_FIRST
                  : Kind.SINCE_LAST;
        };
    if (spec.problems().list().size() > before) {
      return Optional.empty();
    }
    return Optional.of(
        new LinkWindow(
            feature(name, kind, minutes.orElseThrow(), events, value, spec),
            entity.orElseThrow(),
            role.orElseThrow(),
            minutes.orElseThrow(),
            events,
            kind,
            value.orElse(null),
            counterparty.orElse(null)));
  }

  private static Kind count(Document count) {
    if (!count.bool(true)) {
      count.add(Code.CDT_227, "The window tells nothing.", "Write 'count: true'.");
    }
    return Kind.COUNT;
  }

  private static void checkOther(
      Optional<Feature> counterparty, Optional<Feature> role, Document place) {
    if (counterparty.isPresent() && counterparty.equals(role)) {
      place.add(
          Code.CDT_227,
          "All records of the window have the same '" + counterparty.get().name() + "'.",
          "Name another entity, or 'banks'.");
    }
  }

  private static void checkSum(Feature value, int events, Document spec) {
    BigInteger most = BigInteger.valueOf(value.max()).multiply(BigInteger.valueOf(events));
    if (most.bitLength() > SUM_BITS_MAX) {
      spec.get("sum")
          .add(
              Code.CDT_227,
              "The sum of "
                  + events
                  + " values needs "
                  + most.bitLength()
                  + " bits; "
                  + SUM_BITS_MAX
                  + " can be compared.",
              "Declare fewer events, or a smaller range in the contract.");
    }
  }

  private static Feature feature(
      String name, Kind kind, int minutes, int events, Optional<Feature> value, Document spec) {
    return switch (kind) {
      case COUNT, COUNTERPARTIES -> LinkTerms.number(name, "", 0, events, spec);
      case BANKS -> LinkTerms.number(name, "", 0, LinkSpec.BANKS_MAX, spec);
      case SINCE_FIRST, SINCE_LAST -> LinkTerms.number(name, "min", 0, minutes, spec);
      case SUM -> {
        Feature summed = value.orElseThrow();
        long max = summed.max() * events;
        yield LinkTerms.number(name, summed.unit(), summed.decimals(), max, spec);
      }
    };
  }
}
