package org.concordat.schemas.problem;

/**
 * Where a problem is: a file, and a line and column counted from 1; 0 where there is none.
 *
 * @param source a file name, or the name of another source
 */
public record Place(String source, int line, int column) {
  /** The whole of a source. */
  public static Place of(String source) {
    return new Place(source, 0, 0);
  }

  @Override
  public String toString() {
    if (line == 0) {
      return source;
    }
    return column == 0 ? source + ":" + line : source + ":" + line + ":" + column;
  }
}
