package org.concordat.agent.encode;

import java.util.List;
import javax.crypto.SecretKey;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.history.HistoryIds;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.RecordKind;

/** Opens the one way in for each source: all share what was seen and the blocks being filled. */
public final class Intakes {
  private final RuleSet ruleSet;
  private final SecretKey transactionIdKey;
  private final SeenRows seen;
  private final BlockBuilder builder;
  private final KeptHistory history;

  public Intakes(
      RuleSet ruleSet,
      SecretKey transactionIdKey,
      SeenRows seen,
      BlockBuilder builder,
      KeptHistory history) {
    this.ruleSet = ruleSet;
    this.transactionIdKey = transactionIdKey;
    this.seen = seen;
    this.builder = builder;
    this.history = history;
  }

  /**
   * For one source, or for one of a source's threads.
   *
   * @param columns what the cells of a record are, in their order
   * @throws org.concordat.schemas.problem.InvalidInputException the mapping doesn't fit
   */
  public Intake open(SourceMapping mapping, List<String> columns) {
    return open(mapping, columns, RecordKind.LIVE);
  }

  /** As {@link #open(SourceMapping, List)}, for rows of a kind. */
  public Intake open(SourceMapping mapping, List<String> columns, RecordKind kind) {
    FeatureContract contract = ruleSet.contract();
    var encoder = new RowEncoder(contract, ruleSet.rates(), mapping);
    var problems = new Problems();
    encoder.bind(columns, problems);
    problems.throwIfAny();
    boolean remembers = contract.hasHistory();
    return new Intake(
        encoder,
        new RowIds(transactionIdKey),
        seen,
        builder,
        kind,
        remembers ? history : null,
        remembers ? history.features(contract, new HistoryIds(transactionIdKey)) : null);
  }
}
