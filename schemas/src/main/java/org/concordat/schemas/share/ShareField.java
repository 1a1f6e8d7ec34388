package org.concordat.schemas.share;

/**
 * One shared field of a row.
 *
 * @param widthBits 64 for {@link Domain#ARITHMETIC}, 1 to 64 for {@link Domain#BOOLEAN}
 */
public record ShareField(Domain domain, int widthBits) {
  public ShareField {
    if (widthBits < 1 || widthBits > 64 || (domain == Domain.ARITHMETIC && widthBits != 64)) {
      throw new IllegalArgumentException("widthBits");
    }
  }

  public static ShareField arithmetic() {
    return new ShareField(Domain.ARITHMETIC, 64);
  }

  public static ShareField bits(int widthBits) {
    return new ShareField(Domain.BOOLEAN, widthBits);
  }
}
