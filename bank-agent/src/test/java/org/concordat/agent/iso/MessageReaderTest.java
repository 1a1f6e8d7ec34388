package org.concordat.agent.iso;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problem;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {
  private static final String NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08";

  private static Problem refused(String message) {
    return refused(message.getBytes(StandardCharsets.UTF_8), IsoLimits.DEFAULT);
  }

  private static Problem refused(byte[] message, IsoLimits limits) {
    return refused(new ByteArrayInputStream(message), limits);
  }

  private static Problem refused(InputStream message, IsoLimits limits) {
    var thrown =
        catchThrowableOfType(InvalidInputException.class, () -> TestMessages.read(message, limits));
    assertThat(thrown).isNotNull();
    return thrown.problems().getFirst();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})
  void everyVersionGivesTheSameFields(int version) throws IOException {
    List<SourceRecord> records = TestMessages.read(TestMessages.ofVersion(version));
    assertThat(records).hasSize(1);
    SourceRecord record = records.getFirst();
    assertThat(record.refusal()).isNull();
    String uetr = version < 8 ? "" : "0c2a1d9e-7b4f-4e7a-9c55-0000000000%02d".formatted(version);
    Map<IsoField, String> expected =
        Map.ofEntries(
            Map.entry(
                IsoField.IDENTITY,
                version < 8 ? "DEUTDEFFXXX/M-" + version + "/T-" + version : uetr),
            Map.entry(IsoField.UETR, uetr),
            Map.entry(IsoField.MESSAGE_ID, "M-" + version),
            Map.entry(IsoField.INSTRUCTION_ID, "I-" + version),
            Map.entry(IsoField.END_TO_END_ID, "E-" + version),
            Map.entry(IsoField.TRANSACTION_ID, version < 8 ? "T-" + version : ""),
            Map.entry(IsoField.EVENT_TIME, "2026-03-02T10:15:30+01:00"),
            Map.entry(IsoField.CREATION_TIME, "2026-03-02T10:15:00Z"),
            Map.entry(IsoField.ACCEPTANCE_TIME, "2026-03-02T10:15:30+01:00"),
            Map.entry(IsoField.SETTLEMENT_DATE, "2026-03-02"),
            Map.entry(IsoField.AMOUNT, "1234.50"),
            Map.entry(IsoField.CURRENCY, "EUR"),
            Map.entry(IsoField.INSTRUCTED_AMOUNT, "200000"),
            Map.entry(IsoField.INSTRUCTED_CURRENCY, "JPY"),
            Map.entry(IsoField.INSTRUCTING_AGENT, "DEUTDEFFXXX"),
            Map.entry(IsoField.INSTRUCTED_AGENT, ""),
            Map.entry(IsoField.DEBTOR_AGENT, "DEUTDEFF500"),
            Map.entry(IsoField.CREDITOR_AGENT, version == 1 ? "021000021" : "USABA/021000021"),
            Map.entry(IsoField.DEBTOR_ACCOUNT, "DE02100500000054540402"),
            Map.entry(IsoField.CREDITOR_ACCOUNT, "GB12345"),
            Map.entry(IsoField.DEBTOR_COUNTRY, "DE"),
            Map.entry(IsoField.CREDITOR_COUNTRY, "FR"),
            Map.entry(IsoField.CHARGE_BEARER, "SHAR"),
            Map.entry(IsoField.SERVICE_LEVEL, "SEPA"),
            Map.entry(IsoField.LOCAL_INSTRUMENT, version == 1 ? "CTP" : "INST"),
            Map.entry(IsoField.CATEGORY_PURPOSE, "SALA"),
            Map.entry(IsoField.PURPOSE, "GDDS"),
            Map.entry(IsoField.SETTLEMENT_METHOD, "INDA"));
    assertThat(expected).hasSize(IsoField.values().length);
    expected.forEach(
        (field, value) ->
            assertThat(TestMessages.field(record, field)).as(field.column()).isEqualTo(value));
    assertThat(new String(record.raw(), StandardCharsets.UTF_8))
        .startsWith("<CdtTrfTxInf>")
        .endsWith("</CdtTrfTxInf>")
        .contains("<IntrBkSttlmAmt Ccy=\"EUR\">1234.50</IntrBkSttlmAmt>");
  }

  @Test
  void aBusinessMessageIsReadLikeItsDocument() throws IOException {
    String document = TestMessages.ofVersion(8).replaceFirst("<\\?xml.*\\?>", "");
    String header =
        "<AppHdr xmlns='urn:iso:std:iso:20022:tech:xsd:head.001.001.02'>"
            + "<MsgDefIdr>pacs.008.001.08</MsgDefIdr></AppHdr>";
    List<SourceRecord> wrapped = TestMessages.read("<BizMsg>" + header + document + "</BizMsg>");
    assertThat(wrapped).hasSize(1);
    assertThat(wrapped.getFirst().cells())
        .isEqualTo(TestMessages.read(document).getFirst().cells());
    String other = header.replace("001.08", "001.09");
    assertThat(refused("<BizMsg>" + other + document + "</BizMsg>").code()).isEqualTo(Code.CDT_332);
    assertThat(refused("<BizMsg>" + document + document + "</BizMsg>").code())
        .isEqualTo(Code.CDT_332);
    assertThat(refused(header).code()).isEqualTo(Code.CDT_332);
    assertThat(refused("<b>" + header.replace("head", "tail") + document + "</b>").code())
        .isEqualTo(Code.CDT_332);
  }

  @Test
  void anotherMessageIsRefused() throws IOException {
    for (String namespace : List.of("", "urn:x", NAMESPACE.replace(".08", ".14"), "pacs.008")) {
      String message = TestMessages.ofVersion(8).replace(NAMESPACE, namespace);
      assertThat(refused(message).code()).as(namespace).isEqualTo(Code.CDT_332);
    }
    String mixed = TestMessages.ofVersion(8).replace("<Dbtr>", "<Dbtr xmlns='urn:x'>");
    assertThat(refused(mixed).code()).isEqualTo(Code.CDT_333);
  }

  @Test
  void aMessageThatBreaksItsSchemaIsRefusedWithThePlace() {
    String wrong = TestMessages.transaction("b", "secret", "EUR");
    Problem problem =
        refused(TestMessages.of(List.of(TestMessages.transaction("a", "1", "EUR"), wrong)));
    assertThat(problem.code()).isEqualTo(Code.CDT_333);
    assertThat(problem.place().line()).isEqualTo(11);
    assertThat(problem.reason())
        .startsWith("Transaction 2: At Document/FIToFICstmrCdtTrf/CdtTrfTxInf/IntrBkSttlmAmt")
        .contains("cvc-")
        .doesNotContain("secret");
  }

  @Test
  void theNumberOfTransactionsMustBeAsStated() {
    String message = TestMessages.of(List.of(TestMessages.transaction("a", "1", "EUR")));
    assertThat(TestMessages.read(message.replace("<NbOfTxs>1", "<NbOfTxs>001"))).hasSize(1);
    assertThat(refused(message.replace("<NbOfTxs>1", "<NbOfTxs>2")).code()).isEqualTo(Code.CDT_336);
  }

  @Test
  void decimalsBeyondTheCurrencyCostTheTransactionAlone() {
    List<SourceRecord> records =
        TestMessages.read(
            TestMessages.of(
                List.of(
                    TestMessages.transaction("a", "1.5", "JPY"),
                    TestMessages.transaction("b", "1.50", "EUR"),
                    TestMessages.transaction("c", "1.505", "EUR"),
                    TestMessages.transaction("d", "1.505", "KWD"),
                    TestMessages.transaction("e", "1", "ZZZ"),
                    TestMessages.transaction("f", "1", "EUR").replace("<TxId>f</TxId>", ""))));
    assertThat(records.stream().map(r -> r.refusal() == null ? "" : r.refusal().code().label()))
        .containsExactly("CDT-334", "", "CDT-334", "", "CDT-334", "CDT-335");
    assertThat(records.get(2).place().line()).isGreaterThan(records.get(0).place().line());
  }

  @Test
  void noTwoIdentitiesLookAlike() {
    String first = TestMessages.of(List.of(TestMessages.transaction("b/c", "1", "EUR")));
    String second =
        TestMessages.of(List.of(TestMessages.transaction("c", "1", "EUR")))
            .replace("<MsgId>M</MsgId>", "<MsgId>M/b</MsgId>");
    assertThat(TestMessages.field(TestMessages.read(first).getFirst(), IsoField.IDENTITY))
        .isEqualTo("DEUTDEFFXXX/M/b%2Fc");
    assertThat(TestMessages.field(TestMessages.read(second).getFirst(), IsoField.IDENTITY))
        .isEqualTo("DEUTDEFFXXX/M%2Fb/c");
  }

  @Test
  void bombsEntitiesAndWrongEncodingsAreRefused() throws IOException {
    String plain = TestMessages.ofVersion(8).replaceFirst("<\\?xml.*\\?>", "");
    var laughs = new StringBuilder("<!DOCTYPE Document [<!ENTITY a0 'ha'>");
    for (int i = 1; i < 20; i++) {
      laughs.append("<!ENTITY a%d '%s'>".formatted(i, ("&a" + (i - 1) + ";").repeat(10)));
    }
    laughs.append("]>");
    assertThat(refused(laughs + plain.replace("M-8", "&a19;")).code()).isEqualTo(Code.CDT_331);
    String external = "<!DOCTYPE Document [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>";
    assertThat(refused(external + plain.replace("M-8", "&x;")).code()).isEqualTo(Code.CDT_331);
    String dtd = "<!DOCTYPE Document SYSTEM 'http://127.0.0.1:1/x.dtd'>";
    assertThat(refused(dtd + plain).code()).isEqualTo(Code.CDT_331);
    assertThat(refused(plain.replace("M-8", "&x;")).code()).isIn(Code.CDT_330, Code.CDT_331);
    byte[] utf16 = plain.getBytes(StandardCharsets.UTF_16);
    assertThat(refused(utf16, IsoLimits.DEFAULT).code()).isEqualTo(Code.CDT_330);
    String latin = "<?xml version='1.0' encoding='ISO-8859-1'?>" + plain;
    assertThat(refused(latin).code()).isEqualTo(Code.CDT_330);
    byte[] broken =
        plain.replace("<Nm>A</Nm>", "<Nm>\u00e4</Nm>").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(refused(broken, IsoLimits.DEFAULT).code()).isEqualTo(Code.CDT_330);
    assertThat(refused("").code()).isEqualTo(Code.CDT_330);
    assertThat(refused("no XML").code()).isEqualTo(Code.CDT_330);
  }

  @Test
  void aMessageThatIsCutOffAnywhereIsRefused() throws IOException {
    byte[] whole = TestMessages.ofVersion(8).strip().getBytes(StandardCharsets.UTF_8);
    for (int length = 0; length < whole.length; length += 7) {
      assertThat(refused(java.util.Arrays.copyOf(whole, length), IsoLimits.DEFAULT).code())
          .as("%d bytes", length)
          .isEqualTo(Code.CDT_330);
    }
  }

  @Test
  void aFailureToReadIsNoFaultOfTheMessage() throws IOException {
    byte[] message = TestMessages.ofVersion(8).getBytes(StandardCharsets.UTF_8);
    for (int length = 0; length < message.length; length += 97) {
      InputStream failing =
          new SequenceInputStream(new ByteArrayInputStream(message, 0, length), unreadable());
      assertThatThrownBy(() -> TestMessages.read(failing, IsoLimits.DEFAULT))
          .as("after %d bytes", length)
          .isInstanceOf(UncheckedIOException.class)
          .hasRootCauseMessage("told by the test");
    }
  }

  private static InputStream unreadable() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        throw new IOException("told by the test");
      }
    };
  }

  @Test
  void limitsAreKept() throws IOException {
    byte[] message = TestMessages.ofVersion(8).getBytes(StandardCharsets.UTF_8);
    assertThat(TestMessages.read(message, new IsoLimits(message.length, 1, 64 << 10))).hasSize(1);
    assertThat(refused(message, new IsoLimits(message.length - 1, 1, 64 << 10)).code())
        .isEqualTo(Code.CDT_331);
    byte[] two =
        TestMessages.of(
                List.of(
                    TestMessages.transaction("a", "1", "EUR"),
                    TestMessages.transaction("b", "1", "EUR")))
            .getBytes(StandardCharsets.UTF_8);
    assertThat(refused(two, new IsoLimits(1 << 20, 1, 64 << 10)).code()).isEqualTo(Code.CDT_331);
    Problem large = refused(two, new IsoLimits(1 << 20, 2, 256));
    assertThat(large.code()).isEqualTo(Code.CDT_331);
    assertThat(large.reason()).contains("256 bytes");
    String deep = "<a>".repeat(IsoLimits.DEPTH_MAX + 1);
    assertThat(refused(deep).code()).isEqualTo(Code.CDT_331);
    var attributes = new StringBuilder("<a");
    IntStream.range(0, 20_000).forEach(i -> attributes.append(" a").append(i).append("=''"));
    assertThat(refused(attributes + "/>").code()).isEqualTo(Code.CDT_331);
  }

  @Test
  void onePieceWithoutEndIsRefusedBeforeItFillsTheMemory() {
    for (String start :
        List.of("<a b='", "<!--", "<", "<a><![CDATA[", "<?p ", "<a>", "<!DOCTYPE a [")) {
      assertThat(refused(endless(start, "x".repeat(1 << 16)), IsoLimits.DEFAULT).code())
          .as(start)
          .isEqualTo(Code.CDT_331);
    }
  }

  /** A start, and then the same again and again. */
  private static InputStream endless(String start, String again) {
    byte[] bytes = again.getBytes(StandardCharsets.UTF_8);
    InputStream repeated =
        new InputStream() {
          private int at;

          @Override
          public int read() {
            int next = bytes[at] & 0xFF;
            at = (at + 1) % bytes.length;
            return next;
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            int count = Math.min(length, bytes.length - at);
            System.arraycopy(bytes, at, target, offset, count);
            at = (at + count) % bytes.length;
            return count;
          }
        };
    return new SequenceInputStream(
        new ByteArrayInputStream(start.getBytes(StandardCharsets.UTF_8)), repeated);
  }

  @Test
  void everySampleIsReadOrRefusedWithAReason() throws IOException {
    Path samples = samples();
    int read = 0;
    try (Stream<Path> files = Files.walk(samples)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".xml")).sorted().toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          List<SourceRecord> records = TestMessages.read(in, IsoLimits.DEFAULT);
          records.forEach(record -> assertThat(record.refusal()).as(file.toString()).isNull());
          read += records.size();
        } catch (InvalidInputException e) {
          assertThat(e.problems().getFirst().reason()).as(file.toString()).isNotBlank();
        }
      }
    }
    assertThat(read).isEqualTo(2);
    try (InputStream in = Files.newInputStream(samples.resolve("prowide/pacs.008.001.07.xml"))) {
      SourceRecord record = TestMessages.read(in, IsoLimits.DEFAULT).getFirst();
      assertThat(TestMessages.field(record, IsoField.IDENTITY))
          .isEqualTo("CITTGB2LPBG/823823423/123452342");
      assertThat(TestMessages.field(record, IsoField.EVENT_TIME)).isEqualTo("2018-04-28T20:54:39");
      assertThat(TestMessages.field(record, IsoField.AMOUNT)).isEqualTo("5000");
      assertThat(TestMessages.field(record, IsoField.CREDITOR_COUNTRY)).isEqualTo("US");
    }
  }

  private static Path samples() {
    String declared = System.getProperty("concordat.shared", "");
    Path root =
        declared.isEmpty() || declared.startsWith("$") ? Path.of("shared") : Path.of(declared);
    Path samples = root.resolve("data/iso20022/samples");
    Assumptions.assumeTrue(
        Files.exists(samples), () -> "the shared data 'iso20022/samples' is absent");
    return samples;
  }
}
