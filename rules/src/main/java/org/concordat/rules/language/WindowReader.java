package org.concordat.rules.language;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.Literals;
import org.concordat.rules.language.Links.LatestKind;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.jspecify.annotations.Nullable;

/** Reads one window. */
final class WindowReader {
  private static final int EVENTS_DEFAULT = 1_000;

  /** Bits of a sum: it has to stay comparable with others. */
  private static final int SUM_BITS_MAX = 61;

  private static final int LATEST_DEFAULT = 16;

  private static final Map<String, LatestKind> LATEST =
      Map.of("min", LatestKind.MIN, "max", LatestKind.MAX, "equal", LatestKind.EQUAL);

  private static final List<String> KINDS =
      List.of("sum", "count", "countOf", "distinct", "minutesSince", "min", "max", "equal");
  private static final String BANKS = "banks";

  private enum Since {
    FIRST,
    LAST
  }

  private final LinkTerms terms;
  private final int recordsMax;
  private final boolean carried;

  /**
   * @param recordsMax that are remembered where entities are hidden; else 0
   * @param carried whether windows reach back over the beginning of an epoch
   */
  WindowReader(FeatureContract contract, int recordsMax, boolean carried) {
    this.carried = carried;
    this.terms = new LinkTerms(contract, Code.CDT_227);
    this.recordsMax = recordsMax;
  }

  /** A number that stands for a window that can't be made sense of. */
  Feature any(String name, Document spec) {
    return LinkTerms.number(name, "", 2, Integer.MAX_VALUE, spec);
  }

  /** What a window tells, as far as it was read. */
  private record Told(
      Kind kind,
      Optional<Feature> value,
      LinkWindow.@Nullable Range counted,
      int latestMax,
      @Nullable LatestKind latestKind,
      Optional<Feature> counterparty) {
    static Told of(Kind kind) {
      return of(kind, Optional.empty());
    }

    static Told of(Kind kind, Optional<Feature> value) {
      return new Told(kind, value, null, 0, null, Optional.empty());
    }
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
    if (kinds.size() != 1) {
      spec.add(
          Code.CDT_227,
          kinds.isEmpty()
              ? "The window tells nothing."
              : "The window tells several things: " + String.join(", ", kinds) + ".",
          "Write exactly one of " + String.join(", ", KINDS) + ".");
      // Which other keys there may be hangs on that.
      spec.keys().forEach(spec::maybe);
      return Optional.empty();
    }
    String key = kinds.getFirst();
    if (recordsMax > 0 && !canHide(key, spec)) {
      spec.keys().forEach(spec::maybe);
      return Optional.empty();
    }
    int events = LATEST.containsKey(key) ? LinkSpec.EVENTS_MAX : events(spec);
    Told told = told(key, role, events, spec);
    if (spec.problems().list().size() > before) {
      return Optional.empty();
    }
    return Optional.of(
        new LinkWindow(
            feature(name, told, minutes.orElseThrow(), events, spec),
            entity.orElseThrow(),
            role.orElseThrow(),
            minutes.orElseThrow(),
            events,
            told.kind,
            told.value.orElse(null),
            told.counted,
            told.latestMax,
            told.latestKind,
            told.counterparty.orElse(null)));
  }

  /** Whether a window can be kept of entities that are hidden; a problem if not. */
  private static boolean canHide(String key, Document spec) {
    if (spec.has("events")) {
      spec.get("events")
          .add(
              Code.CDT_227,
              "Where entities are hidden a window holds all of their records that are remembered.",
              "Remove 'events': 'recordsMax' bounds it.");
    }
    if (!LATEST.containsKey(key) && !countsParties(spec)) {
      return true;
    }
    spec.get(key)
        .add(
            Code.CDT_227,
            "Where entities are hidden, a window doesn't tell "
                + (LATEST.containsKey(key) ? "'" + key + "'." : "different counterparties."),
            "Use sum, count, countOf, 'distinct: banks' or minutesSince, or 'linkage: 64'.");
    return false;
  }

  private static boolean countsParties(Document spec) {
    Document counted = spec.maybe("distinct");
    return counted.isPresent() && !counted.text().equals(BANKS);
  }

  private int events(Document spec) {
    if (recordsMax > 0) {
      return recordsMax;
    }
    boolean countsParties = countsParties(spec);
    int eventsDefault = countsParties ? LinkSpec.COUNTERPARTIES_MAX : EVENTS_DEFAULT;
    int eventsMax = countsParties ? LinkSpec.COUNTERPARTIES_MAX : LinkSpec.EVENTS_MAX;
    return (int) spec.maybe("events").integer(1, eventsMax, eventsDefault);
  }

