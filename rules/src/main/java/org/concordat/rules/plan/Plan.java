package org.concordat.rules.plan;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.share.ShareLayout;

/**
 * A compiled rule set.
 *
 * @param hash SHA-256 of the rule set's and the contract's canonical form: equal at all parties
 * @param layout of the contract's version that the plan reads
 * @param link what a row gets from earlier ones: further inputs behind the layout's fields, in the
 *     order of {@link LinkSpec#derived}, all of them arithmetic
 */
public record Plan(
    String ruleSet,
    int version,
    byte[] hash,
    String contract,
    int contractVersion,
    byte[] contractHash,
    ShareLayout layout,
    List<Node> nodes,
    List<RuleOutput> outputs,
    Optional<LinkSpec> link) {
  /** A plan that links nothing. */
  public Plan(
      String ruleSet,
      int version,
      byte[] hash,
      String contract,
      int contractVersion,
      byte[] contractHash,
      ShareLayout layout,
      List<Node> nodes,
      List<RuleOutput> outputs) {
    this(
        ruleSet,
        version,
        hash,
        contract,
        contractVersion,
        contractHash,
        layout,
        nodes,
        outputs,
        Optional.empty());
  }

  /** How many columns the plan reads: the layout's fields, then those that are derived. */
  public int inputs() {
    return layout.fields().size() + link.map(spec -> spec.derived().size()).orElse(0);
  }

  /** Whether a rule alerts earlier records too. */
  public boolean namesMembers() {
    return outputs.stream().anyMatch(output -> output.live() && output.members().isPresent());
  }

  /** The models that secret weights and trees come from, in the order in which nodes read them. */
  public List<SecretModel> secretModels() {
    return nodes.stream()
        .flatMap(
            node ->
                switch (node) {
                  case Node.SecretSum sum -> Stream.of(sum.model());
                  case Node.SecretForest forest -> Stream.of(forest.model());
                  default -> Stream.empty();
                })
        .distinct()
        .toList();
  }
}
