package org.concordat.agent.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.Test;

class BlockRowsTest {
  private static ShareLayout arithmetic(int fields) {
    return new ShareLayout(Collections.nCopies(fields, ShareField.arithmetic()));
  }

  @Test
  void aNarrowContractFillsBlocksToTheirMostRows() {
    assertThat(BlockRows.rowsMax(new ShareLayout(List.of(ShareField.bits(1))), 1024))
        .isEqualTo(1024);
    assertThat(BlockRows.rowsMax(arithmetic(32), 1024)).isEqualTo(1024);
    assertThat(BlockRows.rowsMax(arithmetic(32), 100)).isEqualTo(100);
  }

  @Test
  void aWideContractStopsAtTheMostBytes() {
    ShareLayout wide = arithmetic(200);
    int rows = BlockRows.rowsMax(wide, 1024);
    assertThat(BlockRows.payloadBytes(wide, rows)).isLessThanOrEqualTo(BlockRows.BLOCK_BYTES_MAX);
    assertThat(BlockRows.payloadBytes(wide, rows + 1)).isGreaterThan(BlockRows.BLOCK_BYTES_MAX);
  }
}
