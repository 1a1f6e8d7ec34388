package org.concordat.schemas.share;

/** How a value is shared: as a sum in Z_2^64, or bit by bit as an exclusive or. */
public enum Domain {
  ARITHMETIC,
  BOOLEAN
}
