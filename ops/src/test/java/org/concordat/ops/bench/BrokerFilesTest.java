package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerFilesTest {
  @TempDir private Path folder;

  @Test
  void filesOfAllFoldersCountButIndexes() throws Exception {
    Path topic = Files.createDirectories(folder.resolve("cuts-0"));
    Files.write(folder.resolve("meta.properties"), new byte[10]);
    Files.write(topic.resolve("00000000000000000000.log"), new byte[1_000]);
    Files.write(topic.resolve("00000000000000000000.index"), new byte[5_000]);
    Files.write(topic.resolve("00000000000000000000.timeindex"), new byte[5_000]);
    assertThat(BrokerFiles.bytes(folder)).isEqualTo(1_010);
  }

  @Test
  void aFolderThatIsNotThereTakesNothing() {
    assertThat(BrokerFiles.bytes(folder.resolve("none"))).isZero();
  }
}
