package org.concordat.rules.link;

/** Takes the earlier payments that make a path, some perhaps more than once. */
interface MemberSink {
  MemberSink NONE = (words, at) -> {};

  /**
   * A payment.
   *
   * @param words that hold it
   * @param at where in them, see {@link Edges}
   */
  void take(long[] words, int at);
}
