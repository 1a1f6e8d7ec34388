package org.concordat.rules.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.share.ShareField;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entities in contracts and mappings, and as fields of rows. */
class EntityContractTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: linked
      version: 1
      currency: EUR
      entitySalt: "000102030405060708090a0b0c0d0e0f"
      features:
        amount: {type: amount, min: 0, max: 1000.00}
        payer: {type: entity, kind: account}
        payee: {type: entity, kind: account}
        device: {type: entity, kind: device, optional: true}
        phone: {type: entity, kind: phone, optional: true}
        days: {type: integer, min: 0, max: 9, optional: true}
      """;

  private static final String MAPPING =
      """
      reference: id
      time: {column: time}
      columns:
        amount: amount
        payer: payer
        payee: [sort, payee]
        device: device
        phone: {column: phone, region: DE, missing: ["", none]}
        days: days
      """;

  private static final List<String> HEADER =
      List.of("id", "time", "amount", "payer", "sort", "payee", "device", "phone", "days");
  private static final String TIME = "2026-01-01T00:00:00Z";
  private static final int PAYER = 1;
  private static final int PAYEE = 3;
  private static final int DEVICE = 5;
  private static final int PHONE = 7;

  @TempDir Path folder;

  private final Problems problems = new Problems();

  private FeatureContract contract() throws IOException {
    Path file = Files.writeString(folder.resolve("contract.yaml"), CONTRACT);
    return FeatureContract.read(SourceFile.read(file), problems).orElseThrow();
  }

  private RowEncoder encoder(String mapping) throws IOException {
    Document document = Document.parse("mapping.yaml", mapping, problems);
    var encoder = new RowEncoder(contract(), RateTable.none("EUR"), SourceMapping.read(document));
    document.finish();
    encoder.bind(HEADER, problems);
    return encoder;
  }

  private static long @Nullable [] fields(RowEncoder encoder, Problems problems, String... cells) {
    EncodedRow row = encoder.encode(List.of(cells), Place.of("row"), problems);
    return row == null ? null : row.fields();
  }

  private static String[] row(String id, String payer, String payee, String device, String phone) {
    return new String[] {id, TIME, "1.00", payer, "20-00-00", payee, device, phone, ""};
  }

  private long[] fields(String... cells) throws IOException {
    long[] fields = fields(encoder(MAPPING), problems, cells);
    problems.throwIfAny();
    assertThat(fields).isNotNull();
    return fields == null ? new long[0] : fields;
  }

  private static List<Long> entity(long[] fields, int field) {
    return List.of(fields[field], fields[field + 1]);
  }

  @Test
  void anEntityIsTwoWords() throws IOException {
    FeatureContract contract = contract();
    assertThat(contract.fieldOf("payer")).isEqualTo(PAYER);
    assertThat(contract.fieldOf("payee")).isEqualTo(PAYEE);
    assertThat(contract.fieldOf("device")).isEqualTo(DEVICE);
    assertThat(contract.fieldOf("days")).isEqualTo(9);
    assertThat(contract.layout().fields()).hasSize(11);
    assertThat(contract.layout().fields().subList(PAYER, 9)).containsOnly(ShareField.bits(64));
    assertThat(contract.entities()).extracting(Feature::name).contains("payer", "phone").hasSize(4);
  }

  @Test
  void equalIdentifiersAreEqualWords() throws IOException {
    long[] one = fields(row("1", "DE89 3704 0044 0532 0130 00", "123", "d", "030 901820"));
    long[] two = fields(row("2", "de89370400440532013000", "12-3", " d ", "+49 30 901820"));
    for (int field : new int[] {PAYER, PAYEE, DEVICE, PHONE}) {
      assertThat(entity(one, field)).as("field " + field).isEqualTo(entity(two, field));
    }
    assertThat(entity(one, PAYER)).isNotEqualTo(entity(one, PAYEE));
  }

  @Test
  void oneAccountIsOneEntityOnBothEnds() throws IOException {
    String same = MAPPING.replace("[sort, payee]", "payee");
    long[] fields = fields(encoder(same), problems, row("1", "123", "12.3", "", ""));
    assertThat(fields).isNotNull();
    assertThat(Arrays.copyOfRange(fields, 1, 3)).isEqualTo(Arrays.copyOfRange(fields, 3, 5));
  }

  @Test
  void whatIsMissingLinksToNothingAndStaysTheSameWhenReadAgain() throws IOException {
    long[] one = fields(row("1", "1", "2", "", "none"));
    long[] again = fields(row("1", "1", "2", "", "none"));
    long[] other = fields(row("2", "1", "2", "", "none"));
    assertThat(again).isEqualTo(one);
    assertThat(entity(one, DEVICE)).isNotEqualTo(entity(other, DEVICE));
    assertThat(entity(one, PHONE)).isNotEqualTo(entity(other, PHONE));
    assertThat(entity(one, DEVICE)).isNotEqualTo(entity(one, PHONE)).doesNotContain(0L);
    assertThat(entity(fields(row("1", "1", "3", "", "none")), DEVICE))
        .isNotEqualTo(entity(one, DEVICE));
  }

  @Test
  void refusalsNameTheColumnAndNoValue() throws IOException {
    RowEncoder encoder = encoder(MAPPING);
    problems.throwIfAny();
    refuses(encoder, "payer", Code.CDT_340, row("1", "DE88370400440532013000", "2", "", ""));
    refuses(encoder, "payer", Code.CDT_311, row("1", "", "2", "", ""));
    refuses(encoder, "sort, payee", Code.CDT_339, row("1", "1", "secret!", "", ""));
    refuses(encoder, "phone", Code.CDT_342, row("1", "1", "2", "", "secret"));
    refuses(encoder, "device", Code.CDT_345, row("1", "1", "2", "s".repeat(300), ""));
  }

  private static void refuses(RowEncoder encoder, String column, Code code, String[] row) {
    var found = new Problems();
    assertThat(fields(encoder, found, row)).isNull();
    assertThat(found.list()).extracting(Problem::code).containsExactly(code);
    assertThat(found.list().getFirst().reason()).startsWith("[" + column + "]");
    assertThat(found.list().toString()).doesNotContain("secret", "DE88", "sss");
  }

  @Test
  void mappingsOfEntitiesAreChecked() throws IOException {
    encoder(MAPPING.replace("device: device", "device: {equal: [payer, payee]}"));
    encoder(MAPPING.replace("amount: amount", "amount: [amount, days]"));
    encoder(MAPPING.replace("column: phone", "column: [phone, sort]"));
    encoder(MAPPING.replace("payer: payer", "payer: {column: payer, region: DE}"));
    assertThat(problems.list()).hasSize(4).extracting(Problem::code).containsOnly(Code.CDT_205);
    encoder(MAPPING.replace("region: DE", "region: Germany"));
    assertThat(problems.list().getLast().code()).isEqualTo(Code.CDT_106);
  }

  @Test
  void describesNoIdentifier() throws IOException {
    long[] fields = fields(row("1", "1", "2", "", ""));
    assertThat(contract().describe(fields))
        .anySatisfy(
            named -> {
              assertThat(named.feature()).isEqualTo("device");
              assertThat(named.text()).isEqualTo("an entity's hash");
            });
  }
}
