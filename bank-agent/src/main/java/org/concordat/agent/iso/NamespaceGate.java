package org.concordat.agent.iso;

import java.util.function.Supplier;
import javax.xml.stream.XMLStreamReader;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;

/**
 * For messages whose schema isn't at hand: every element is of the Document's namespace, but for
 * what stands inside supplementary data.
 */
final class NamespaceGate implements DocumentGate {
  private static final String FREE = "SplmtryData";

  private final String namespace;

  /** Elements that are open inside supplementary data, that element too. */
  private int free;

  NamespaceGate(String namespace) {
    this.namespace = namespace;
  }

  @Override
  public void start(XMLStreamReader xml, Supplier<Place> place) {
    if (free > 0 || xml.getLocalName().equals(FREE)) {
      free++;
    } else if (!namespace.equals(xml.getNamespaceURI())) {
      throw new InvalidInputException(
          Code.CDT_332,
          place.get(),
          "An element isn't in the Document's namespace.",
          Code.CDT_332.fix());
    }
  }

  @Override
  public void characters(XMLStreamReader xml) {
    // Fields are held against their forms one by one.
  }

  @Override
  public void end(XMLStreamReader xml, Supplier<Place> place) {
    free -= free > 0 ? 1 : 0;
  }

  @Override
  public void end() {
    // Nothing is left to find.
  }
}
