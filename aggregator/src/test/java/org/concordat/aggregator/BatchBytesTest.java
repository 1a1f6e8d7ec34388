package org.concordat.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;

/** Batches whose votes are too large for the brokers are refused at the start. */
class BatchBytesTest {
  private static final int ROWS_MAX = 65_536;

  private static LinkSpec spec(int entities, int values) {
    List<LinkSpec.EntityField> entityFields = new ArrayList<>();
    for (int i = 0; i < entities; i++) {
      entityFields.add(new LinkSpec.EntityField("e" + i, 2 * i));
    }
    List<LinkSpec.ValueField> valueFields = new ArrayList<>();
    for (int i = 0; i < values; i++) {
      valueFields.add(new LinkSpec.ValueField("v" + i, 2 * entities + i, 1_000));
    }
    return new LinkSpec(
        64,
        1_000,
        entityFields,
        -1,
        valueFields,
        List.of(),
        List.of(),
        Optional.empty(),
        List.of());
  }

  private static List<Problem> problems(LinkSpec spec, int rowsMax) {
    var problems = new Problems();
    BatchBytes.verify(spec, false, rowsMax, problems);
    return problems.list();
  }

  @Test
  void refusesWhatDoesNotFitIntoARecord() {
    // 13 bytes, 8 an entity, 16 a value: 765 a row; 768 would be 48 MiB.
    assertThat(problems(spec(2, 46), ROWS_MAX)).isEmpty();
    assertThat(problems(spec(3, 46), ROWS_MAX))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(Code.CDT_106);
              assertThat(problem.place().toString()).contains("batch.rowsMax");
              assertThat(problem.fix()).contains("65112 or less");
            });
    assertThat(problems(spec(3, 46), 65_112)).isEmpty();
    assertThat(problems(spec(3, 46), 65_113)).hasSize(1);
  }
}
