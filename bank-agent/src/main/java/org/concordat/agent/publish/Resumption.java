package org.concordat.agent.publish;

import org.apache.kafka.common.TopicPartition;
import org.concordat.schemas.problem.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a partition is gone on with, and what of it was removed before it was read: from {@code
 * lostFrom} to before {@code lostBefore}, an empty range if nothing was.
 */
public record Resumption(TopicPartition at, long start, long lostFrom, long lostBefore) {
  private static final Logger LOG = LoggerFactory.getLogger(Resumption.class);

  /**
   * Goes on as close as can be to where reading was left.
   *
   * @param left the offset before which everything was taken
   * @param begin the first offset that the log has now
   * @param end the offset behind its last
   */
  public static Resumption of(TopicPartition at, long left, long begin, long end) {
    // Beyond the end stands who read a topic that was deleted since and made again.
    if (left > end) {
      return new Resumption(at, begin, end, left);
    }
    long start = Math.max(left, begin);
    return new Resumption(at, start, left, start);
  }

  /** How many offsets were lost; those of marks of transactions count too. */
  public long lost() {
    return lostBefore - lostFrom;
  }

  /** Says in the log what was lost. */
  public void tell() {
    LOG.atError()
        .addKeyValue("code", Code.CDT_394.label())
        .addKeyValue("topic", at.topic())
        .addKeyValue("partition", at.partition())
        .addKeyValue("fromOffset", lostFrom)
        .addKeyValue("beforeOffset", lostBefore)
        .addKeyValue("fix", Code.CDT_394.fix())
        .log(Code.CDT_394.cause());
  }
}
