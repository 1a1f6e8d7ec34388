package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is released is complete: unpacked, with a Java runtime and nothing else of this machine's,
 * it runs the demo, and the alerts of 5,000 simulated payments, or with {@code -Plong} 100,000, are
 * the plaintext oracle's; its checksums are right and its bill of materials names every jar.
 */
class ReleaseIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAYMENTS = DemoIT.FULL ? 100_000 : 5_000;

  /** In Markdown; without the place in the page that it leads to. */
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s#]+)[^)\\s]*\\)");

  @TempDir private static Path temp;

  private static Release release;

  @BeforeAll
  static void unpacked() {
    release = new Release(temp);
  }

  private static List<String> run(Path where, String... command) throws Exception {
    Release.Ended ended = release.run(where, Map.of(), command);
    assertThat(ended.status()).as("%s:%n%s", List.of(command), ended.text()).isZero();
    return ended.lines();
  }

  @Test
  void runsTheDemo() throws Exception {
    Path folder = temp.resolve("simulated");
    Release.Ended ended =
        release.run(
            release.folder,
            Map.of(),
            "bin/concordat",
            "demo",
            "--transactions",
            Integer.toString(PAYMENTS),
            "--rate",
            "0",
            "--json",
            "--dir",
            folder.toString());
    assertThat(ended.status()).as(ended.text()).isZero();
    JsonNode result = JSON.readTree(ended.lines().getLast());
    assertThat(result.path("transactions").asLong()).isEqualTo(PAYMENTS);
    assertThat(result.path("scored").asLong()).isEqualTo(PAYMENTS);
    DemoIT.holds(result, folder);
  }

  @Test
  void holdsLicencePagesAndDashboards() {
    assertThat(release.folder.resolve("LICENSE")).exists();
    assertThat(release.folder.resolve("ops/docs/errors.md")).exists();
    assertThat(release.folder.resolve("ops/docs/runbooks")).isNotEmptyDirectory();
    assertThat(release.folder.resolve("ops/dashboards")).isNotEmptyDirectory();
  }

  @Test
  void itsPagesLeadToWhatIsThere() throws Exception {
    List<Path> pages;
    try (Stream<Path> files = Files.walk(release.folder)) {
      pages = files.filter(file -> file.toString().endsWith(".md")).toList();
    }
    assertThat(pages).hasSizeGreaterThan(50);
    for (Path page : pages) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        if (!link.group(1).contains("://")) {
          assertThat(page.resolveSibling(link.group(1))).as(page.toString()).exists();
        }
      }
    }
  }

  @Test
  void checksumsHold() throws Exception {
    assertThat(run(Release.BUILT, "sha256sum", "-c", "SHA256SUMS"))
        .hasSize(2)
        .allMatch(l -> l.endsWith("OK"));
  }

  @Test
  void theBillOfMaterialsNamesEveryJar() throws Exception {
    Set<String> named = new TreeSet<>();
    JsonNode bom = JSON.readTree(release.folder.resolve("sbom.cdx.json").toFile());
    named.add(jar(bom.path("metadata").path("component")));
    bom.path("components").forEach(component -> named.add(jar(component)));
    Set<String> shipped = new TreeSet<>();
    try (Stream<Path> jars = Files.list(release.folder.resolve("lib"))) {
      jars.forEach(jar -> shipped.add(jar.getFileName().toString()));
    }
    assertThat(shipped).hasSizeGreaterThan(50).isSubsetOf(named);
  }

  /** Of a package URL such as pkg:maven/group/name@1.0?classifier=x&type=jar. */
  private static String jar(JsonNode component) {
    String url = component.path("purl").asText();
    String nameAndVersion = url.replaceAll(".*/", "").replaceAll("\\?.*", "").replace('@', '-');
    String classifier =
        url.contains("classifier=") ? "-" + url.replaceAll(".*classifier=([^&]*).*", "$1") : "";
    return nameAndVersion + classifier + ".jar";
  }
}
