package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.util.Map;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.process.Outline;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.Objection;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.seal.Signed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the messages of sessions to the partition they are for; lets through only votes that are
 * signed.
 */
final class PeerRouter {
  private static final Logger LOG = LoggerFactory.getLogger(PeerRouter.class);

  private final Charter charter;
  private final Map<Integer, SessionUser> users;
  private final AggregatorMetrics metrics;

  /**
   * @param users by partition; a message for any other is refused
   */
  PeerRouter(Charter charter, Map<Integer, SessionUser> users, AggregatorMetrics metrics) {
    this.charter = charter;
    this.users = Map.copyOf(users);
    this.metrics = metrics;
  }

  /**
   * Routes one message.
   *
   * @param taken runs when a partition has taken it, or at once if none gets it
   */
  void route(PeerSession session, int peer, byte[] bytes, Runnable taken) {
    Runnable handOver = null;
    try {
      PeerMessage message = RecordCodec.decode(PeerMessage.class, bytes);
      SessionUser user = users.get(partition(message.getContent()));
      if (user != null && signed(peer, message)) {
        handOver = () -> user.fromPeer(session, peer, message, taken);
      }
    } catch (MalformedRecordException e) {
      // No record, as the refusal says.
    } catch (RuntimeException e) {
      // Whatever bug a peer's bytes find: they may end no process, which would meet them again.
      LOG.atError()
          .addKeyValue("peer", charter.aggregators().get(peer).name())
          .setCause(Outline.of(e))
          .log("A peer's message couldn't be looked at.");
    }
    if (handOver == null) {
      taken.run();
      refuse(peer);
    } else {
      handOver.run();
    }
  }

  private static int partition(Object content) {
    return switch (content) {
      case Announcement announcement -> announcement.getPartition();
      case Proposal proposal -> proposal.getCut().getPartition();
      case Agreement agreement -> agreement.getPartition();
      case Objection objection -> objection.getPartition();
      case Standing standing -> standing.getPartition();
      case Vote vote -> vote.getPartition();
      default -> -1;
    };
  }

  /** A message's bytes, votes without their sealed part: that is this aggregator's own. */
  static byte[] encode(PeerMessage message) {
    return switch (message.getContent()) {
      case Vote vote -> RecordCodec.encode(new PeerMessage(bare(vote)));
      case Standing standing ->
          RecordCodec.encode(
              new PeerMessage(
                  new Standing(
                      standing.getPartition(),
                      standing.getNextBatch(),
                      standing.getVotes().stream().map(PeerRouter::bare).toList())));
      default -> RecordCodec.encode(message);
    };
  }

  /** A vote without its sealed part, which is for the own log alone. */
  static Vote bare(Vote vote) {
    return Vote.newBuilder(vote).setSealed(ByteBuffer.allocate(0)).build();
  }

  /** Whether every vote in a message is the peer's own. */
  private boolean signed(int peer, PeerMessage message) {
    return switch (message.getContent()) {
      case Vote vote -> signed(peer, vote);
      case Standing standing -> standing.getVotes().stream().allMatch(v -> signed(peer, v));
      default -> true;
    };
  }

  private boolean signed(int peer, Vote vote) {
    Charter.Aggregator aggregator = charter.aggregators().get(peer);
    return vote.getAggregator().equals(aggregator.name())
        && vote.getCharter().equals(charter.hash())
        && Signed.verify(vote, aggregator.verifyingKey());
  }

  private void refuse(int peer) {
    metrics.alarm(Code.CDT_609.label());
    LOG.atError()
        .addKeyValue("code", Code.CDT_609.label())
        .addKeyValue("peer", charter.aggregators().get(peer).name())
        .log(Code.CDT_609.cause());
  }
}
