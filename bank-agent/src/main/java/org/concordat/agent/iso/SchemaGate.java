package org.concordat.agent.iso;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.Supplier;
import javax.xml.stream.XMLStreamReader;
import javax.xml.validation.Schema;
import javax.xml.validation.ValidatorHandler;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.jspecify.annotations.Nullable;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.AttributesImpl;

/**
 * Holds a Document against its schema while it is read; refuses it at the first place that fails.
 */
final class SchemaGate implements DocumentGate {
  private final ValidatorHandler handler;
  private final ArrayDeque<String> path = new ArrayDeque<>();
  private int transactions;

  SchemaGate(Schema schema) {
    handler = schema.newValidatorHandler();
    handler.setErrorHandler(new Strict());
    try {
      handler.startDocument();
    } catch (SAXException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void start(XMLStreamReader xml, Supplier<Place> place) {
    path.addLast(xml.getLocalName());
    if (xml.getLocalName().equals("CdtTrfTxInf")) {
      transactions++;
    }
    try {
      for (int i = 0; i < xml.getNamespaceCount(); i++) {
        handler.startPrefixMapping(text(xml.getNamespacePrefix(i)), text(xml.getNamespaceURI(i)));
      }
      var attributes = new AttributesImpl();
      for (int i = 0; i < xml.getAttributeCount(); i++) {
        String local = xml.getAttributeLocalName(i);
        attributes.addAttribute(
            text(xml.getAttributeNamespace(i)),
            local,
            qualified(xml.getAttributePrefix(i), local),
            "CDATA",
            xml.getAttributeValue(i));
      }
      handler.startElement(
          text(xml.getNamespaceURI()),
          xml.getLocalName(),
          qualified(xml.getPrefix(), xml.getLocalName()),
          attributes);
    } catch (SAXException e) {
      throw refusal(e, place.get());
    }
  }

  @Override
  public void characters(XMLStreamReader xml) {
    try {
      handler.characters(xml.getTextCharacters(), xml.getTextStart(), xml.getTextLength());
    } catch (SAXException e) {
      throw refusal(e, Place.of(""));
    }
  }

  @Override
  public void end(XMLStreamReader xml, Supplier<Place> place) {
    try {
      handler.endElement(
          text(xml.getNamespaceURI()),
          xml.getLocalName(),
          qualified(xml.getPrefix(), xml.getLocalName()));
      for (int i = 0; i < xml.getNamespaceCount(); i++) {
        handler.endPrefixMapping(text(xml.getNamespacePrefix(i)));
      }
    } catch (SAXException e) {
      throw refusal(e, place.get());
    }
    path.removeLast();
  }

  @Override
  public void end() {
    try {
      handler.endDocument();
    } catch (SAXException e) {
      throw refusal(e, Place.of(""));
    }
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static String qualified(@Nullable String prefix, String localName) {
    return prefix == null || prefix.isEmpty() ? localName : prefix + ":" + localName;
  }

  /** Names the rule of XML Schema and the element; the validator's own words quote the value. */
  private InvalidInputException refusal(SAXException e, Place place) {
    String message = e.getMessage() == null ? "" : e.getMessage();
    int colon = message.indexOf(':');
    String rule = colon < 0 ? "" : message.substring(0, colon);
    var reason = new StringBuilder();
    if (path.contains("CdtTrfTxInf")) {
      reason.append("Transaction ").append(transactions).append(": ");
    }
    reason.append("At ");
    for (Iterator<String> names = path.iterator(); names.hasNext(); ) {
      reason.append(names.next()).append(names.hasNext() ? "/" : "");
    }
    reason.append(" the schema's rule ");
    reason.append(rule.matches("[a-zA-Z0-9.-]{1,64}") ? rule : "of this element");
    reason.append(" is broken.");
    return new InvalidInputException(Code.CDT_333, place, reason.toString(), Code.CDT_333.fix());
  }

  private static final class Strict implements ErrorHandler {
    @Override
    public void warning(SAXParseException e) {
      // A schema that is fixed says nothing new with it.
    }

    @Override
    public void error(SAXParseException e) throws SAXParseException {
      throw e;
    }

    @Override
    public void fatalError(SAXParseException e) throws SAXParseException {
      throw e;
    }
  }
}
