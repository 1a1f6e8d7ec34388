package org.concordat.ops.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
  void eachTopicsPartitionsAreCountedTogetherAndThoseThatAreDeletedToo() throws Exception {
    List<String> names =
        List.of("cuts-0", "shares.bank-1.agg-2-0", "shares.bank-1.agg-2-11", "cuts-1.0a-delete");
    int bytes = 1;
    for (String name : names) {
      Path partition = Files.createDirectories(folder.resolve(name));
      Files.write(partition.resolve("00000000000000000000.log"), new byte[bytes]);
      bytes *= 10;
    }
    Files.write(folder.resolve("a.file-1"), new byte[5]);
    assertThat(BrokerFiles.bytesByTopic(folder))
        .isEqualTo(Map.of("cuts", 1_001L, "shares.bank-1.agg-2", 110L, "", 5L));
    assertThat(BrokerFiles.bytes(folder)).isEqualTo(1_116);
  }

  @Test
  void aFolderThatIsNotThereTakesNothing() {
    assertThat(BrokerFiles.bytes(folder.resolve("none"))).isZero();
  }

  @Test
  void whatCannotBeLookedAtIsNotTakenForNothing() {
    Path tooLong = folder.resolve("x".repeat(256));
    assertThatThrownBy(() -> BrokerFiles.bytesByTopic(tooLong))
        .isInstanceOf(UncheckedIOException.class);
  }
}
