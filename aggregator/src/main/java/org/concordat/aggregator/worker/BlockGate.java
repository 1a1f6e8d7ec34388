package org.concordat.aggregator.worker;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.BlockCore;
import org.concordat.schemas.seal.BlockOpener;
import org.concordat.schemas.seal.Opening;
import org.jspecify.annotations.Nullable;

/** Decides whether a record from a bank's topic becomes a block of this partition. */
final class BlockGate {
  private final BlockOpener opener;
  private final Plan plan;
  private final Set<Integer> contractVersions;
  private final int partition;

  BlockGate(BlockOpener opener, Plan plan, Set<Integer> contractVersions, int partition) {
    this.opener = opener;
    this.plan = plan;
    this.contractVersions = contractVersions;
    this.partition = partition;
  }

  /**
   * @param topicBank the bank whose topic the record came from
   * @param record null where the bank wrote a record without value
   */
  Admission admit(String topicBank, long offset, byte @Nullable [] record) {
    if (record == null) {
      return refused(topicBank, Code.CDT_401, Optional.empty());
    }
    return switch (opener.open(record)) {
      case Opening.Waiting waiting ->
          isInPlace(topicBank, waiting.core())
              ? new Admission.Waiting(
                  topicBank, refused(topicBank, Code.CDT_412, Optional.of(waiting.core())))
              // Nobody waits for another bank's session.
              : new Admission.Refused(topicBank, Code.CDT_413, Optional.empty());
      case Opening.Refused refused -> refused(topicBank, refused.code(), refused.core());
      case Opening.Opened opened -> opened(topicBank, offset, opened);
    };
  }

  /**
   * Whether a record says that it is a block of this partition that is used up. Looks at no
   * signature: whoever wrote it, it can't be scored any more.
   *
   * @param usedBelow the bank's next sequence, or an earlier one
   */
  boolean isUsed(String topicBank, long usedBelow, byte @Nullable [] record) {
    if (record == null || usedBelow == 0) {
      return false;
    }
    return opener
        .unverified(record)
        .filter(core -> isInPlace(topicBank, core))
        .map(BlockCore::getSequence)
        .filter(sequence -> sequence >= 0 && sequence < usedBelow)
        .isPresent();
  }

  private Admission opened(String topicBank, long offset, Opening.Opened opened) {
    BlockCore core = opened.core();
    if (!isInPlace(topicBank, core)) {
      // Somebody copied a bank's block to another place: no complaint against its own position.
      return new Admission.Refused(topicBank, Code.CDT_413, Optional.empty());
    }
    boolean known =
        core.getContract().equals(plan.contract())
            && core.getContractVersion() == plan.contractVersion()
            && contractVersions.contains(core.getContractVersion())
            && Arrays.equals(core.getContractHash().bytes(), plan.contractHash());
    if (!known) {
      return refused(topicBank, Code.CDT_414, Optional.of(core));
    }
    if (!opened.fits(plan.layout().words(core.getRows()))) {
      return refused(topicBank, Code.CDT_415, Optional.of(core));
    }
    return new Admission.Accepted(
        topicBank, core.getSequence(), new HeldBlock(opened, offset, System.nanoTime()));
  }

  private Admission.Refused refused(String topicBank, Code code, Optional<BlockCore> core) {
    Optional<Long> sequence = core.filter(c -> isInPlace(topicBank, c)).map(BlockCore::getSequence);
    return new Admission.Refused(topicBank, code, sequence);
  }

  private boolean isInPlace(String topicBank, BlockCore core) {
    return core.getBank().equals(topicBank) && core.getPartition() == partition;
  }
}
