package org.concordat.rules.plan;

import java.util.List;
import org.concordat.schemas.share.ShareLayout;

/**
 * A compiled rule set.
 *
 * @param hash SHA-256 of the rule set's and the contract's canonical form: equal at all parties
 * @param layout of the contract's version that the plan reads
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
    List<RuleOutput> outputs) {}
