package org.concordat.aggregator.worker;

/** What becomes of a partition at this process; told on threads of the partition's. */
interface Fate {
  /** It has been read where the last process left it, and peers are told. */
  void restored(PartitionWorker worker);

  /** Another process has it now. */
  void superseded(PartitionWorker worker);

  /** Another process has voted on it; it has stopped, and its log is to be read anew. */
  void outvoted(PartitionWorker worker);
}
