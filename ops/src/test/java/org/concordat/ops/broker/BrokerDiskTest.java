package org.concordat.ops.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.concordat.ops.broker.BrokerDisk.Space;
import org.junit.jupiter.api.Test;

class BrokerDiskTest {
  private static final long GIB = 1L << 30;

  /** 1 MiB a second for 1,024 seconds is a GiB. */
  private static final BrokerDisk DISK =
      new BrokerDisk(4, 1 << 20, Duration.ofSeconds(10 * 1_024), 3);

  @Test
  void whatABankMayWriteStaysAsLongAsItIsKeptOnEachReplica() {
    assertThat(DISK.bankBytes()).isEqualTo(30.0 * GIB);
    assertThat(DISK.allBytes()).isEqualTo(4 * 30.0 * GIB);
  }

  @Test
  void theBoundIsHeldAgainstEachBrokersDisk() {
    Map<Integer, Space> spaces = new HashMap<>();
    spaces.put(3, new Space(0, 0, 0));
    spaces.put(1, new Space(122 * GIB, 7 * GIB, 2 * GIB));
    spaces.put(2, new Space(122 * GIB, 12 * GIB, 2 * GIB + 1));
    assertThat(DISK.lines(spaces))
        .containsExactly(
            "disk: 1,048,576 bytes a second of a bank to each broker, kept for 0 days, replication"
                + " 3: up to 30 GiB of each broker for a bank, 120 GiB for all 4",
            "disk of broker 1: 122 GiB, 7 GiB free, aggregators' topics take 2.0 GiB now: enough"
                + " for that and all that banks may write",
            "disk of broker 2: 122 GiB, 12 GiB free, aggregators' topics take 2.0 GiB now: full in"
                + " 0.3 hours if all banks write all they may",
            "disk of broker 3: it doesn't say how large it is");
  }

  @Test
  void theLargestQuotaOfManyBanksOverflowsNothing() {
    var largest =
        new BrokerDisk(1_000, BankQuotas.BYTES_PER_SECOND_MAX, ConsortiumTopics.blocksKept(), 3);
    assertThat(largest.allBytes()).isGreaterThan(3e19);
  }

  /** A week, and the day of a segment: it goes as a whole. */
  @Test
  void aBlockIsKeptForAWeekAndASegment() {
    assertThat(ConsortiumTopics.blocksKept()).isEqualTo(Duration.ofDays(8));
  }
}
