package org.concordat.agent.iso;

import java.util.function.Supplier;
import javax.xml.stream.XMLStreamReader;
import org.concordat.schemas.problem.Place;

/** Sees a Document while it is read; refuses it at the first place that doesn't fit. */
sealed interface DocumentGate permits SchemaGate, NamespaceGate {
  /** The element at which a reader stands begins. */
  void start(XMLStreamReader xml, Supplier<Place> place);

  void characters(XMLStreamReader xml);

  void end(XMLStreamReader xml, Supplier<Place> place);

  /** After the Document's own end. */
  void end();
}
