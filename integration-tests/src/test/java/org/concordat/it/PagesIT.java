package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands of the pages for banks, as they stand, in an empty home with nothing but an unpacked
 * release: each page waits for its first alert, and fails without.
 */
class PagesIT {
  private static final String SECONDS_MAX = "600";

  @TempDir private static Path temp;

  private static Release release;

  @BeforeAll
  static void unpack() throws Exception {
    release = Release.unpack(temp);
  }

  private static Release.Ended page(Path page) throws Exception {
    return page(page, Map.of());
  }

  private static Release.Ended page(Path page, Map<String, String> environment) throws Exception {
    return release.run(
        release.folder, environment, "bin/run-page", page.toAbsolutePath().toString(), SECONDS_MAX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"connect-csv.md", "connect-iso20022.md", "connect-rest.md"})
  void thePageLeadsToTheFirstAlert(String name) throws Exception {
    leadsToTheFirstAlert(name, Map.of());
  }

  @Test
  void thePageOfTheOutboxLeadsToTheFirstAlertToo() throws Exception {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/psql")), "no psql: install PostgreSQL's client");
    try (var postgres =
        EmbeddedPostgres.builder().setServerConfig("wal_level", "logical").start()) {
      leadsToTheFirstAlert(
          "connect-outbox.md",
          Map.of(
              "PGHOST", "127.0.0.1",
              "PGPORT", Integer.toString(postgres.getPort()),
              "PGUSER", "postgres",
              "PGDATABASE", "postgres"));
    }
  }

  private static void leadsToTheFirstAlert(String name, Map<String, String> environment)
      throws Exception {
    Path page = release.folder.resolve("docs").resolve(name);
    assertThat(Files.readString(page)).containsPattern("until grep -s \\S+ \\S+/alerts.jsonl; do");
    Release.Ended ended = page(page, environment);
    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.text()).contains("\"rule\":\"structuring\"");
  }

  @Test
  void aCommandThatFailsEndsThePageAndIsNamed() throws Exception {
    Path page = temp.resolve("page.md");
    Files.writeString(
        page,
        "# A page\n\n```sh\npwd\n```\n\n```text\nexit 9\n```\n\n```sh\nfalse\necho on\n```\n");
    Release.Ended ended = page(page);
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.text()).contains("page.md:12: status 1: false").doesNotContain("on\n");
    assertThat(Path.of(ended.lines().getFirst())).as("its home").doesNotExist();
  }

  @Test
  void aPageWithoutCommandsIsAnError() throws Exception {
    Path page = Files.writeString(temp.resolve("empty.md"), "# A page\n\n```text\nls\n```\n");
    Release.Ended ended = page(page);
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.text()).contains("has no commands");
  }

  @Test
  void whatAPageLeavesBehindEndsWithIt() throws Exception {
    Path page = temp.resolve("behind.md");
    Files.writeString(page, "# A page\n\n```sh\nsleep 1000 &\necho $!\n```\n");
    Release.Ended ended = page(page);
    assertThat(ended.status()).as(ended.text()).isZero();
    long left = Long.parseLong(ended.lines().getFirst());
    // It was told to end before the command returned.
    Awaitility.await().until(() -> ProcessHandle.of(left).filter(ProcessHandle::isAlive).isEmpty());
  }
}
