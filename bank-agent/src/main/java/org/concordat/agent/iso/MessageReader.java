package org.concordat.agent.iso;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.Notice;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one message, one after another: credit transfers (pacs.008), recalls
 * (camt.056) or returns (pacs.004). A Document, bare or wrapped together with a business
 * application header (head.001); the namespace tells message and version.
 *
 * <p>What is wrong with the message, or with the XML, is an {@link InvalidInputException} and ends
 * it, at the latest when its last transaction was read. What is wrong with a transaction in itself
 * costs that transaction only.
 */
public final class MessageReader implements Closeable {
  private static final String HEADER_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:head.001.001.";
  private static final String MESSAGE_PREFIX = "urn:iso:std:iso:20022:tech:xsd:";

  /** Below Document and the message's own element. */
  private static final int BLOCK_DEPTH = 3;

  private final String name;
  private final GuardedStream stream;
  private final IsoLimits limits;
  private final IsoSchemas schemas;
  private final List<IsoField> fields;
  private final XMLStreamReader xml;
  private final ArrayDeque<String> open = new ArrayDeque<>();
  private final StringBuilder path = new StringBuilder();
  private final StringBuilder text = new StringBuilder();
  private final RecordXml raw = new RecordXml();
  private final Map<String, String> header = new HashMap<>();
  private String definition = "";
  private MessageKind kind = MessageKind.TRANSFER;
  private @Nullable DocumentGate gate;

  /** Elements around Document. */
  private int around;

  private @Nullable Transaction transaction;
  private Place start = Place.of("");
  private boolean inHeader;
  private int transactions;
  private boolean ended;

  /**
   * @param name of the source, for places
   * @param in is closed with this
   * @param fields what the cells of a record are, in their order
   * @throws InvalidInputException it isn't XML in UTF-8
   * @throws IOException it can't be read, whatever it holds
   */
  public MessageReader(
      String name, InputStream in, IsoLimits limits, IsoSchemas schemas, List<IsoField> fields)
      throws IOException {
    this.name = name;
    this.stream = new GuardedStream(in, limits.fileBytesMax(), limits.transactionBytesMax());
    this.limits = limits;
    this.schemas = schemas;
    this.fields = List.copyOf(fields);
    try {
      this.xml = factory().createXMLStreamReader(stream);
    } catch (XMLStreamException e) {
      requireRead();
      throw refusal(malformed(e), Place.of(name), "");
    }
    requireUtf8();
  }

  private static XMLInputFactory factory() {
    // The JDK's own, whatever else is on the class path: its limits are known.
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
    factory.setProperty(XMLInputFactory.IS_COALESCING, false);
    factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
    // Without one, what is wrong is printed to the standard error as well.
    factory.setXMLReporter((message, type, information, location) -> {});
    return factory;
  }

  private void requireUtf8() {
    String declared = xml.getCharacterEncodingScheme();
    String used = xml.getEncoding();
    if ((declared != null && !declared.equalsIgnoreCase("UTF-8"))
        || (used != null && !used.equalsIgnoreCase("UTF-8"))) {
      throw refusal(Code.CDT_330, place(), "The XML isn't in UTF-8.");
    }
  }

  /**
   * The next transaction; null after the last.
   *
   * @throws InvalidInputException the message is refused
   * @throws IOException it can't be read on, whatever it holds
   */
  public @Nullable SourceRecord next() throws IOException {
    while (!ended) {
      SourceRecord record = step();
      if (record != null) {
        return record;
      }
    }
    return null;
  }

  /** Transactions that were read. */
  public int transactions() {
    return transactions;
  }

