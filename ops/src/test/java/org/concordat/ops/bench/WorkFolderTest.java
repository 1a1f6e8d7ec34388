package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.concordat.ops.demo.Consortium;
import org.junit.jupiter.api.Test;

class WorkFolderTest {
  @Test
  void logsAloneStayOfWhatFailed() throws Exception {
    Path path;
    try (var folder = new WorkFolder()) {
      path = folder.path();
      fill(path);
    }
    assertThat(path.resolve(Consortium.LOGS).resolve("agg-1.log")).exists();
    assertThat(path.resolve("agg-1")).doesNotExist();
    Consortium.delete(path);
  }

  @Test
  void nothingStaysOfWhatIsDone() throws Exception {
    Path path;
    try (var folder = new WorkFolder()) {
      path = folder.path();
      fill(path);
      folder.done();
    }
    assertThat(path).doesNotExist();
  }

  private static void fill(Path path) throws Exception {
    Files.createDirectories(path.resolve(Consortium.LOGS));
    Files.createFile(path.resolve(Consortium.LOGS).resolve("agg-1.log"));
    Files.createDirectories(path.resolve("agg-1"));
    Files.createFile(path.resolve("agg-1/key.pem"));
  }
}
