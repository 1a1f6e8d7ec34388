package org.concordat.agent.encode;

import java.util.List;
import javax.crypto.SecretKey;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Problems;

/** Opens the one way in for each source: all share what was seen and the blocks being filled. */
public final class Intakes {
  private final RuleSet ruleSet;
  private final SecretKey transactionIdKey;
  private final SeenRows seen;
  private final BlockBuilder builder;

  public Intakes(RuleSet ruleSet, SecretKey transactionIdKey, SeenRows seen, BlockBuilder builder) {
    this.ruleSet = ruleSet;
    this.transactionIdKey = transactionIdKey;
    this.seen = seen;
    this.builder = builder;
  }

  /**
   * For one source, or for one of a source's threads.
   *
   * @param columns what the cells of a record are, in their order
   * @throws org.concordat.schemas.problem.InvalidInputException the mapping doesn't fit
   */
  public Intake open(SourceMapping mapping, List<String> columns) {
    var encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), mapping);
    var problems = new Problems();
    encoder.bind(columns, problems);
    problems.throwIfAny();
    return new Intake(encoder, new RowIds(transactionIdKey), seen, builder);
  }
}
