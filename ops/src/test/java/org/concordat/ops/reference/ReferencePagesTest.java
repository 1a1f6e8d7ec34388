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

  @Test
  void configuration() throws Exception {
    String page = Files.readString(DOCS.resolve("configuration.md"));
    assertThat(page)
        .as("concordat reference configuration > ops/docs/configuration.md")
        .isEqualTo(ConfigurationPage.render());
    ConfigurationPage.files()
        .forEach(
            (file, keys) -> {
              assertThat(keys).as(file).hasSizeGreaterThan(5);
              for (var key : keys) {
                // The keys below a mapping are the rule set's; a section is told by its keys.
                if (!key.path().contains(".mapping.") && !key.type().isEmpty()) {
                  assertThat(key.meaning()).as("%s: %s", file, key.path()).isNotEmpty();
                  assertThat(page).contains("`" + key.path() + "`");
                }
              }
            });
  }
}
