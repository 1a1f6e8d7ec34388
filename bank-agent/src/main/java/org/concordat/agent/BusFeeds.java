package org.concordat.agent;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.concordat.agent.encode.KeyDirectory;
import org.concordat.agent.metrics.AgentMetrics;
import org.concordat.agent.publish.BusReader;
import org.concordat.agent.publish.CutLedger;
import org.concordat.agent.publish.ReceiptLog;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.StoreGroup;
import org.concordat.schemas.record.Topics;

/** The topics that an agent reads beside its alerts, from where, and who takes their records. */
final class BusFeeds {
  private BusFeeds() {}

  /** The aggregators' sealing keys: compacted, so always read from the start. */
  record Keys(Topics topics, KeyDirectory directory) implements BusReader.Feed {
    @Override
    public String topic() {
      return topics.keys();
    }

    @Override
    public Optional<Long> start(int partition) {
      return Optional.empty();
    }

    @Override
    public void take(ConsumerRecord<byte[], byte[]> record) {
      if (record.value() != null) {
        directory.record(record.value());
      }
    }
  }

  /** What was scored. */
  record Cuts(Topics topics, CutLedger ledger, AgentMetrics metrics) implements BusReader.Feed {
    @Override
    public String topic() {
      return topics.cuts();
    }

    @Override
    public Optional<Long> start(int partition) {
      return ledger.start(partition);
    }

    @Override
    public void take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
      ledger.record(record.partition(), record.offset(), record.value());
    }

    @Override
    public void reached(int partition, long offset) {
      ledger.reached(partition, offset);
    }

    @Override
    public void caughtUp(Set<Integer> partitions) {
      ledger.caughtUp(partitions);
    }

    @Override
    public void lost(int partition, long from, long before) {
      metrics.lost(AgentMetrics.CUTS, before - from);
      ledger.lost(partition);
    }
  }

  /** What the aggregators tell this bank alone. */
  record Receipts(
      Topics topics, String bank, ReceiptLog receipts, AgentStore store, AgentMetrics metrics)
      implements BusReader.Feed {
    @Override
    public String topic() {
      return topics.receipts(bank);
    }

    @Override
    public Optional<Long> start(int partition) {
      return store.counter(position(partition));
    }

    @Override
    public void take(ConsumerRecord<byte[], byte[]> record) {
      receipts.record(record.partition(), record.offset(), record.value());
      reached(record.partition(), record.offset() + 1);
    }

    @Override
    public void reached(int partition, long offset) {
      store.commit(new StoreGroup().counter(position(partition), offset));
    }

    /** They are evidence: what happens to the rows is decided by agreed cuts. */
    @Override
    public void lost(int partition, long from, long before) {
      metrics.lost(AgentMetrics.RECEIPTS, before - from);
    }

    private static String position(int partition) {
      return "receipts/" + partition;
    }
  }
}
