package org.concordat.ops.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can be said of the dashboards without a Grafana: ids, data sources, places, queries. */
class DashboardsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FOLDER = Path.of("dashboards");
  private static final int WIDTH = 24;

  private static List<JsonNode> dashboards() throws IOException {
    List<JsonNode> dashboards = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        JsonNode dashboard = JSON.readTree(file.toFile());
        assertThat(file.getFileName()).hasToString(dashboard.path("uid").asText() + ".json");
        dashboards.add(dashboard);
      }
    }
    return dashboards;
  }

  @Test
  void idsAreUnique() throws IOException {
    Set<String> uids = new HashSet<>();
    Set<String> titles = new HashSet<>();
    for (JsonNode dashboard : dashboards()) {
      assertThat(uids.add(dashboard.path("uid").asText())).isTrue();
      assertThat(titles.add(dashboard.path("title").asText())).isTrue();
      Set<Integer> ids = new HashSet<>();
      Set<String> panels = new HashSet<>();
      for (JsonNode panel : dashboard.path("panels")) {
        assertThat(ids.add(panel.path("id").asInt())).as("%s", panel).isTrue();
        assertThat(panels.add(panel.path("title").asText())).as("%s", panel).isTrue();
      }
    }
    assertThat(uids)
        .containsExactlyInAnyOrder(
            "concordat-overview",
            "concordat-aggregator",
            "concordat-bank",
            "concordat-mpc",
            "concordat-kafka");
  }

  @Test
  void theDataSourceIsTheProvisionedOne() throws IOException {
    String uid =
        new ObjectMapper(new YAMLFactory())
            .readTree(FOLDER.resolve("provisioning/datasources/concordat.yaml").toFile())
            .path("datasources")
            .path(0)
            .path("uid")
            .asText();
    assertThat(uid).isNotEmpty();
    for (JsonNode dashboard : dashboards()) {
      List<JsonNode> sources = dashboard.findValues("datasource");
      assertThat(sources).isNotEmpty();
      for (JsonNode source : sources) {
        assertThat(source.path("uid").asText()).isEqualTo(uid);
        assertThat(source.path("type").asText()).isEqualTo("prometheus");
      }
    }
  }

  @Test
  void panelsDoNotOverlap() throws IOException {
    for (JsonNode dashboard : dashboards()) {
      Set<String> cells = new HashSet<>();
      for (JsonNode panel : dashboard.path("panels")) {
        JsonNode at = panel.path("gridPos");
        int left = at.path("x").asInt();
        int top = at.path("y").asInt();
        int width = at.path("w").asInt();
        assertThat(left).isNotNegative();
        assertThat(left + width).isLessThanOrEqualTo(WIDTH);
        for (int x = left; x < left + width; x++) {
          for (int y = top; y < top + at.path("h").asInt(); y++) {
            assertThat(cells.add(x + "," + y)).as("%s", panel.path("title")).isTrue();
          }
        }
      }
    }
  }

  @Test
  void eachPanelSaysWhatItShowsAndAsksForMetricsThatExist() throws IOException {
    Set<String> known = KnownMetrics.read();
    known.add("concordat:late_rows:ratio_rate1h");
    known.add("concordat:late_rows:ratio_rate28d");
    for (JsonNode dashboard : dashboards()) {
      for (JsonNode panel : dashboard.path("panels")) {
        if (panel.path("type").asText().equals("row")) {
          continue;
        }
        assertThat(panel.path("description").asText()).as("%s", panel.path("title")).isNotEmpty();
        assertThat(panel.path("fieldConfig").path("defaults").path("unit").asText()).isNotEmpty();
        assertThat(panel.path("targets")).isNotEmpty();
        for (JsonNode target : panel.path("targets")) {
          String expr = target.path("expr").asText();
          assertThat(KnownMetrics.namedIn(expr)).as(expr).isNotEmpty();
          assertThat(known).as(expr).containsAll(KnownMetrics.namedIn(expr));
        }
      }
    }
  }
}
