package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSizeTest {
  @TempDir private Path folder;

  private long nowNanos = Long.MAX_VALUE - 5;

  @Test
  void whatIsWrittenCountsAtOnceAndWhatIsRemovedWithinASecond() throws IOException {
    Path table = Files.write(folder.resolve("1.sst"), new byte[700]);
    Files.write(folder.resolve("2.log"), new byte[40]);
    var size = new FolderSize(folder, () -> nowNanos);
    assertThat(size.bytes()).isEqualTo(740);
    size.wrote(9);
    assertThat(size.bytes()).isEqualTo(749);
    Files.write(folder.resolve("2.log"), new byte[49]);
    Files.delete(table);
    nowNanos += TimeUnit.SECONDS.toNanos(1) - 1;
    assertThat(size.bytes()).as("not looked at yet").isEqualTo(749);
    nowNanos++;
    assertThat(size.bytes()).isEqualTo(49);
    Files.delete(folder.resolve("2.log"));
    size.look();
    assertThat(size.bytes()).isZero();
  }

  @Test
  void aFolderThatIsGoneIsNoEmptyOne() {
    var size = new FolderSize(folder.resolve("none"), () -> nowNanos);
    assertThatThrownBy(size::bytes).isInstanceOf(IllegalStateException.class);
  }
}
