package org.concordat.schemas.seal;

import org.concordat.schemas.share.Components;
import org.concordat.schemas.share.Rep3Sharing;

/** One opened component as it was sent: a seed or its words. */
final class ComponentBody {
  private final boolean seeded;
  private final byte[] body;

  ComponentBody(boolean seeded, byte[] body) {
    this.seeded = seeded;
    this.body = body;
  }

  boolean fits(int wordCount) {
    return body.length
        == (seeded ? Components.SEED_BYTES : Math.multiplyExact(wordCount, Long.BYTES));
  }

  long[] words(int wordCount) {
    if (!fits(wordCount)) {
      throw new IllegalStateException("The caller checks that the component fits the layout.");
    }
    return seeded ? Rep3Sharing.expandSeed(body, wordCount) : Components.wordsOf(body);
  }
}
