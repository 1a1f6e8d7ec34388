package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.concordat.ops.consortium.FreePorts;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands of the pages for banks, as they stand, in an empty home with nothing but an unpacked
 * release: each page waits for its first alert, and fails without. Two pages at a time: each waits
 * for one process after another.
 */
class PagesIT {
  private static final String SECONDS_MAX = "600";
  private static final String OUTBOX = "connect-outbox.md";
  private static final List<String> PAGES =
      List.of(OUTBOX, "connect-csv.md", "connect-iso20022.md", "connect-rest.md");
  private static final boolean HAS_PSQL = Files.isExecutable(Path.of("/usr/bin/psql"));

  private static final Map<String, Future<Release.Ended>> RUNS = new HashMap<>();

  @TempDir private static Path temp;

  private static Release release;
  private static ExecutorService twoPages;

  @BeforeAll
  static void startPages() throws Exception {
    release = new Release(temp);
    twoPages = Executors.newFixedThreadPool(2);
    for (String name : PAGES) {
      if (!name.equals(OUTBOX)) {
        RUNS.put(name, twoPages.submit(() -> page(document(name), environment(name))));
      } else if (HAS_PSQL) {
        RUNS.put(name, twoPages.submit(() -> outbox()));
      }
    }
  }

  /** Each has ports of its own, out of those that these tests may use. */
  private static Map<String, String> environment(String name) throws IOException {
    String[] part = FreePorts.part().split("/", -1);
    int before = (Integer.parseInt(part[0]) - 1) * PAGES.size() + PAGES.indexOf(name);
    String own = (before + 1) + "/" + Integer.parseInt(part[1]) * PAGES.size();
    return new HashMap<>(Map.of("CONCORDAT_JAVA_OPTS", Release.options(temp, own)));
  }

  /** What wasn't waited for is waited for here: its files would be deleted under it. */
  @AfterAll
  static void awaitPages() throws Exception {
    if (twoPages == null) {
      return;
    }
    twoPages.shutdown();
    assertThat(twoPages.awaitTermination(1, TimeUnit.HOURS)).isTrue();
  }

  private static Path document(String name) {
    return release.folder.resolve("ops/docs").resolve(name);
  }

  private static Release.Ended outbox() throws Exception {
    try (var postgres =
        EmbeddedPostgres.builder().setServerConfig("wal_level", "logical").start()) {
      Map<String, String> environment = environment(OUTBOX);
      environment.put("PGHOST", "127.0.0.1");
      environment.put("PGPORT", Integer.toString(postgres.getPort()));
      environment.put("PGUSER", "postgres");
      environment.put("PGDATABASE", "postgres");
      return page(document(OUTBOX), environment);
    }
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
    leadsToTheFirstAlert(name);
  }

  @Test
  void thePageOfTheOutboxLeadsToTheFirstAlertToo() throws Exception {
    assumeTrue(HAS_PSQL, "no psql: install PostgreSQL's client");
    leadsToTheFirstAlert(OUTBOX);
  }

  private static void leadsToTheFirstAlert(String name) throws Exception {
    assertThat(Files.readString(document(name)))
        .containsPattern("until grep -s \\S+ \\S+/alerts.jsonl; do");
    Release.Ended ended = RUNS.get(name).get();
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
