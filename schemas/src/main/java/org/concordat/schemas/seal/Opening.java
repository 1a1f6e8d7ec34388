package org.concordat.schemas.seal;

import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.BlockCore;

/** What became of a block that an aggregator tried to open. */
public sealed interface Opening {
  /** The block, signed by its bank, names a session whose set-up record hasn't come yet. */
  record Waiting(BlockCore core) implements Opening {}

  /**
   * The block can't be used.
   *
   * @param core where the signature is the bank's and the sequence within the limit; else absent
   */
  record Refused(Code code, java.util.Optional<BlockCore> core) implements Opening {}

  /**
   * The block is right, as far as one aggregator can see. Holds shares: prints its position only.
   */
  final class Opened implements Opening {
    private final BlockCore core;
    private final byte[] headerDigest;
    private final byte[] transactionIds;
    private final long[] eventMinutes;
    private final ComponentBody first;
    private final ComponentBody second;

    Opened(
        BlockCore core,
        byte[] headerDigest,
        byte[] transactionIds,
        long[] eventMinutes,
        ComponentBody first,
        ComponentBody second) {
      this.core = core;
      this.headerDigest = headerDigest;
      this.transactionIds = transactionIds;
      this.eventMinutes = eventMinutes;
      this.first = first;
      this.second = second;
    }

    public BlockCore core() {
      return core;
    }

    /** SHA-256 of the header as it came, the same at every party. */
    public byte[] headerDigest() {
      return headerDigest;
    }

    /** 16 bytes a row. */
    public byte[] transactionIds() {
      return transactionIds;
    }

    public long[] eventMinutes() {
      return eventMinutes;
    }

    /**
     * The words of component i at aggregator i.
     *
     * @param wordCount of the contract's layout for the block's rows
     */
    public long[] first(int wordCount) {
      return first.words(wordCount);
    }

    /** The words of component i+1 at aggregator i. */
    public long[] second(int wordCount) {
      return second.words(wordCount);
    }

    /** Whether explicit components have as many words as the contract's layout asks for. */
    public boolean fits(int wordCount) {
      return first.fits(wordCount) && second.fits(wordCount);
    }

    @Override
    public String toString() {
      return "Opened["
          + core.getBank()
          + ", "
          + core.getPartition()
          + "/"
          + core.getSequence()
          + ", rows="
          + core.getRows()
          + "]";
    }
  }
}
