package org.concordat.agent.iso;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.xml.sax.SAXException;

/** The schemas of the messages that are read, each compiled when the first message needs it. */
public final class IsoSchemas {
  private static final Pattern NAMESPACE =
      Pattern.compile(
          "urn:iso:std:iso:20022:tech:xsd:"
              + "(?<message>(?<transfer>pacs\\.008\\.001\\.(0[1-9]|1[0-3]))"
              + "|(?<return>pacs\\.004\\.001\\.(0[1-9]|1[0-4]))"
              + "|camt\\.056\\.001\\.(0[1-9]|1[0-2]))");

  private final ConcurrentHashMap<String, Schema> schemas = new ConcurrentHashMap<>();

  /** A message that is read, and what it is held against while it is. */
  record Expected(MessageKind kind, DocumentGate gate) {}

  /**
   * By a Document's namespace; nothing where it is none that is read. Of recalls and returns no
   * schema is at hand.
   */
  Optional<Expected> of(String namespace) {
    Matcher matcher = NAMESPACE.matcher(namespace);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (matcher.group("transfer") == null) {
      MessageKind kind = matcher.group("return") == null ? MessageKind.RECALL : MessageKind.RETURN;
      return Optional.of(new Expected(kind, new NamespaceGate(namespace)));
    }
    Schema schema = schemas.computeIfAbsent(matcher.group("message"), IsoSchemas::compile);
    return Optional.of(new Expected(MessageKind.TRANSFER, new SchemaGate(schema)));
  }

  private static Schema compile(String message) {
    String resource = message + ".xsd";
    try (InputStream in =
        Objects.requireNonNull(IsoSchemas.class.getResourceAsStream(resource), resource)) {
      SchemaFactory factory = SchemaFactory.newDefaultInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
      factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
      return factory.newSchema(new StreamSource(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SAXException e) {
      throw new IllegalStateException(resource, e);
    }
  }
}
