package org.concordat.agent.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.junit.jupiter.api.Test;

/** Objects that were made for others as well; strict ones are RestTest's. */
class JsonCellsTest {
  private final JsonCells format =
      new JsonCells(
          List.of("id", "amount.value", "amount.currency", "flag"), JsonCells.Others.SKIPPED);

  private SourceRecord read(String body) {
    return format.read(body.getBytes(StandardCharsets.UTF_8), Place.of("topic/0@1"));
  }

  private Problem refusal(String body) {
    SourceRecord record = read(body);
    assertThat(record.cells()).isEmpty();
    return Objects.requireNonNull(record.refusal());
  }

  @Test
  void findsColumnsInObjectsAndSkipsWhatIsNoColumn() {
    SourceRecord record =
        read(
            """
            {"schema": {"id": 7, "deep": [{"id": 8}]}, "id": "P-1", "list": [1, {"flag": true}],
             "amount": {"value": 12.50, "other": {"currency": 1}, "currency": "EUR"}, "flag": true}
            """);
    assertThat(record.refusal()).isNull();
    assertThat(record.cells()).containsExactly("P-1", "12.50", "EUR", "1");
  }

  @Test
  void missingAndNullAreEmptyCells() {
    assertThat(read("{\"amount\": null, \"flag\": null}").cells()).containsExactly("", "", "", "");
    assertThat(read("{}").cells()).containsExactly("", "", "", "");
  }

  @Test
  void refusesWhatIsNoObjectOrNoCell() {
    assertThat(refusal("").code()).isEqualTo(Code.CDT_325);
    assertThat(refusal("[1]").code()).isEqualTo(Code.CDT_325);
    assertThat(refusal("{\"id\": [1]}").code()).isEqualTo(Code.CDT_325);
    assertThat(refusal("{\"id\": {\"x\": 1}}").code()).isEqualTo(Code.CDT_325);
    assertThat(refusal("{} {}").code()).isEqualTo(Code.CDT_323);
    assertThat(refusal("{\"id\": 1").code()).isEqualTo(Code.CDT_323);
    assertThat(refusal("{\"id\": 1, \"id\": 2}").code()).isEqualTo(Code.CDT_323);
  }

  @Test
  void objectsNestUpToTheLimit() {
    int inner = JsonCells.DEPTH_MAX - 1;
    String deep = "{\"x\":".repeat(inner) + "1" + "}".repeat(inner);
    assertThat(read("{\"id\": 1, \"deep\": " + deep + "}").refusal()).isNull();
    assertThat(refusal("{\"id\": 1, \"deep\": {\"y\":" + deep + "}}").code())
        .isEqualTo(Code.CDT_323);
  }

  @Test
  void anotherEncodingIsRefusedLikeWhatIsNoJson() {
    String text = "{\"id\": \"P-1\"}";
    List<byte[]> bodies = new ArrayList<>();
    for (String name : List.of("UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE")) {
      bodies.add(text.getBytes(Charset.forName(name)));
      bodies.add(("\uFEFF" + text).getBytes(Charset.forName(name)));
    }
    // They look like UTF-32, and aren't; the second has a schema registry's header.
    bodies.add(new byte[] {0, 0, 0, 5, '{'});
    bodies.add(new byte[] {0, 0, 0, 0, 17, '{', '}'});
    bodies.add(new byte[] {'{', 0, 0, 0, '}'});
    bodies.add(new byte[] {0, 0, (byte) 0xFF, (byte) 0xFE, '{'});
    bodies.add(("\uFEFF\uFEFF" + text).getBytes(StandardCharsets.UTF_8));
    for (byte[] body : bodies) {
      SourceRecord record = format.read(body, Place.of("topic/0@1"));
      assertThat(Objects.requireNonNull(record.refusal()).code()).isEqualTo(Code.CDT_323);
      assertThat(record.raw()).isEqualTo(body);
    }
    assertThat(read("\uFEFF" + text).cells()).containsExactly("P-1", "", "", "");
  }

  @Test
  void aReasonQuotesNoValue() {
    assertThat(refusal("{\"id\": secret}").toString()).doesNotContain("secret");
  }
}
