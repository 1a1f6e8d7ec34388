package org.concordat.aggregator.worker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.concordat.aggregator.evaluate.BlockShares;
import org.concordat.aggregator.evaluate.Outcome;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.rep3.Rep3;
import org.concordat.aggregator.peer.PeerChannel;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.aggregator.peer.UnavailableException;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.seal.Opening;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs attempts, one at a time, on a thread beside the partition's own. */
final class Computation {
  private static final Logger LOG = LoggerFactory.getLogger(Computation.class);

  /** What an attempt came to; none of it has left this party. */
  record Result(Digest outcome, List<AlertShare> alerts) {}

  private final PartitionSetup setup;
  private final AlertShares alertShares;
  private volatile @Nullable PeerChannel channel;

  Computation(PartitionSetup setup) {
    this.setup = setup;
    this.alertShares =
        new AlertShares(setup.charter(), setup.aggregator(), setup.signingKey(), setup.plan());
  }

  /**
   * Starts an attempt; exactly one of both callbacks is called.
   *
   * @param state before the batch: alerts are numbered on from it
   */
  void start(
      PeerSession session,
      CutRecord cut,
      List<Opening.Opened> blocks,
      PartitionState state,
      Consumer<Result> done,
      Runnable failed) {
    var _ =
        Thread.ofVirtual()
            .name("compute-" + setup.partition() + "-" + cut.getBatch())
            .start(
                () -> {
                  try {
                    done.accept(run(session, cut, blocks, state));
                  } catch (UnavailableException e) {
                    LOG.atInfo()
                        .addKeyValue("batch", cut.getBatch())
                        .addKeyValue("peer", e.peer())
                        .addKeyValue("awaited", e.awaited())
                        .log("The attempt lost a peer.");
                    failed.run();
                  } catch (ProtocolAbortException e) {
                    setup.metrics().alarm("CDT-608");
                    LOG.atError()
                        .addKeyValue("code", "CDT-608")
                        .addKeyValue("batch", cut.getBatch())
                        .addKeyValue("fault", e.fault())
                        .addKeyValue("step", e.step().path())
                        .addKeyValue("peer", setup.settings().aggregators().get(e.peer()))
                        .log("The attempt was aborted: a peer's message can't be right.");
                    failed.run();
                  } catch (RuntimeException | Error e) {
                    setup.halt().accept(e);
                  }
                });
  }

  private Result run(
      PeerSession session, CutRecord cut, List<Opening.Opened> blocks, PartitionState state) {
    if (blocks.isEmpty()) {
      return new Result(new Digest(new byte[32]), List.of());
    }
    int me = session.party();
    int parties = session.parties();
    byte[] batchHash = cut.getCut().bytes();
    byte[] withPrevious =
        session.attemptKey((me + parties - 1) % parties, batchHash, cut.getAttempt());
    byte[] withNext = session.attemptKey((me + 1) % parties, batchHash, cut.getAttempt());
    try (PeerChannel opened =
        session.channel(cut.getPartition(), cut.getBatch(), cut.getAttempt())) {
      channel = opened;
      List<BlockShares> shares = new ArrayList<>(blocks.size());
      for (Opening.Opened block : blocks) {
        int rows = block.core().getRows();
        int words = setup.plan().layout().words(rows);
        shares.add(new BlockShares(rows, block.first(words), block.second(words)));
      }
      Outcome outcome =
          setup.evaluator().evaluate(new Rep3(opened, withPrevious, withNext), shares);
      return new Result(new Digest(outcome.digest()), alertShares.of(cut, outcome, blocks, state));
    } finally {
      channel = null;
      Arrays.fill(withPrevious, (byte) 0);
      Arrays.fill(withNext, (byte) 0);
    }
  }

  /** Ends what runs, if anything does. */
  void cancel() {
    PeerChannel running = channel;
    if (running != null) {
      running.close();
    }
  }
}
