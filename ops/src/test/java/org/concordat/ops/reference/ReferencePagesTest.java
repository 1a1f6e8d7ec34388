package org.concordat.ops.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.concordat.schemas.problem.Code;
import org.junit.jupiter.api.Test;

/** The committed pages are what the code makes; each failure names the command that renews one. */
class ReferencePagesTest {
  private static final Path DOCS = Path.of("docs");

  @Test
  void errors() throws Exception {
    String page = Files.readString(DOCS.resolve("errors.md"));
    assertThat(page)
        .as("concordat reference errors > ops/docs/errors.md")
        .isEqualTo(ErrorsPage.render());
    for (Code code : Code.values()) {
      assertThat(page).contains(code.label(), code.cause(), code.fix());
    }
  }
}
