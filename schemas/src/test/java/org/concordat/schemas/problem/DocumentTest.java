package org.concordat.schemas.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One pass over a file finds all that is wrong, each with its line and column, once. */
class DocumentTest {
  private final Problems problems = new Problems();

  private enum Fruit {
    RED_APPLE,
    PEAR
  }

  private Document parse(String text) {
    return Document.parse("test.yaml", text, problems);
  }

  private List<String> places() {
    return problems.list().stream()
        .map(p -> p.code().label() + "@" + p.place().line() + ":" + p.place().column())
        .toList();
  }

  @Test
  void valuesAreRead() {
    Document top =
        parse("{n: 1_000, d: 12.50, t: 'x', b: true, list: [a, b], fruit: red-apple, e: 1e3}");
    assertThat(top.get("n").integer(0, 1000)).isEqualTo(1000);
    assertThat(top.get("d").decimal()).isEqualTo(new BigDecimal("12.50"));
    assertThat(top.get("t").text()).isEqualTo("x");
    assertThat(top.get("b").bool(false)).isTrue();
    assertThat(top.get("list").items()).extracting(Document::text).containsExactly("a", "b");
    assertThat(top.get("fruit").choice(Fruit.class)).contains(Fruit.RED_APPLE);
    assertThat(top.get("e").integer(0, 1000)).isEqualTo(1000);
    assertThat(top.maybe("none").integer(0, 9, 7)).isEqualTo(7);
    top.finish();
    assertThat(problems.list()).isEmpty();
  }

  @Test
  void everyFaultIsReportedOnceAtItsPlace() {
    Document top =
        parse(
            """
            number: many
            half: 0.5
            large: 11
            flag: maybe
            fruit: pair
            list: x
            deep:
              knwon: 1
            """);
    top.get("number").integer(1, 10);
    top.get("half").integer(1, 10);
    top.get("large").integer(1, 10);
    top.get("flag").bool(false);
    top.get("fruit").choice(Fruit.class);
    top.get("list").items();
    top.get("deep").get("known").text();
    top.finish();
    assertThat(places())
        .containsExactly(
            "CDT-105@1:9",
            "CDT-105@2:7",
            "CDT-106@3:8",
            "CDT-105@4:7",
            "CDT-106@5:8",
            "CDT-105@6:7",
            "CDT-104@8:3",
            "CDT-103@8:3");
    assertThat(problems.list().get(4).fix()).contains("pear");
    assertThat(problems.list().getLast().fix()).contains("known");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# only a comment",
        "a: [",
        "a: &x [1]\nb: *x",
        "a: !!java.lang.Object {}\n---\nb: 1",
        "\t- x"
      })
  void whatIsNoPlainYamlIsRefused(String text) {
    parse(text);
    assertThat(problems.list()).singleElement().matches(p -> p.code() == Code.CDT_102);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e999999999", "1e-999999999", "NaN", "Infinity", "0x10", "1,5", "''"})
  void numbersThatWouldFillTheMemoryOrAreNoneAreRefused(String number) {
    assertThat(parse("n: " + number).get("n").decimal()).isEqualTo(BigDecimal.ZERO);
    assertThat(places()).containsExactly("CDT-105@1:4");
  }

  @Test
  void aKeyStandsOnceAndIsAText() {
    parse("a: 1\nb:\n  - c: 1\n    c: 2\na: 2\n? [x]\n: 1\n");
    assertThat(places()).containsExactly("CDT-107@4:5", "CDT-107@5:1", "CDT-102@6:3");
  }

  @Test
  void nestingHasALimit() {
    parse("[".repeat(Document.NESTING_MAX) + "]".repeat(Document.NESTING_MAX));
    assertThat(problems.list()).isEmpty();
    parse("[".repeat(Document.NESTING_MAX + 1) + "]".repeat(Document.NESTING_MAX + 1));
    assertThat(problems.list()).singleElement().matches(p -> p.code() == Code.CDT_102);
  }

  @Test
  void aFileHasALimit(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("large.yaml");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(Document.FILE_BYTES_MAX + 1L);
    }
    Document.read(file, problems);
    Document.read(folder.resolve("missing.yaml"), problems);
    assertThat(problems.list())
        .extracting(Problem::code)
        .containsExactly(Code.CDT_106, Code.CDT_101);
  }
}
