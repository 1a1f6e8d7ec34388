package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is released is complete: unpacked in an empty place, with a Java runtime and nothing else of
 * this machine's, it runs the demo; its checksums are right and its bill of materials names every
 * jar.
 */
class ReleaseIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path BUILT =
      Path.of(System.getProperty("concordat.home", "..")).resolve("ops/target");

  @TempDir private static Path temp;

  private static Path release;

  private static List<String> run(Path folder, String... command) throws Exception {
    File output = temp.resolve("output").toFile();
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().put("HOME", temp.toString());
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.redirectErrorStream(true).redirectOutput(output).start();
    int exit = process.waitFor();
    List<String> lines = Files.readAllLines(output.toPath());
    assertThat(exit).as("%s:%n%s", List.of(command), String.join("\n", lines)).isZero();
    return lines;
  }

  @BeforeAll
  static void unpack() throws Exception {
    try (Stream<Path> files = Files.list(BUILT)) {
      Path archive =
          files
              .filter(f -> f.getFileName().toString().matches("concordat-.*\\.tar\\.gz"))
              .findFirst()
              .orElseThrow(() -> new AssertionError("./mvnw verify makes the release"));
      run(temp, "tar", "xzf", archive.toAbsolutePath().toString());
      release = temp.resolve(archive.getFileName().toString().replace(".tar.gz", ""));
    }
  }

  @Test
  void runsTheDemo() throws Exception {
    List<String> lines =
        run(release, "bin/concordat", "demo", "--transactions", "1000", "--rate", "0", "--json");
    JsonNode result = JSON.readTree(lines.getLast());
    assertThat(result.path("scored").asLong()).isEqualTo(1_000);
    assertThat(result.path("alerts")).isEqualTo(result.path("oracle"));
    assertThat(release.resolve("LICENSE")).exists();
    assertThat(release.resolve("docs/errors.md")).exists();
    assertThat(release.resolve("dashboards")).isNotEmptyDirectory();
  }

  @Test
  void checksumsHold() throws Exception {
    assertThat(run(BUILT, "sha256sum", "-c", "SHA256SUMS"))
        .hasSize(2)
        .allMatch(l -> l.endsWith("OK"));
  }

  @Test
  void theBillOfMaterialsNamesEveryJar() throws Exception {
    Set<String> named = new TreeSet<>();
    JsonNode bom = JSON.readTree(release.resolve("sbom.cdx.json").toFile());
    named.add(jar(bom.path("metadata").path("component")));
    bom.path("components").forEach(component -> named.add(jar(component)));
    Set<String> shipped = new TreeSet<>();
    try (Stream<Path> jars = Files.list(release.resolve("lib"))) {
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
