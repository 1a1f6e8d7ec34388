package org.concordat.rules.plan;

import java.util.List;
import org.concordat.rules.link.LinkSpec;

/**
 * The nodes of a plan that everybody may know, since they hang on public columns alone. They are
 * computed in the clear, each party by itself, and cost no products.
 */
public final class PublicNodes {
  private PublicNodes() {}

  /** By node: whether it is public. */
  public static boolean[] of(Plan plan) {
    boolean[] isPublic = new boolean[plan.nodes().size()];
    if (plan.link().isEmpty()) {
      return isPublic;
    }
    int fields = plan.layout().fields().size();
    List<LinkSpec.Derived> derived = plan.link().get().derived();
    for (int node = 0; node < isPublic.length; node++) {
      Node each = plan.nodes().get(node);
      // A secret model isn't public, whatever it is applied to; nor are bits taken of a public
      // number, which only a secret model reads.
      isPublic[node] =
          each instanceof Node.Input input
              ? input.field() >= fields
                  && derived.get(input.field() - fields) instanceof LinkSpec.Public
              : !(each instanceof Node.SecretSum
                      || each instanceof Node.SecretForest
                      || each instanceof Node.ToCode)
                  && each.operands().stream().allMatch(operand -> isPublic[operand]);
    }
    return isPublic;
  }
}
