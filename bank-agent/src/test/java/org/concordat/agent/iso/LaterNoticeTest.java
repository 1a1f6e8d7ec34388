package org.concordat.agent.iso;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LaterNoticeTest {
  private static final String UETR = "8a562c67-ca16-48ba-b074-65581be6f011";
  private static final String BY_UETR = "<OrgnlUETR>" + UETR + "</OrgnlUETR>";

  private static Code refused(String message) {
    var thrown =
        catchThrowableOfType(InvalidInputException.class, () -> TestMessages.read(message));
    assertThat(thrown).isNotNull();
    return thrown.problems().getFirst().code();
  }

  private static SourceRecord only(String message) {
    List<SourceRecord> records = TestMessages.read(message);
    assertThat(records).hasSize(1);
    return records.getFirst();
  }

  private static Code refusedAlone(String transaction) {
    return Objects.requireNonNull(only(TestMessages.recall(transaction)).refusal()).code();
  }

  private static Map<String, Object> said(SourceRecord record) {
    assertThat(record.refusal()).isNull();
    return Objects.requireNonNull(record.notice()).shown();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aRecallOfEveryVersionIsRead(int version) {
    String reason = version == 1 ? "CxlRsn" : "Rsn";
    String transaction =
        BY_UETR
            + "<CxlRsnInf><%s><Cd>FRAD</Cd></%s></CxlRsnInf>".formatted(reason, reason)
            + "<OrgnlTxRef><Dbtr><Nm>A</Nm></Dbtr></OrgnlTxRef>";
    SourceRecord record =
        only(
            TestMessages.recall(transaction)
                .replace("056.001.08", "056.001.%02d".formatted(version)));
    assertThat(said(record))
        .isEqualTo(
            Map.of(
                "kind", "recall",
                "reason", "FRAD",
                "reasonText", "fraud",
                "message", "C-1",
                "statedAt", "2026-03-03T09:00:00Z"));
    assertThat(TestMessages.field(record, IsoField.IDENTITY)).isEqualTo(UETR);
    assertThat(new String(record.raw(), StandardCharsets.UTF_8)).startsWith("<TxInf>");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14})
  void aReturnOfEveryVersionIsRead(int version) {
    String reason = version == 1 ? "RtrRsn" : "Rsn";
    String transaction =
        "<RtrId>R</RtrId>"
            + BY_UETR
            + "<RtrdIntrBkSttlmAmt Ccy='EUR'>99.50</RtrdIntrBkSttlmAmt>"
            + "<RtrRsnInf><%s><Cd>FOCR</Cd></%s></RtrRsnInf>".formatted(reason, reason);
    SourceRecord record =
        only(
            TestMessages.payback(transaction)
                .replace("004.001.09", "004.001.%02d".formatted(version)));
    assertThat(said(record))
        .containsEntry("kind", "return")
        .containsEntry("reasonText", "it follows a recall")
        .containsEntry("amount", "99.50")
        .containsEntry("currency", "EUR");
  }

  /** A payment without a UETR is known by who sent it, in which message, as which transaction. */
  @Test
  void thePaymentIsNamedAsItsOwnMessageNamesIt() {
    String payment =
        TestMessages.field(
            only(TestMessages.of(List.of(TestMessages.transaction("t/1", "1.00", "EUR")))),
            IsoField.IDENTITY);
    String ids = "<OrgnlGrpInf><OrgnlMsgId>M</OrgnlMsgId></OrgnlGrpInf><OrgnlTxId>t/1</OrgnlTxId>";
    String byReference =
        ids
            + "<OrgnlTxRef><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt>"
            + "</OrgnlTxRef>";
    String byReceiver =
        ids + "<InstdAgt><FinInstnId><BICFI>DEUTDEFFXXX</BICFI></FinInstnId></InstdAgt>";
    for (SourceRecord record :
        List.of(
            only(TestMessages.recall(ids)),
            only(TestMessages.payback(byReference)),
            only(TestMessages.payback(byReceiver)))) {
      assertThat(TestMessages.field(record, IsoField.IDENTITY)).isEqualTo(payment);
    }
  }

  @Test
  void aMessageMayNameManyPaymentsInSeveralGroups() {
    String two = "<TxInf>%s</TxInf><TxInf>%s</TxInf>".formatted(BY_UETR, BY_UETR);
    String message =
        TestMessages.recall(BY_UETR)
            .replace("</Undrlyg>", two + "</Undrlyg><Undrlyg>" + two + "</Undrlyg>");
    assertThat(refused(message)).as("the control data say one").isEqualTo(Code.CDT_336);
    String counted = message.replace("<NbOfTxs>1<", "<NbOfTxs>5<");
    assertThat(TestMessages.read(counted)).hasSize(5);
    String uncounted = message.replaceFirst("<CtrlData>.*</CtrlData>", "");
    assertThat(TestMessages.read(uncounted)).hasSize(5);
  }

  @ParameterizedTest
  @CsvSource({"056.001.08, 056.001.13", "056.001.08, 055.001.08", "056.001.08, 056.001.00"})
  void anotherMessageIsRefused(String ours, String other) {
    assertThat(refused(TestMessages.recall(BY_UETR).replace(ours, other))).isEqualTo(Code.CDT_332);
  }

  @Test
  void whatIsOfAnotherNamespaceIsRefusedButInSupplementaryData() {
    String other = "<x:A xmlns:x='urn:x'><x:B/></x:A>";
    assertThat(refused(TestMessages.recall(BY_UETR + other))).isEqualTo(Code.CDT_332);
    String free = "<SplmtryData><Envlp>" + other + "</Envlp></SplmtryData>";
    assertThat(only(TestMessages.recall(BY_UETR + free)).refusal()).isNull();
    assertThat(refused(TestMessages.recall(BY_UETR + free + other))).isEqualTo(Code.CDT_332);
  }

  @Test
  void whatNamesNoPaymentOrBreaksAFormIsRefused() {
    assertThat(refusedAlone("<OrgnlTxId>t</OrgnlTxId>")).isEqualTo(Code.CDT_337);
    assertThat(refusedAlone("<OrgnlUETR>none</OrgnlUETR>")).isEqualTo(Code.CDT_338);
    assertThat(refusedAlone(BY_UETR + "<OrgnlTxId>" + "t".repeat(36) + "</OrgnlTxId>"))
        .isEqualTo(Code.CDT_338);
    String amount = BY_UETR + "<RtrdIntrBkSttlmAmt Ccy='JPY'>1.50</RtrdIntrBkSttlmAmt>";
    assertThat(Objects.requireNonNull(only(TestMessages.payback(amount)).refusal()).code())
        .isEqualTo(Code.CDT_334);
    String group =
        TestMessages.recall("")
            .replace(
                "<TxInf></TxInf>", "<OrgnlGrpInfAndCxl><GrpCxl>true</GrpCxl></OrgnlGrpInfAndCxl>");
    assertThat(refused(group)).isEqualTo(Code.CDT_337);
  }

  private static SourceRecord payback(String amount, String currency) {
    String returned = "<RtrdIntrBkSttlmAmt Ccy='%s'>%s</RtrdIntrBkSttlmAmt>";
    return only(TestMessages.payback(BY_UETR + returned.formatted(currency, amount)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "99.50", "99.", "123456789012345678", "1234567890123456.78"})
  void anAmountOfItsFormIsTaken(String amount) {
    assertThat(said(payback(amount, "EUR"))).containsEntry("amount", amount);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1,00", ".", "1.000000", "\u0661", "1234567890123456789"})
  void anAmountOfAnotherFormIsRefused(String amount) {
    var refusal = Objects.requireNonNull(payback(amount, "EUR").refusal());
    assertThat(refusal.code()).isEqualTo(Code.CDT_338);
  }

  @Test
  void thePointIsNotCountedAmongAnAmountsDigits() {
    var refusal = Objects.requireNonNull(payback("12345678901234567.89", "EUR").refusal());
    assertThat(refusal.code()).isEqualTo(Code.CDT_338);
  }

  /** What is stored of a notice has a bound. */
  @Test
  void aTextThatCanNotBeStoredIsRefused() {
    String longText = "\u20ac".repeat(22_000);
    for (SourceRecord record :
        List.of(payback(longText, "EUR"), payback("1", longText), payback("", longText))) {
      assertThat(Objects.requireNonNull(record.refusal()).code()).isEqualTo(Code.CDT_338);
    }
  }
}
