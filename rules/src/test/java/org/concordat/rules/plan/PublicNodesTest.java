package org.concordat.rules.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.Test;

/** What is taken for public is computed in the clear: no secret may hang on it alone. */
class PublicNodesTest {
  private static final LinkSpec SPEC =
      new LinkSpec(
          64,
          10,
          List.of(new LinkSpec.EntityField("payer", 0)),
          -1,
          List.of(new LinkSpec.ValueField("amount", 2, 100)),
          List.of(new LinkSpec.Track(0, 60, 10, -1)),
          List.of(
              new LinkSpec.Measure("count", 0, 0, LinkSpec.Kind.COUNT, -1),
              new LinkSpec.Measure("sum", 0, 0, LinkSpec.Kind.SUM, 0)),
          Optional.empty(),
          List.of());

  private static final List<Node> NODES =
      List.of(
          new Node.Input(2, Domain.ARITHMETIC, 64),
          new Node.Input(3, Domain.ARITHMETIC, 64),
          new Node.Input(4, Domain.ARITHMETIC, 64),
          new Node.Linear(List.of(1), List.of(2L), -3),
          new Node.Negative(3, 8),
          new Node.Linear(List.of(0, 1), List.of(1L, 1L), 0),
          new Node.SecretSum(SecretModel.ofWeights("r", "bank-a", List.of(9L, 9L)), List.of(1)));

  private static Plan plan(Optional<LinkSpec> link) {
    var word = ShareField.bits(64);
    var layout = new ShareLayout(List.of(word, word, ShareField.arithmetic()));
    return new Plan("r", 1, new byte[32], "c", 1, new byte[32], layout, NODES, List.of(), link);
  }

  @Test
  void onlyWhatHangsOnPublicColumnsAloneIsPublic() {
    assertThat(PublicNodes.of(plan(Optional.of(SPEC))))
        .containsExactly(false, true, false, true, true, false, false);
  }

  @Test
  void nothingIsPublicWithoutLinks() {
    assertThat(PublicNodes.of(plan(Optional.empty()))).containsOnly(false);
  }
}
