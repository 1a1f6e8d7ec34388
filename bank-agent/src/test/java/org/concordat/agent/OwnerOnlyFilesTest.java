package org.concordat.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerOnlyFilesTest {
  @TempDir Path data;

  @Test
  void nobodyElseCanReadWhatTheStoreWrites() throws IOException {
    OwnerOnlyFiles.enforce();
    try (var store = TestStores.open(data)) {
      var letter = new DeadLetter(Place.of("a"), Code.CDT_302, "r", "f", new byte[1], 0);
      store.commit(
          TestStores.spool(new StoreGroup(), new BlockPosition(0, 0), TestStores.row(1, 1))
              .deadLetter(letter));
    }
    TestStores.open(data).close();
    var open = new ArrayList<Path>();
    try (var files = Files.walk(data.resolve("store"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        var permissions = Files.getPosixFilePermissions(file);
        permissions.remove(PosixFilePermission.OWNER_READ);
        permissions.remove(PosixFilePermission.OWNER_WRITE);
        if (!permissions.isEmpty()) {
          open.add(file);
        }
      }
    }
    assertThat(open).isEmpty();
  }
}
