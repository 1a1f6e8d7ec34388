package org.concordat.schemas.seal;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.share.Components;

/** What a bank seals as one block. Holds shares of every value: prints its position only. */
public final class BlockContent {
  /** What fits a 64-bit count of milliseconds. */
  static final long MINUTE_MAX = Long.MAX_VALUE / 60_000;

  private static final int DIGEST_BYTES = 32;

  final int partition;
  final long sequence;
  final RecordKind kind;
  final String contract;
  final int contractVersion;
  final byte[] contractHash;
  final int rows;
  final long[] eventMinutes;
  final long watermarkMinute;
  final byte[] transactionIds;
  final Components components;

  /**
   * @param rows 1 to {@link BlockOpener#ROWS_MAX}
   * @param eventMinutes of each row, since 1970 UTC, at most {@link #MINUTE_MAX} either way
   * @param transactionIds 16 bytes a row
   * @param components of the rows' values in the contract's layout
   */
  public BlockContent(
      int partition,
      long sequence,
      RecordKind kind,
      String contract,
      int contractVersion,
      byte[] contractHash,
      int rows,
      long[] eventMinutes,
      long watermarkMinute,
      byte[] transactionIds,
      Components components) {
    if (rows < 1
        || rows > BlockOpener.ROWS_MAX
        || eventMinutes.length != rows
        || transactionIds.length != rows * BlockOpener.TRANSACTION_ID_BYTES
        || contractHash.length != DIGEST_BYTES) {
      throw new IllegalArgumentException("rows, eventMinutes, transactionIds or contractHash");
    }
    if (!LongStream.concat(LongStream.of(watermarkMinute), Arrays.stream(eventMinutes))
        .allMatch(BlockContent::isMinute)) {
      throw new IllegalArgumentException("eventMinutes or watermarkMinute");
    }
    this.partition = partition;
    this.sequence = sequence;
    this.kind = kind;
    this.contract = contract;
    this.contractVersion = contractVersion;
    this.contractHash = contractHash;
    this.rows = rows;
    this.eventMinutes = eventMinutes;
    this.watermarkMinute = watermarkMinute;
    this.transactionIds = transactionIds;
    this.components = components;
  }

  static boolean isMinute(long minute) {
    return minute >= -MINUTE_MAX && minute <= MINUTE_MAX;
  }

  @Override
  public String toString() {
    return "BlockContent[" + partition + "/" + sequence + ", rows=" + rows + "]";
  }
}
