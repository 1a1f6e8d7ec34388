package org.concordat.rules.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulationTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: few
      version: 1
      currency: EUR
      features:
        amount: {type: amount, min: 0, max: 1000}
        new: {type: flag}
      """;

  private static final String RULES =
      """
      format: 1
      ruleSet: few
      version: 1
      contract: few@1
      rules:
        - {rule: large, condition: {feature: amount, atLeast: 100}}
        - {rule: new, condition: {feature: new, is: true}}
        - {rule: both, mode: shadow, condition: {sum: {amount: 1, new: 500}, atLeast: 600}}
      """;

  @TempDir Path folder;
  private final List<Long> progress = new ArrayList<>();

  @BeforeEach
  void write() throws IOException {
    Folders.write(folder, CONTRACT, RULES);
  }

  private SimulationReport run(String mapping, String csv) throws IOException {
    var problems = new Problems();
    Document document = Document.parse("mapping", mapping, problems);
    return Simulation.run(
        RuleSet.load(folder),
        SourceMapping.read(document),
        new StringReader(csv),
        "few.csv",
        progress::add);
  }

  private static String mapping(String more) {
    return "reference: id\ntime: {column: t}\n" + more + "columns: {amount: amount, new: new}\n";
  }

  @Test
  void linksTheRowsOfAllBanksInTheFilesOrder() throws IOException {
    Folders.write(
        folder,
        CONTRACT.replace("features:\n", "entitySalt: \"" + "00".repeat(16) + "\"\nfeatures:\n")
            + "  payer: {type: entity, kind: account}\n"
            + "  payee: {type: entity, kind: account}\n",
        """
        format: 1
        ruleSet: linked
        version: 1
        contract: few@1
        linkage: 64
        windows:
          inflow: {entity: payer, as: payee, window: 24h, sum: amount}
          banks: {entity: payee, as: payee, window: 24h, distinct: banks}
        rules:
          - {rule: passed, condition: {sum: {amount: 1, inflow: -0.9}, atLeast: 0}}
          - {rule: received, condition: {feature: inflow, atLeast: 100}}
          - {rule: banks, condition: {feature: banks, atLeast: 2}}
        """);
    String csv =
        """
        id,t,amount,new,bank,payer,payee
        1,2026-01-01T10:00Z,60,0,x,A,M
        2,2026-01-01T11:00Z,60,0,y,B,M
        2,2026-01-01T11:00Z,900,0,y,B,M
        3,2026-01-01T12:00Z,108,0,z,M,C
        4,2026-01-01T12:01Z,100,0,z,M,C
        5,2026-01-03T12:00Z,108,0,z,M,C
        6,2026-09-01T12:00Z,108,0,z,C,D
        7,2026-01-03T12:01Z,108,0,z,D,E
        """;
    String mapping =
        mapping("bank: bank\n").replace("new: new", "new: new, payer: payer, payee: payee");
    SimulationReport report = run(mapping, csv);
    assertThat(report.rules())
        .extracting(SimulationReport.RuleReport::flagged)
        // 'passed' all but reference 4, for nothing came in before or all of it; 'received' 3 and 4
        // of M; 'banks' the repeated row, which sees both payments to M and adds nothing.
        .containsExactly(7L, 2L, 1L);
    var linked = Objects.requireNonNull(report.linked());
    assertThat(linked.leftOut().repeated()).isEqualTo(1);
    assertThat(linked.leftOut().ahead()).isEqualTo(1);
    assertThat(report.text()).contains("1 rows ahead of their commit, 1 repeated");
  }

  @Test
  void countsFlagsAloneAndTogetherAndAgainstLabels() throws IOException {
    String csv =
        """
        id,t,amount,new,fraud
        1,2026-01-01T00:00Z,50,0,0
        2,2026-01-01T00:00Z,100,0,1
        3,2026-01-01T00:00Z,100,1,1
        "4",2026-01-01T00:00Z,"99.99",1,0
        5,2026-01-01T00:00Z,10,0,1
        """;
    SimulationReport report = run(mapping("label: fraud\n"), csv);
    assertThat(report.rows()).isEqualTo(5);
    assertThat(report.flagged()).isEqualTo(3);
    assertThat(report.fraud()).isEqualTo(3);
    SimulationReport.RuleReport large = report.rules().getFirst();
    assertThat(large.flagged()).isEqualTo(2);
    // A shadow rule opens no flag, so it takes none from the others.
    assertThat(large.flaggedAlone()).isEqualTo(1);
    assertThat(large.overlap()).isEqualTo(Map.of("new", 1L, "both", 1L));
    SimulationReport.Quality quality = Objects.requireNonNull(large.quality());
    assertThat(quality.precision()).isEqualTo(1);
    assertThat(quality.recall()).isEqualTo(2.0 / 3);
    assertThat(Objects.requireNonNull(report.all()).hits()).isEqualTo(2);
    assertThat(report.text()).contains("3 of 5 labelled rows are fraud").contains("both (shadow)");
  }

  @Test
  void withoutLabelsThereIsNoQuality() throws IOException {
    SimulationReport report =
        run(mapping("label: fraud\n"), "id,t,amount,new\n1,2026-01-01T00:00Z,50,1\n");
    assertThat(report.all()).isNull();
    assertThat(report.rules().get(1).quality()).isNull();
  }

  @Test
  void badRowsAreCountedByReasonAndCostNoOther() throws IOException {
    String csv =
        "\uFEFFid,t,amount,new\n"
            + "1,2026-01-01T00:00Z,50,1\n"
            + "2,2026-01-01T00:00Z,-1,1\n"
            + "3,2026-01-01T00:00Z,50\n"
            + "\n"
            + "4,2026-01-01T00:00Z,\"5\"0,1\n"
            + "5,2026-01-01T00:00Z,\uFFFD,1\n"
            + "6,2026-01-01T00:00Z,1001,1\n"
            + "7,2026-01-01T00:00Z,1000,\"1\"\n"
            + "8,2026-01-01T00:00Z,1000,\"1\n";
    SimulationReport report = run(mapping(""), csv);
    assertThat(report.rows()).isEqualTo(2);
    assertThat(report.refused()).isEqualTo(6);
    assertThat(report.refusedByCode())
        .isEqualTo(
            Map.of(
                "CDT-322", 1L, "CDT-303", 1L, "CDT-302", 1L, "CDT-301", 1L, "CDT-313", 1L,
                "CDT-304", 1L));
  }

  @Test
  void streamsBatchByBatch() throws IOException {
    var csv = new StringBuilder("id,t,amount,new\n");
    for (int i = 0; i <= Simulation.BATCH_ROWS; i++) {
      csv.append(i).append(",2026-01-01T00:00Z,").append(i % 200).append(",0\n");
    }
    Path file = folder.resolve("many.csv");
    Files.writeString(file, csv, StandardCharsets.UTF_8);
    var problems = new Problems();
    Document document = Document.parse("mapping", mapping(""), problems);
    SimulationReport report =
        Simulation.run(RuleSet.load(folder), SourceMapping.read(document), file, progress::add);
    assertThat(report.rows()).isEqualTo(Simulation.BATCH_ROWS + 1);
    assertThat(report.flagged())
        .isEqualTo(
            IntStream.rangeClosed(0, Simulation.BATCH_ROWS).filter(i -> i % 200 >= 100).count());
    assertThat(progress).containsExactly((long) Simulation.BATCH_ROWS, Simulation.BATCH_ROWS + 1L);
  }

  @Test
  void aHeaderThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> run(mapping(""), "id,t,amont,new\n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("Did you mean 'amont'?");
    assertThatThrownBy(() -> run(mapping(""), "")).isInstanceOf(InvalidInputException.class);
  }
}
