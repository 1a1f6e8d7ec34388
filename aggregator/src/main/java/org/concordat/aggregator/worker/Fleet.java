package org.concordat.aggregator.worker;

import io.micrometer.core.instrument.Tags;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.aggregator.bus.GroupMembership;
import org.concordat.aggregator.bus.PartitionClaim;
import org.concordat.aggregator.bus.WorkerDirectory;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.peer.PeerLimits;
import org.concordat.aggregator.peer.PeerLinks;
import org.concordat.aggregator.peer.PeerSettings;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.process.Outline;
import org.concordat.schemas.seal.AtRestBox;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that this process works on: all of them where the aggregator is a single process,
 * else those that the group of workers gives it. Starts and stops their workers and keeps their
 * links to the peers; all of it on one thread, so that whatever comes is done in order.
 */
public final class Fleet implements GroupMembership.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

  /** Longer than a session of the group lasts: after that the group has said whose it is. */
  private static final long TAKE_BACK_MILLIS =
      BusClients.SESSION_MILLIS + Duration.ofSeconds(2).toMillis();

  private final List<PartitionSetup> setups;
  private final BusClients clients;
  private final AtRestBox box;
  private final IntFunction<PartitionClaim> claims;
  private final boolean alone;
  private final AggregatorMetrics metrics;
  private final Map<Integer, PartitionWorker> running = new ConcurrentSkipListMap<>();

  /** Those that may be linked to peers. */
  private final Set<Integer> linkable = ConcurrentHashMap.newKeySet();

  private final Set<Integer> owned = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("fleet").daemon().factory());
  private @Nullable PartitionSessions sessions;

  private final Fate fate =
      new Fate() {
        @Override
        public void restored(PartitionWorker worker) {
          later(() -> linkable(worker));
        }

        @Override
        public void superseded(PartitionWorker worker) {
          later(() -> giveWay(worker));
        }

        @Override
        public void outvoted(PartitionWorker worker) {
          later(() -> beginAgain(worker));
        }
      };

  /**
   * @param setups by partition
   * @param claims a new one for a partition that is taken
   * @param alone whether the aggregator is a single process
   */
  public Fleet(
      List<PartitionSetup> setups,
      BusClients clients,
      AtRestBox box,
      IntFunction<PartitionClaim> claims,
      boolean alone,
      AggregatorMetrics metrics) {
    this.setups = List.copyOf(setups);
    this.clients = clients;
    this.box = box;
    this.claims = claims;
    this.alone = alone;
    this.metrics = metrics;
    for (PartitionSetup setup : setups) {
      int partition = setup.partition();
      metrics.gauge(
          "partition.owned",
          "1 if this process works on the partition, else 0.",
          Tags.of("partition", Integer.toString(partition)),
          () -> running.containsKey(partition) ? 1 : 0);
    }
  }

  /** Takes all partitions. */
  public void startAll() {
    List<Integer> all = setups.stream().map(PartitionSetup::partition).toList();
    // There is nobody else to tell: peers may link while the state is being read.
    linkable.addAll(all);
    assigned(all);
  }

  /**
   * Links the partitions to peers from now on.
   *
   * @param aloneAt addresses of peers that are a single process
   * @param limits of all links together
   * @param attemptBytes that may wait of one attempt
   */
  public void link(
      Charter charter,
      int me,
      WorkerDirectory directory,
      PeerLinks links,
      Map<String, InetSocketAddress> aloneAt,
      PeerLimits limits,
      long attemptBytes) {
    PeerLimits ofAll = limits.together(charter.partitions(), attemptBytes);
    PeerLimits ofOne = limits.shared(charter.partitions(), attemptBytes);
    PartitionSessions.Links opener =
        (view, peers, listener) ->
            links.open(view, peers, view.equals(PeerSettings.ALONE) ? ofAll : ofOne, listener)
                ::close;
    later(
        () -> {
          sessions = new PartitionSessions(charter, me, aloneAt, directory, metrics, opener);
          updateSessions();
        });
  }

  @Override
  public void assigned(List<Integer> partitions) {
    owned.addAll(partitions);
    later(
        () -> {
          partitions.forEach(this::start);
          updateSessions();
        });
  }

  @Override
  public void revoked(List<Integer> partitions) {
    try {
      thread
          .submit(
              () -> {
                partitions.forEach(owned::remove);
                stop(partitions);
              })
          .get();
    } catch (RejectedExecutionException e) {
      // All of them are stopped.
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("A partition can't be stopped.", e.getCause());
    }
  }

  /** The directory says something new. */
  public void directoryChanged() {
    later(
        () -> {
          for (PartitionWorker worker : List.copyOf(running.values())) {
            if (linkable.contains(worker.partition()) && worker.claim().superseded()) {
              giveWay(worker);
            }
          }
          updateSessions();
        });
  }

  /** The partitions' workers at this process. */
  public Collection<PartitionWorker> workers() {
    return List.copyOf(running.values());
  }

  /** Whether each of this process's partitions has a session with all peers. */
  public boolean linked() {
    for (int partition : owned) {
      PartitionWorker worker = running.get(partition);
      if (worker == null || !worker.linked()) {
        return false;
      }
    }
    return true;
  }

  /** Which partitions those are. */
  public List<Integer> partitions() {
    return List.copyOf(running.keySet());
  }

  private void later(Runnable action) {
    try {
      thread.execute(
          () -> {
            try {
              action.run();
            } catch (RuntimeException | Error e) {
              setups.getFirst().halt().accept(e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.atDebug().log("The process is stopping.");
    }
  }

  private void start(int partition) {
    if (!owned.contains(partition) || running.containsKey(partition)) {
      return;
    }
    var worker =
        new PartitionWorker(setups.get(partition), clients, box, claims.apply(partition), fate);
    running.put(partition, worker);
    worker.start();
    LOG.atInfo().addKeyValue("partition", partition).log("The partition is taken.");
  }

  private void linkable(PartitionWorker worker) {
    if (running.get(worker.partition()) != worker) {
      return;
    }
    if (worker.claim().superseded()) {
      // By news that came before it was ready: there may be none after that.
      giveWay(worker);
      return;
    }
    linkable.add(worker.partition());
    updateSessions();
  }

  private void giveWay(PartitionWorker worker) {
    int partition = worker.partition();
    if (running.get(partition) != worker) {
      return;
    }
    LOG.atWarn()
        .addKeyValue("code", Code.CDT_561.label())
        .addKeyValue("partition", partition)
        .log(Code.CDT_561.cause());
    if (alone) {
      throw new IllegalStateException("A single process has its partitions to itself.");
    }
    stop(List.of(partition));
    // The group may not have told this worker yet; or it was cut off, and the group still wants it.
    var _ =
        thread.schedule(
            () -> later(() -> start(partition)), TAKE_BACK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** The vote of a process before this one came late; the other partitions go on. */
  private void beginAgain(PartitionWorker worker) {
    int partition = worker.partition();
    if (running.get(partition) != worker) {
      return;
    }
    LOG.atWarn()
        .addKeyValue("code", Code.CDT_562.label())
        .addKeyValue("partition", partition)
        .log(Code.CDT_562.cause());
    end(List.of(partition));
    start(partition);
    if (alone) {
      // As at the start: peers may link, and nothing they say is refused meanwhile.
      linkable.add(partition);
    }
    updateSessions();
  }

  private void updateSessions() {
    if (sessions != null) {
      List<PartitionSessions.Member> members = new ArrayList<>();
      for (PartitionWorker worker : running.values()) {
        if (linkable.contains(worker.partition())) {
          members.add(new PartitionSessions.Member(worker, worker.claim().own()));
        }
      }
      sessions.update(members);
    }
  }

  private void stop(Collection<Integer> partitions) {
    end(partitions);
    updateSessions();
  }

  /** Side by side: each may wait for a transaction. */
  private void end(Collection<Integer> partitions) {
    List<Thread> stopping = new ArrayList<>();
    for (int partition : partitions) {
      PartitionWorker worker = running.get(partition);
      if (worker != null) {
        stopping.add(Thread.ofVirtual().name("stop-" + partition).start(() -> close(worker)));
      }
    }
    try {
      for (Thread one : stopping) {
        one.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (int partition : partitions) {
      if (running.remove(partition) != null) {
        LOG.atInfo().addKeyValue("partition", partition).log("The partition is given up.");
      }
      linkable.remove(partition);
    }
  }

  private static void close(PartitionWorker worker) {
    try {
      worker.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // The others go on: what it left open ends with the process, or is fenced off.
      LOG.atWarn()
          .addKeyValue("partition", worker.partition())
          .setCause(Outline.of(e))
          .log("The partition didn't close cleanly.");
    }
  }

  /** Opens no more links; those that are open are ended by who owns them. */
  public void unlink() {
    later(() -> sessions = null);
  }

  /** Stops all partitions. */
  @Override
  public void close() {
    revoked(List.copyOf(running.keySet()));
    thread.shutdown();
  }
}
