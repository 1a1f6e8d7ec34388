package org.concordat.agent.iso;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.concordat.agent.ingest.SourceRecord;

/** Messages for tests. */
public final class TestMessages {
  private static final IsoSchemas SCHEMAS = new IsoSchemas();

  private TestMessages() {}

  /** The hand-written message of a version. */
  public static String ofVersion(int version) throws IOException {
    String name = "pacs.008.001.%02d.xml".formatted(version);
    try (InputStream in =
        Objects.requireNonNull(TestMessages.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A message of version 08 with these transactions. */
  public static String of(List<String> transactions) {
    return """
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>
    <GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-02T10:15:00Z</CreDtTm><NbOfTxs>%d</NbOfTxs>
    <SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>
    %s
    </FIToFICstmrCdtTrf></Document>
    """
        .formatted(transactions.size(), String.join("\n", transactions));
  }

  /** A transaction of version 08. */
  public static String transaction(String id, String amount, String currency) {
    return """
    <CdtTrfTxInf><PmtId><EndToEndId>E</EndToEndId><TxId>%s</TxId></PmtId>
    <IntrBkSttlmAmt Ccy="%s">%s</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr>
    <Dbtr><Nm>A</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02100500000054540402</IBAN></Id></DbtrAcct>
    <DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt>
    <CdtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></CdtrAgt>
    <Cdtr><Nm>B</Nm></Cdtr></CdtTrfTxInf>\
    """
        .formatted(id, currency, amount);
  }

  /** A recall of version 08 of one payment, by DEUTDEFF. */
  public static String recall(String transaction) {
    return """
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.056.001.08"><FIToFIPmtCxlReq>
    <Assgnmt><Id>C-1</Id>
    <Assgnr><Agt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></Agt></Assgnr>
    <CreDtTm>2026-03-03T09:00:00Z</CreDtTm></Assgnmt>
    <CtrlData><NbOfTxs>1</NbOfTxs></CtrlData>
    <Undrlyg><TxInf>%s</TxInf></Undrlyg>
    </FIToFIPmtCxlReq></Document>
    """
        .formatted(transaction);
  }

  /** A return of version 09 of one payment. */
  public static String payback(String transaction) {
    return """
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"><PmtRtr>
    <GrpHdr><MsgId>R-1</MsgId><CreDtTm>2026-03-03T10:00:00+01:00</CreDtTm><NbOfTxs>1</NbOfTxs>
    </GrpHdr>
    <TxInf>%s</TxInf>
    </PmtRtr></Document>
    """
        .formatted(transaction);
  }

  static List<SourceRecord> read(String message) {
    return read(message.getBytes(StandardCharsets.UTF_8), IsoLimits.DEFAULT);
  }

  static List<SourceRecord> read(byte[] message, IsoLimits limits) {
    return read(new ByteArrayInputStream(message), limits);
  }

  static List<SourceRecord> read(InputStream message, IsoLimits limits) {
    var records = new ArrayList<SourceRecord>();
    try (var reader =
        new MessageReader("test", message, limits, SCHEMAS, List.of(IsoField.values()))) {
      for (var record = reader.next(); record != null; record = reader.next()) {
        records.add(record);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return records;
  }

  static String field(SourceRecord record, IsoField field) {
    return record.cells().get(field.ordinal());
  }
}
