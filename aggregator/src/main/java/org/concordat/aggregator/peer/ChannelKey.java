package org.concordat.aggregator.peer;

/** Which attempt a flight belongs to. */
record ChannelKey(int partition, long batch, int attempt) {
  ChannelKey {
    if (partition < 0 || batch < 0 || attempt < 0) {
      throw new IllegalArgumentException("negative");
    }
  }

  /** The batch, whatever the attempt. */
  record BatchKey(int partition, long batch) {}

  BatchKey batchKey() {
    return new BatchKey(partition, batch);
  }
}
