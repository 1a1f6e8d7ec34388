package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.language.Links;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.plan.PlanBuilder.OverflowException;
import org.concordat.schemas.share.Domain;

/**
 * Compiles cycles and chains: a path is there where one of its slots holds a candidate each of
 * whose payments passes on what it should. How many payments a candidate has is public; their
 * values are shared, and of each two that follow each other both bounds are compared.
 */
final class PathCompiler {
  private static final BigInteger ZERO = BigInteger.ZERO;

  private final Links links;
  private final PlanBuilder builder;
  private final FeatureNodes features;

  PathCompiler(Links links, PlanBuilder builder, FeatureNodes features) {
    this.links = links;
    this.builder = builder;
    this.features = features;
  }

  /**
   * Whether a path is there.
   *
   * @param slots for each of its slots whether the candidate in it holds
   */
  record Compiled(int flag, List<Integer> slots) {}

  Compiled compile(Links.PathFlag flag) throws OverflowException {
    PathSpec path = links.spec().paths().get(flag.path());
    List<Bit> slots = new ArrayList<>();
    for (int slot = 0; slot < path.slots(); slot++) {
      slots.add(slot(flag, path, slot));
    }
    return new Compiled(node(builder.or(slots)), slots.stream().map(PathCompiler::node).toList());
  }

  private static int node(Bit bit) {
    return switch (bit) {
      case Bit.Of(int node) -> node;
      case Bit.Known unused -> throw new AssertionError("whether a slot is filled is not known");
    };
  }

  private Bit slot(Links.PathFlag flag, PathSpec path, int slot) throws OverflowException {
    String name = path.name() + "#" + slot;
    List<Bit> holds = new ArrayList<>();
    holds.add(reaches(name, path, 1));
    LinearForm later = features.value(flag.value());
    for (int hop = 1; hop < path.hopsMax(); hop++) {
      int earlier = input(name + "." + hop);
      Bit kept = kept(flag, earlier, later);
      // A candidate has this many payments at least; farther ones are looked at where they are.
      holds.add(
          hop < path.hopsMin()
              ? kept
              : builder.or(List.of(builder.not(reaches(name, path, hop)), kept)));
      later = value(LinearForm.constant(ZERO), earlier, BigInteger.ONE, flag.value());
    }
    return builder.and(holds);
  }

  /** Whether a slot holds that many earlier payments: public. */
  private Bit reaches(String slot, PathSpec path, int payments) throws OverflowException {
    LinearForm length =
        LinearForm.constant(BigInteger.valueOf(-payments))
            .plus(input(slot), BigInteger.ONE, ZERO, BigInteger.valueOf(path.hopsMax() - 1L));
    return builder.not(builder.negative(length));
  }

  /** {@code from * earlier <= later <= to * earlier}, in integers. */
  private Bit kept(Links.PathFlag flag, int earlier, LinearForm later) throws OverflowException {
    int decimals =
        Math.max(
            0,
            Math.max(
                flag.keptFrom().stripTrailingZeros().scale(),
                flag.keptTo().stripTrailingZeros().scale()));
    BigInteger scale = BigInteger.TEN.pow(decimals);
    LinearForm scaled = later.times(scale);
    BigInteger from = scaled(flag.keptFrom(), scale);
    BigInteger to = scaled(flag.keptTo(), scale);
    Bit tooLittle = builder.negative(value(scaled, earlier, from.negate(), flag.value()));
    Bit tooMuch = builder.negative(value(scaled.negated(), earlier, to, flag.value()));
    return builder.and(List.of(builder.not(tooLittle), builder.not(tooMuch)));
  }

  private static BigInteger scaled(BigDecimal part, BigInteger scale) {
    return part.multiply(new BigDecimal(scale)).toBigIntegerExact();
  }

  private static LinearForm value(LinearForm form, int node, BigInteger weight, Feature value) {
    // What a bank sent outside the range was taken for 0 when it was remembered.
    return form.plus(node, weight, ZERO, BigInteger.valueOf(value.max()));
  }

  private int input(String column) {
    return builder.input(links.features().fieldOf(column), Domain.ARITHMETIC, Long.SIZE);
  }
}
