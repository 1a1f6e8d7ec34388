package org.concordat.rules.language;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.language.LinkPath.Kept;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.link.LinkSpec.Shape;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.jspecify.annotations.Nullable;

/** Reads one path after the other: all of them run along the same payments. */
final class PathReader {
  private static final int HOPS_MIN = 2;
  private static final int SLOTS_DEFAULT = 4;

  /** Decimals of a kept part: finer ones would widen every comparison. */
  private static final int KEPT_DECIMALS_MAX = 4;

  private final LinkTerms terms;
  private final int edgesMax;
  private @Nullable Feature source;
  private @Nullable Feature target;
  private @Nullable Feature value;

  PathReader(FeatureContract contract, int edgesMax) {
    this.terms = new LinkTerms(contract, Code.CDT_228);
    this.edgesMax = edgesMax;
  }

  private static boolean isNumber(Shape shape) {
    return shape != Shape.CYCLE && shape != Shape.CHAIN;
  }

  /** What stands for a path that can't be made sense of. */
  Feature any(String name, Document spec) {
    boolean flag = spec.isMapping() && List.of("cycle", "chain").contains(spec.get("shape").text());
    return flag
        ? LinkTerms.flag(name, spec)
        : LinkTerms.number(name, "", 0, Integer.MAX_VALUE, spec);
  }

  Optional<LinkPath> read(String name, Document spec) {
    int before = spec.problems().list().size();
    Optional<Shape> shape = spec.get("shape").choice(Shape.class);
    Optional<Feature> from = terms.entity(spec.get("from"));
    Optional<Feature> to = terms.entity(spec.get("to"));
    if (from.isPresent() && to.isPresent()) {
      checkEnds(from.get(), to.get(), spec);
    }
    Optional<Integer> within = terms.minutes(spec.get("within"));
    if (shape.isEmpty()) {
      // Without a shape nothing can be said about the other keys.
      spec.keys().forEach(spec::maybe);
      return Optional.empty();
    }
    Optional<Feature> compared = Optional.empty();
    Kept kept = null;
    int[] hops = {0, 0};
    int slots = 0;
    if (shape.get() == Shape.CYCLE_LENGTH) {
      hops = hops(spec.get("hops"), shape.get());
    }
    if (!isNumber(shape.get())) {
      compared = terms.value(spec.get("value"));
      compared.ifPresent(v -> checkSameValue(v, spec));
      kept = kept(spec.get("kept"));
      hops = hops(spec.get("hops"), shape.get());
      slots = (int) spec.maybe("slots").integer(1, LinkSpec.SLOTS_MAX, SLOTS_DEFAULT);
    }
    if (spec.problems().list().size() > before) {
      return Optional.empty();
    }
    Feature feature =
        isNumber(shape.get())
            ? LinkTerms.number(name, "", 0, max(shape.get(), hops[1]), spec)
            : LinkTerms.flag(name, spec);
    return Optional.of(
        new LinkPath(
            feature,
            new PathSpec(name, shape.get(), hops[0], hops[1], within.orElseThrow(), slots),
            from.orElseThrow(),
            to.orElseThrow(),
            compared.orElse(null),
            kept,
            spec.place()));
  }

  /** The largest number that a shape gives, as the spec of links has it. */
  private long max(Shape shape, int hopsMax) {
    return switch (shape) {
      case CYCLE_LENGTH -> hopsMax;
      case DIAMONDS, BUTTERFLIES -> (long) edgesMax * edgesMax;
      case CYCLE, CHAIN, SCATTER_GATHER, BIPARTITE, STACK -> edgesMax;
    };
  }

  private void checkEnds(Feature from, Feature to, Document spec) {
    if (from.equals(to)) {
      spec.get("to")
          .add(Code.CDT_228, "A payment leads from one entity to another.", "Name another.");
      return;
    }
    if (!terms.sameKind(from, to, spec.get("to"))) {
      return;
    }
    if (source == null) {
      source = from;
      target = to;
    } else if (!from.equals(source) || !to.equals(target)) {
      spec.get("from")
          .add(
              Code.CDT_228,
              "All paths of a rule set run along the same payments.",
              "Write the same 'from' and 'to' in each.");
    }
  }

  private void checkSameValue(Feature compared, Document spec) {
    if (value == null) {
      value = compared;
    } else if (!value.equals(compared)) {
      spec.get("value")
          .add(
              Code.CDT_228,
              "All paths of a rule set compare the same value, here '" + value.name() + "'.",
              "Write the same 'value' in each.");
    }
  }

  private static @Nullable Kept kept(Document kept) {
    List<Document> parts = kept.items();
    if (parts.size() == 2) {
      BigDecimal from = parts.get(0).decimal();
      BigDecimal to = parts.get(1).decimal();
      boolean fine =
          Math.max(from.stripTrailingZeros().scale(), to.stripTrailingZeros().scale())
              <= KEPT_DECIMALS_MAX;
      if (fine
          && from.signum() > 0
          && from.compareTo(to) <= 0
          && to.compareTo(BigDecimal.ONE) <= 0) {
        return new Kept(from, to);
      }
    }
    if (kept.isPresent()) {
      kept.add(
          Code.CDT_228,
          "Two parts above 0 and up to 1 are expected, the lower one first, of at most "
              + KEPT_DECIMALS_MAX
              + " decimals.",
          "Write [0.80, 1.00], for example.");
    }
    return null;
  }

  private static int[] hops(Document hops, Shape shape) {
    List<Document> bounds = hops.items();
    if (bounds.size() == 2) {
      int from = (int) bounds.get(0).integer(HOPS_MIN, LinkSpec.HOPS_MAX);
      int to = (int) bounds.get(1).integer(HOPS_MIN, LinkSpec.HOPS_MAX);
      if (from > to) {
        hops.add(Code.CDT_228, "The lower bound comes first.", "Swap them.");
      } else if (shape == Shape.CHAIN && from != to) {
        hops.add(
            Code.CDT_228,
            "A chain has one length: a longer one ends in one of " + from + " hops.",
            "Write [" + from + ", " + from + "].");
      }
      return new int[] {from, to};
    }
    if (hops.isPresent()) {
      hops.add(Code.CDT_228, "Two bounds are expected, from 2 to 10.", "Write [2, 5].");
    }
    return new int[] {HOPS_MIN, HOPS_MIN};
  }
}