  private @Nullable SourceRecord step() throws IOException {
    try {
      int event = xml.next();
      stream.piece();
      switch (event) {
        case XMLStreamConstants.START_ELEMENT -> startElement();
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
            characters();
        case XMLStreamConstants.END_ELEMENT -> {
          return endElement();
        }
        case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
            throw refusal(Code.CDT_331, place(), "A document type and entities aren't taken.");
        case XMLStreamConstants.END_DOCUMENT -> end();
        default -> {
          // Comments and processing instructions say nothing.
        }
      }
      return null;
    } catch (XMLStreamException e) {
      requireRead();
      throw refusal(malformed(e), place(), "");
    }
  }

  /** The parser reports a disk's failure like a fault of the XML. */
  private void requireRead() throws IOException {
    IOException failure = stream.failure();
    if (failure != null) {
      throw failure;
    }
  }

  private void startElement() {
    open.push(xml.getLocalName());
    if (open.size() > IsoLimits.DEPTH_MAX) {
      throw refusal(
          Code.CDT_331, place(), "Elements are nested deeper than " + IsoLimits.DEPTH_MAX + ".");
    }
    text.setLength(0);
    if (gate == null) {
      startAround();
      return;
    }
    if (open.size() - around == BLOCK_DEPTH && xml.getLocalName().equals(MessageKind.AROUND)) {
      around++;
    }
    int depth = open.size() - around;
    if (depth == BLOCK_DEPTH) {
      startBlock();
    } else if (depth > BLOCK_DEPTH) {
      path.append(path.isEmpty() ? "" : "/").append(xml.getLocalName());
      if (transaction != null) {
        raw.start(xml);
      }
    }
    gate.start(xml, this::place);
    keepCurrency();
  }

  /** An element that isn't in a Document: it wraps one, or is one, or the header. */
  private void startAround() {
    String namespace = xml.getNamespaceURI() == null ? "" : xml.getNamespaceURI();
    if (xml.getLocalName().equals("AppHdr") && !namespace.startsWith(HEADER_NAMESPACE)) {
      throw refusal(Code.CDT_332, place(), "The AppHdr isn't in a namespace head.001.");
    }
    if (!xml.getLocalName().equals("Document")) {
      return;
    }
    var expected =
        schemas
            .of(namespace)
            .orElseThrow(() -> refusal(Code.CDT_332, place(), Code.CDT_332.cause()));
    if (!header.isEmpty() || transactions > 0) {
      throw refusal(Code.CDT_332, place(), "The file holds more than one message.");
    }
    if (!definition.isEmpty() && !namespace.equals(MESSAGE_PREFIX + definition)) {
      throw refusal(Code.CDT_332, place(), "The AppHdr's MsgDefIdr names another message.");
    }
    around = open.size() - 1;
    kind = expected.kind();
    gate = expected.gate();
    gate.start(xml, this::place);
  }

  private void startBlock() {
    inHeader = kind.headers.contains(xml.getLocalName());
    path.setLength(0);
    raw.clear();
    if (xml.getLocalName().equals(kind.element)) {
      start = place();
      if (transactions == limits.transactionsMax()) {
        throw refusal(
            Code.CDT_331,
            place(),
            "The message has more than " + limits.transactionsMax() + " transactions.");
      }
      transactions++;
      transaction = kind.transaction(header);
      raw.start(xml);
    }
  }

  private void keepCurrency() {
    String currency = xml.getAttributeValue(null, "Ccy");
    if (currency != null && transaction != null && kind.paths.contains(path.toString())) {
      transaction.put(path + MessageTexts.CURRENCY, currency.strip());
    }
  }

  private void characters() {
    int length = xml.getTextLength();
    raw.count(length);
    requireRoom();
    if (gate == null) {
      if (isDefinition()) {
        text.append(xml.getTextCharacters(), xml.getTextStart(), length);
      }
      return;
    }
    gate.characters(xml);
    if (transaction != null) {
      raw.characters(xml);
    }
    if (path.length() > 0 && kind.paths.contains(path.toString())) {
      text.append(xml.getTextCharacters(), xml.getTextStart(), length);
    }
  }

