package org.concordat.agent.alert;

import java.util.Optional;
import java.util.OptionalLong;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/** An alert as it was put together. Holds a score: prints nothing of it. */
final class AssembledAlert {
  private final OpenedShare first;
  private final @Nullable RuleOutput output;
  private final long[] words;
  private final @Nullable Code doubt;
  private final String evidence;

  private AssembledAlert(
      OpenedShare first,
      @Nullable RuleOutput output,
      long[] words,
      @Nullable Code doubt,
      String evidence) {
    this.first = first;
    this.output = output;
    this.words = words;
    this.doubt = doubt;
    this.evidence = evidence;
  }

  /**
   * @param words the score's if the rule tells one, then that of the reasons if it has any
   * @param doubt why it isn't verified, if it isn't
   * @param evidence against which a late share is held; empty where none is waited for
   */
  static AssembledAlert of(
      OpenedShare first, RuleOutput output, long[] words, @Nullable Code doubt, String evidence) {
    return new AssembledAlert(first, output, words, doubt, evidence);
  }

  /** An alert of which only the flag is certain. */
  static AssembledAlert withoutDetails(OpenedShare first, Code doubt) {
    return new AssembledAlert(first, null, new long[0], doubt, "");
  }

  /** One of the shares, for what all say alike. */
  OpenedShare first() {
    return first;
  }

  /** What the words mean; nothing where there are none to rely on. */
  Optional<RuleOutput> output() {
    return Optional.ofNullable(output);
  }

  /** The score at the rule's scale. */
  OptionalLong score() {
    return words.length > 0 && output != null && output.score().isPresent()
        ? OptionalLong.of(words[0])
        : OptionalLong.empty();
  }

  /** Bit i: the rule's reason i held. */
  long reasonBits() {
    return words.length > 0 && output != null && !output.reasons().isEmpty()
        ? words[words.length - 1]
        : 0;
  }

  /** Why it isn't verified, if it isn't. */
  Optional<Code> doubt() {
    return Optional.ofNullable(doubt);
  }

  /** Against which a late share is held; empty where none is waited for. */
  String evidence() {
    return evidence;
  }

  @Override
  public String toString() {
    return "AssembledAlert[doubt=" + doubt + "]";
  }
}