  private Told told(String key, Optional<Feature> role, int events, Document spec) {
    return switch (key) {
      case "sum" -> {
        Optional<Feature> value = terms.value(spec.get(key));
        value.ifPresent(v -> checkSum(v, events, spec));
        yield Told.of(Kind.SUM, value);
      }
      case "count" -> Told.of(count(spec.get(key)));
      case "countOf" -> countOf(spec);
      case "distinct" -> {
        if (!countsParties(spec)) {
          yield Told.of(Kind.BANKS);
        }
        Optional<Feature> counterparty = terms.entity(spec.get(key));
        checkOther(counterparty, role, spec.get(key));
        yield new Told(Kind.COUNTERPARTIES, Optional.empty(), null, 0, null, counterparty);
      }
      case "minutesSince" ->
          Told.of(
              spec.get(key).choice(Since.class).orElse(Since.LAST) == Since.FIRST
                  ? Kind.SINCE_FIRST
                  : Kind.SINCE_LAST);
      default -> {
        Optional<Feature> value = terms.value(spec.get(key));
        int latestMax = (int) spec.maybe("latest").integer(1, LinkSpec.LATEST_MAX, LATEST_DEFAULT);
        yield new Told(Kind.LATEST, value, null, latestMax, LATEST.get(key), Optional.empty());
      }
    };
  }

  /** Records whose value is in a range: each adds 1 to a sum. */
  private Told countOf(Document spec) {
    Optional<Feature> value = terms.value(spec.get("countOf"));
    Document bounds = spec.get("between");
    if (value.isEmpty() || !bounds.isPresent()) {
      return Told.of(Kind.SUM, value);
    }
    List<Long> range = new ArrayList<>();
    for (Document bound : bounds.items()) {
      Literals.value(value.get(), bound).ifPresent(number -> range.add(longValue(number)));
    }
    if (range.size() < bounds.items().size()) {
      // Said where it stands.
      return Told.of(Kind.SUM, value);
    }
    boolean fits =
        range.size() == 2
            && range.get(0) >= value.get().min()
            && range.get(0) <= range.get(1)
            && range.get(1) <= value.get().max();
    if (!fits) {
      bounds.add(
          Code.CDT_227,
          "Two values within the range of '"
              + value.get().name()
              + "' are expected, the lower one first.",
          "Write [from, to].");
      return Told.of(Kind.SUM, value);
    }
    return new Told(
        Kind.SUM,
        value,
        new LinkWindow.Range(range.get(0), range.get(1)),
        0,
        null,
        Optional.empty());
  }

  /** Beyond any feature's range where it doesn't fit. */
  private static long longValue(BigInteger number) {
    return number.bitLength() < Long.SIZE ? number.longValueExact() : -1;
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

  /** Those of each epoch that a window sees are bounded by themselves. */
  private long counted(int events) {
    return (carried ? LinkSpec.EPOCHS_SEEN : 1L) * events;
  }

  private void checkSum(Feature value, int events, Document spec) {
    BigInteger most = BigInteger.valueOf(value.max()).multiply(BigInteger.valueOf(counted(events)));
    if (most.bitLength() > SUM_BITS_MAX) {
      spec.get("sum")
          .add(
              Code.CDT_227,
              "The sum of "
                  + counted(events)
                  + " values needs "
                  + most.bitLength()
                  + " bits; "
                  + SUM_BITS_MAX
                  + " can be compared.",
              "Declare fewer events (of hidden entities 'recordsMax'), or a smaller range in the"
                  + " contract.");
    }
  }

  private Feature feature(String name, Told told, int minutes, int events, Document spec) {
    Kind kind = told.counted == null ? told.kind : Kind.COUNT;
    return switch (kind) {
      case COUNT -> LinkTerms.number(name, "", 0, counted(events), spec);
      case COUNTERPARTIES -> LinkTerms.number(name, "", 0, events, spec);
      case BANKS -> LinkTerms.number(name, "", 0, LinkSpec.BANKS_MAX, spec);
      case SINCE_FIRST, SINCE_LAST -> LinkTerms.number(name, "min", 0, minutes, spec);
      case SUM -> {
        Feature summed = told.value.orElseThrow();
        long max = summed.max() * counted(events);
        yield LinkTerms.number(name, summed.unit(), summed.decimals(), max, spec);
      }
      case LATEST -> {
        Feature value = told.value.orElseThrow();
        yield told.latestKind == LatestKind.EQUAL
            ? LinkTerms.number(name, "", 0, told.latestMax, spec)
            : LinkTerms.number(name, value.unit(), value.decimals(), value.max(), spec);
      }
    };
  }
}