  private void requireRoom() {
    if (raw.size() > limits.transactionBytesMax()) {
      throw refusal(
          Code.CDT_331,
          place(),
          "A transaction, or what stands before or after, is longer than "
              + limits.transactionBytesMax()
              + " bytes.");
    }
  }

  private boolean isDefinition() {
    return "MsgDefIdr".equals(open.peek());
  }

  private @Nullable SourceRecord endElement() {
    requireRoom();
    int depth = open.size() - around;
    if (gate == null) {
      if (isDefinition()) {
        definition = text.toString().strip();
      }
      open.pop();
      return null;
    }
    SourceRecord record = null;
    gate.end(xml, this::place);
    if (depth > BLOCK_DEPTH) {
      endInBlock();
    } else if (depth == BLOCK_DEPTH) {
      record = endBlock();
    } else if (depth == 1) {
      endMessage();
    } else if (MessageKind.AROUND.equals(open.peek())) {
      around--;
    }
    text.setLength(0);
    open.pop();
    return record;
  }

  private void endInBlock() {
    String at = path.toString();
    if (kind.paths.contains(at) && text.length() > 0) {
      if (transaction != null) {
        transaction.put(at, text.toString().strip());
      } else if (inHeader) {
        header.putIfAbsent(at, text.toString().strip());
      }
    }
    int slash = path.lastIndexOf("/");
    path.setLength(Math.max(slash, 0));
    raw.end(xml);
  }

  private @Nullable SourceRecord endBlock() {
    Transaction read = transaction;
    raw.end(xml);
    byte[] bytes = raw.xml().getBytes(StandardCharsets.UTF_8);
    raw.clear();
    transaction = null;
    inHeader = false;
    if (read == null) {
      return null;
    }
    Code code = read.refusal();
    if (code != null) {
      String reason = "Transaction " + transactions + ": " + code.cause();
      var refusal = new Problem(code, start, reason, code.fix());
      return new SourceRecord(start, bytes, List.of(), refusal, null);
    }
    List<String> cells = read.cells(fields);
    Notice notice = read.notice();
    return notice == null
        ? new SourceRecord(start, bytes, cells, null, null)
        : SourceRecord.notice(start, bytes, cells, notice);
  }

  private void endMessage() {
    if (gate != null) {
      gate.end();
      gate = null;
    }
    if (transactions == 0) {
      throw refusal(Code.CDT_337, place(), "The message names no payment one by one.");
    }
    // Digits only, says the schema; no leading zero matters.
    String stated = header.getOrDefault("NbOfTxs", "").replaceFirst("^0+", "");
    boolean optional = kind == MessageKind.RECALL && !header.containsKey("NbOfTxs");
    if (!optional && !stated.equals(Integer.toString(transactions))) {
      throw refusal(
          Code.CDT_336, place(), "NbOfTxs isn't the number of transactions, " + transactions + ".");
    }
    around = 0;
  }

  private void end() {
    ended = true;
    if (transactions == 0) {
      throw refusal(Code.CDT_332, place(), "The XML holds no Document.");
    }
  }

  private Place place() {
    Location location = xml.getLocation();
    return new Place(
        name, Math.max(location.getLineNumber(), 0), Math.max(location.getColumnNumber(), 0));
  }

  /** Never the parser's own words: they quote the message. */
  private Code malformed(XMLStreamException e) {
    String message = e.getMessage() == null ? "" : e.getMessage();
    // The numbers of the JDK's own limits.
    return stream.exceeded() || message.contains("JAXP0001") ? Code.CDT_331 : Code.CDT_330;
  }

  private InvalidInputException refusal(Code code, Place place, String reason) {
    String where = transaction == null ? "" : "Transaction " + transactions + ": ";
    return new InvalidInputException(
        code, place, where + (reason.isEmpty() ? code.cause() : reason), code.fix());
  }

  @Override
  public void close() throws IOException {
    try {
      xml.close();
    } catch (XMLStreamException e) {
      throw new IOException(e);
    } finally {
      stream.close();
    }
  }
}
