package org.concordat.schemas.share;

import java.util.List;

/**
 * Where each field's words stand in a component of a block: field after field; an arithmetic field
 * takes one word a row, a Boolean field of width l takes l bit planes of {@code ceil(rows / 64)}
 * words, lowest bit first, row r in bit {@code r % 64} of word {@code r / 64}. Bits beyond the last
 * row are part of the shares and carry zeros.
 */
public final class ShareLayout {
  private final List<ShareField> fields;

  public ShareLayout(List<ShareField> fields) {
    this.fields = List.copyOf(fields);
  }

  public List<ShareField> fields() {
    return fields;
  }

  /** Words of one bit plane. */
  public static int planeWords(int rows) {
    return (rows + 63) >>> 6;
  }

  public static int fieldWords(ShareField field, int rows) {
    return field.domain() == Domain.ARITHMETIC ? rows : field.widthBits() * planeWords(rows);
  }

  /** Words of a whole component. */
  public int words(int rows) {
    return offset(fields.size(), rows);
  }

  /** Index of a field's first word. */
  public int offset(int field, int rows) {
    int offset = 0;
    for (int i = 0; i < field; i++) {
      offset += fieldWords(fields.get(i), rows);
    }
    return offset;
  }
}
