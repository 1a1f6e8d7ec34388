package org.concordat.aggregator.worker;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.evaluate.TokenStage;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.AtRestBox;
import org.concordat.schemas.seal.BlockOpener;
import org.jspecify.annotations.Nullable;

/**
 * What a partition's worker is wired with.
 *
 * @param halt is called for a bug or a corrupt own state; ends the process
 */
public final class PartitionSetup {
  private final Charter charter;
  private final Settings settings;
  private final Topics topics;
  private final SigningKey signingKey;
  private final Scorings scorings;
  private final BlockOpener opener;
  private final AggregatorMetrics metrics;
  private final int bufferedRowsMax;
  private final Consumer<Throwable> halt;

  /** What the process shows of the partition, whichever of its workers is at it. */
  private final PartitionView view;

  private final AtomicReference<@Nullable Linkage> linked =
      new AtomicReference<@Nullable Linkage>();

  public PartitionSetup(
      Charter charter,
      Settings settings,
      Topics topics,
      SigningKey signingKey,
      Scorings scorings,
      BlockOpener opener,
      AggregatorMetrics metrics,
      int bufferedRowsMax,
      Consumer<Throwable> halt) {
    this.charter = charter;
    this.settings = settings;
    this.topics = topics;
    this.signingKey = signingKey;
    this.scorings = scorings;
    this.opener = opener;
    this.metrics = metrics;
    this.bufferedRowsMax = bufferedRowsMax;
    this.halt = halt;
    this.view = new PartitionView(settings);
    view.register(metrics);
    LinkageMeters.register(metrics, settings.partition(), linked::get);
  }

  Charter charter() {
    return charter;
  }

  Settings settings() {
    return settings;
  }

  Topics topics() {
    return topics;
  }

  SigningKey signingKey() {
    return signingKey;
  }

  Scorings scorings() {
    return scorings;
  }

  /** Of the first rule set: what it says of the contract and of links holds for all of them. */
  private Plan plan() {
    return scorings.first().plan();
  }

  AggregatorMetrics metrics() {
    return metrics;
  }

  int bufferedRowsMax() {
    return bufferedRowsMax;
  }

  Consumer<Throwable> halt() {
    return halt;
  }

  String aggregator() {
    return settings.aggregators().get(settings.me());
  }

  int partition() {
    return settings.partition();
  }

  String transactionalId() {
    return topics.prefix() + "aggregator." + aggregator() + "." + partition();
  }

  PartitionView view() {
    return view;
  }

  LinkLog links(BusClients clients, AtRestBox box) {
    return new LinkLog(
        clients::lookUp,
        clients::write,
        clients::deleteBefore,
        box,
        topics.links(aggregator()),
        topics.snapshots(aggregator()),
        partition());
  }

  /** A new one, for what the plan links, which the meters show; null where it links nothing. */
  @Nullable Linkage linkage() {
    Linkage linkage = plan().link().map(this::linkage).orElse(null);
    linked.set(linkage);
    return linkage;
  }

  private Linkage linkage(LinkSpec spec) {
    return new Linkage(
        plan(), new TokenStage(spec, plan().layout()), settings.banks(), charter.epochDays());
  }

  /** Minutes since 1970 by this machine's clock. */
  static long utcMinute() {
    return TimeUnit.MILLISECONDS.toMinutes(System.currentTimeMillis());
  }

  /** The partition has left this process. */
  void left() {
    view.left();
    linked.set(null);
  }

  /** Days since 1970 by this machine's clock. */
  static long utcDay() {
    return TimeUnit.MILLISECONDS.toDays(System.currentTimeMillis());
  }

  /** For a batch's flags. */
  FlagCounts flagCounts(Plan plan) {
    return new FlagCounts(charter, plan, partition());
  }

  /** For what was counted: rules are told by their names, whatever rule set they stand in. */
  FlagCounts flagCounts() {
    return flagCounts(plan());
  }

  BlockGate gate() {
    return new BlockGate(opener, plan(), charter.contractVersions(), partition());
  }
}
