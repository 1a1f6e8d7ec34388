package org.concordat.aggregator;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.aggregator.bus.DirectoryReader;
import org.concordat.aggregator.bus.GroupMembership;
import org.concordat.aggregator.bus.PartitionClaim;
import org.concordat.aggregator.bus.WorkerDirectory;
import org.concordat.aggregator.config.AggregatorConfig;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.evaluate.TokenStage;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.peer.PeerLimits;
import org.concordat.aggregator.peer.PeerLinks;
import org.concordat.aggregator.peer.PeerSettings;
import org.concordat.aggregator.peer.PeerTlsFiles;
import org.concordat.aggregator.worker.Fleet;
import org.concordat.aggregator.worker.PartitionSetup;
import org.concordat.aggregator.worker.PartitionWorker;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.AtRestBox;
import org.jspecify.annotations.Nullable;

/**
 * What this process does of the aggregator's work, as a single process or as one of several
 * workers: wires the partitions, the group and the directory of workers, and the links to peers.
 */
final class Partitions implements AutoCloseable {
  /** Version of the plans that this release runs. */
  private static final int PLAN_FORMAT = 1;

  private final AggregatorConfig config;
  private final Charter charter;
  private final Plan plan;
  private final PeerTlsFiles tls;
  private final BusClients clients;
  private final Topics topics;
  private final AggregatorMetrics metrics;
  private final String worker;
  private final WorkerDirectory directory;
  private final DirectoryReader reader;
  private final Fleet fleet;
  private volatile @Nullable GroupMembership group;
  private volatile @Nullable PeerLinks links;

  Partitions(
      AggregatorConfig config,
      Charter charter,
      Plan plan,
      SigningKey signingKey,
      PeerTlsFiles tls,
      List<PartitionSetup> setups,
      BusClients clients,
      Topics topics,
      AtRestBox box,
      AggregatorMetrics metrics) {
    this.config = config;
    this.charter = charter;
    this.plan = plan;
    this.tls = tls;
    this.clients = clients;
    this.topics = topics;
    this.metrics = metrics;
    this.worker = config.worker().map(AggregatorConfig.Worker::name).orElse("");
    this.directory = new WorkerDirectory(charter);
    this.reader =
        new DirectoryReader(clients::follower, topics.workers(), directory, this::directoryChanged);
    String address = config.worker().map(AggregatorConfig.Worker::address).orElse("");
    this.fleet =
        new Fleet(
            setups,
            clients,
            box,
            partition ->
                new PartitionClaim(
                    reader,
                    directory,
                    topics.workers(),
                    charter,
                    config.aggregator(),
                    partition,
                    signingKey,
                    worker,
                    address),
            worker.isEmpty(),
            metrics);
  }

  private void directoryChanged() {
    fleet.directoryChanged();
  }

  /** Starts to work: on all partitions, or on those that the group of workers gives this one. */
  void start(Consumer<Throwable> halt) {
    reader.start();
    if (worker.isEmpty()) {
      fleet.startAll();
      return;
    }
    var membership =
        new GroupMembership(
            clients,
            topics.prefix() + "aggregator." + config.aggregator() + ".workers",
            worker,
            topics.state(config.aggregator()),
            fleet,
            halt);
    group = membership;
    membership.start();
  }

  /**
   * Links the partitions to the peers, now that this process has all that it needs.
   *
   * @param agreement what peers have to have too
   * @param limits of all links together
   */
  void link(Digest agreement, PlanEvaluator evaluator, PeerLimits limits) {
    PeerLinks started =
        PeerLinks.listen(
            new PeerSettings(
                charter,
                config.aggregator(),
                config.listen(),
                config.peers(),
                System.currentTimeMillis(),
                agreement,
                new PeerSettings.Versions(PLAN_FORMAT, PLAN_FORMAT)),
            tls,
            limits,
            config.simulatedNetwork());
    links = started;
    PeerMeters.register(metrics, started, fleet::linked, charter, config.aggregator());
    int slots = Settings.slotsMax(config.batch().rowsMax());
    long tokens =
        plan.link()
            .map(spec -> new TokenStage(spec, plan.layout()).roundWordsMax(slots))
            .orElse(0L);
    long roundBytes = Long.BYTES * Math.max(tokens, evaluator.roundWordsMax(slots));
    fleet.link(
        charter,
        charter.aggregatorIndex(config.aggregator()),
        directory,
        started,
        config.peers(),
        limits,
        PeerLimits.roundsAhead(charter.aggregators().size()) * roundBytes);
  }

  /** A bank's session set-up came. */
  void sessionsChanged() {
    fleet.workers().forEach(PartitionWorker::sessionsChanged);
  }

  /** There are more rule sets that it can score by. */
  void ruleSetsChanged() {
    fleet.workers().forEach(PartitionWorker::ruleSetsChanged);
  }

  /**
   * Whether this process turns the sealing keys: one of the workers does, whoever has the first.
   */
  boolean turnsKeys() {
    return worker.isEmpty() || fleet.partitions().contains(0);
  }

  List<String> reasonsNotReady() {
    List<String> reasons = new ArrayList<>();
    // A worker without partitions has nobody to be linked to.
    if (links == null || !fleet.linked()) {
      reasons.add("peers: not all are linked");
    }
    GroupMembership member = group;
    if (!worker.isEmpty() && (member == null || !member.joined())) {
      reasons.add("brokers: the group of workers hasn't said which partitions are this one's");
    }
    for (PartitionWorker partition : fleet.workers()) {
      partition.notReady(config.limits().lagMillisMax()).ifPresent(reasons::add);
    }
    return reasons;
  }

  /** What is not to be overlooked. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (plan.link().isPresent()) {
      notes.add("linkage: pseudonyms are opened unverified");
    }
    if (!worker.isEmpty()) {
      notes.add("worker " + worker + ": has the partitions " + fleet.partitions());
    }
    return notes;
  }

  /** The links first: no message reaches a partition that is gone. */
  @Override
  public void close() throws InterruptedException {
    fleet.unlink();
    PeerLinks linked = links;
    if (linked != null) {
      linked.close();
    }
    GroupMembership member = group;
    if (member != null) {
      member.close();
    }
    fleet.close();
    reader.close();
  }
}
