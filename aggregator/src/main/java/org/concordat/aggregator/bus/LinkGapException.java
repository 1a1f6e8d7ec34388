package org.concordat.aggregator.bus;

/** The topic of links lacks what was written to it. */
final class LinkGapException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * @param lacks what the topic lacks
   */
  LinkGapException(String lacks) {
    super(lacks);
  }
}
