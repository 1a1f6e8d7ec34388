package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.concordat.ops.demo.MemoryUse;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What the compose file promises of every container, without an engine. */
class ComposeFileTest {
  private static final Path HOME = Path.of(System.getProperty("concordat.home", ".."));
  private static final Path FILE = HOME.resolve("docker/compose.yaml");
  private static final Path IMAGES = HOME.resolve("docker/Dockerfile");
  private static final Path WATCHER = HOME.resolve("docker/prometheus.yaml");
  private static final Pattern HEAP_PERCENT = Pattern.compile("-XX:MaxRAMPercentage=(\\d+)");
  private static final List<String> PARTIES =
      List.of("broker", "agg-1", "agg-2", "agg-3", "bank-a", "bank-b", "bank-c");

  private static JsonNode read(Path file) throws Exception {
    // SnakeYAML, for its merge keys.
    Object read = new Yaml().load(Files.readString(file));
    return new ObjectMapper().valueToTree(read);
  }

  private static JsonNode services() throws Exception {
    return read(FILE).path("services");
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  @Test
  void noContainerHasMoreRightsThanItNeeds() throws Exception {
    JsonNode services = services();
    assertThat(services.size()).isEqualTo(PARTIES.size() + 2);
    services
        .fields()
        .forEachRemaining(
            entry -> {
              String name = entry.getKey();
              JsonNode service = entry.getValue();
              assertThat(service.path("read_only").asBoolean()).as(name).isTrue();
              assertThat(texts(service.path("cap_drop"))).as(name).containsExactly("ALL");
              assertThat(texts(service.path("security_opt")))
                  .as(name)
                  .containsExactly("no-new-privileges:true");
              assertThat(service.path("mem_limit").asText()).as(name).isNotEmpty();
              assertThat(service.path("privileged").isMissingNode()).as(name).isTrue();
              assertThat(texts(service.path("ports")))
                  .as(name)
                  .allMatch(port -> port.startsWith("127.0.0.1:"));
              if (PARTIES.contains(name)) {
                assertThat(service.path("user").asText()).startsWith("${CONCORDAT_USER:?");
              }
            });
  }

  /** The lines of one image. */
  private static String image(String target) throws Exception {
    return Stream.of(Files.readString(IMAGES).split("(?m)^FROM ", -1))
        .filter(stage -> stage.startsWith("runtime AS " + target + "\n"))
        .findFirst()
        .orElseThrow();
  }

  private static int mebibytes(String limit) {
    int number = Integer.parseInt(limit.substring(0, limit.length() - 1));
    return limit.endsWith("g") ? number * 1_024 : number;
  }

  @Test
  void whatAProcessMayTakeFitsItsContainer() throws Exception {
    for (String party : PARTIES) {
      JsonNode service = services().path(party);
      String target = service.path("build").path("target").asText();
      var percent = HEAP_PERCENT.matcher(image(target));
      assertThat(percent.find()).as(target).isTrue();
      int limit = mebibytes(service.path("mem_limit").asText());
      int heap = limit * Integer.parseInt(percent.group(1)) / 100;
      assertThat(MemoryUse.bound(heap, target)).as(party).isLessThanOrEqualTo((long) limit << 20);
      if (!target.equals("ops")) {
        assertThat(image(target)).contains("-XX:MaxDirectMemorySize=256m");
      }
    }
  }

  @Test
  void aPartySeesItsOwnFolderAndPublicFilesAlone() throws Exception {
    for (String party : PARTIES) {
      var writable = new TreeSet<String>();
      for (String volume : texts(services().path(party).path("volumes"))) {
        if (!volume.endsWith(":ro")) {
          writable.add(volume);
        } else {
          assertThat(volume)
              .as(party)
              .matches(
                  "./consortium/(charter.yaml|charter.signatures.yaml|ca.crt|rules|rules-later):.*");
        }
      }
      assertThat(writable).containsExactly("./consortium/" + party + ":/consortium/" + party);
    }
  }

  @Test
  void aggregatorsAloneReachOneAnotherAndNoBankAnother() throws Exception {
    JsonNode services = services();
    for (String party : PARTIES) {
      List<String> networks = texts(services.path(party).path("networks"));
      assertThat(networks.contains("peers")).as(party).isEqualTo(party.startsWith("agg-"));
      assertThat(networks.stream().filter(n -> n.startsWith("bank-")))
          .as(party)
          .allMatch(party::equals);
    }
  }

  /** At the port that {@code concordat init --hosts NAMED} lets each serve. */
  @Test
  void everyPartyIsWatched() throws Exception {
    List<String> targets = new ArrayList<>();
    for (JsonNode job : read(WATCHER).path("scrape_configs")) {
      // Alert rules go by the name.
      assertThat(job.path("job_name").asText()).startsWith("concordat-");
      job.path("static_configs").forEach(one -> targets.addAll(texts(one.path("targets"))));
    }
    assertThat(targets)
        .containsExactlyInAnyOrderElementsOf(
            PARTIES.stream().map(party -> party + ":8080").toList());
    JsonNode services = services();
    for (String watched : PARTIES) {
      assertThat(texts(services.path(watched).path("networks"))).as(watched).contains("watch");
    }
    assertThat(texts(services.path("prometheus").path("networks"))).containsExactly("watch");
  }

  @Test
  void composeUnderstandsTheFile() throws Exception {
    Process version =
        new ProcessBuilder("sh", "-c", "docker compose version").redirectErrorStream(true).start();
    version.getInputStream().readAllBytes();
    Assumptions.assumeTrue(version.waitFor() == 0, "docker compose isn't installed");
    var builder =
        new ProcessBuilder("docker", "compose", "-f", FILE.toString(), "config", "--quiet");
    builder.environment().put("CONCORDAT_USER", "10001:10001");
    builder.environment().put("GRAFANA_PASSWORD", "x");
    Process config = builder.redirectErrorStream(true).start();
    String output = new String(config.getInputStream().readAllBytes());
    assertThat(config.waitFor()).as(output).isZero();
  }
}
