package org.concordat.agent.iso;

import javax.xml.stream.XMLStreamReader;

/**
 * The transaction at hand as XML without namespaces, as it is kept if it is refused. Holds
 * plaintext.
 */
final class RecordXml {
  private final StringBuilder text = new StringBuilder();

  /** Characters that were read and aren't part of the text. */
  private int others;

  void clear() {
    text.setLength(0);
    others = 0;
  }

  /** About as many bytes as were read since it was cleared. */
  int size() {
    return text.length() + others;
  }

  void count(int characters) {
    others += characters;
  }

  void start(XMLStreamReader xml) {
    text.append('<').append(xml.getLocalName());
    for (int i = 0; i < xml.getAttributeCount(); i++) {
      text.append(' ').append(xml.getAttributeLocalName(i)).append("=\"");
      escaped(xml.getAttributeValue(i).toCharArray(), 0, xml.getAttributeValue(i).length());
      text.append('"');
    }
    text.append('>');
  }

  void characters(XMLStreamReader xml) {
    others -= xml.getTextLength();
    escaped(xml.getTextCharacters(), xml.getTextStart(), xml.getTextLength());
  }

  private void escaped(char[] characters, int start, int length) {
    for (int i = start; i < start + length; i++) {
      switch (characters[i]) {
        case '<' -> text.append("&lt;");
        case '&' -> text.append("&amp;");
        case '"' -> text.append("&quot;");
        default -> text.append(characters[i]);
      }
    }
  }

  void end(XMLStreamReader xml) {
    text.append("</").append(xml.getLocalName()).append('>');
  }

  /** Where nothing prints it: the bytes of a dead letter. */
  String xml() {
    return text.toString();
  }

  @Override
  public String toString() {
    return "RecordXml";
  }
}
