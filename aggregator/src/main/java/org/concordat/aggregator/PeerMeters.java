package org.concordat.aggregator;

import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.peer.PeerLinks;
import org.concordat.aggregator.peer.PeerStatistics;
import org.concordat.aggregator.peer.Wait;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;

/** Shows the links to the peers. */
final class PeerMeters {
  private static final double NANOS_PER_SECOND = 1e9;

  private PeerMeters() {}

  /**
   * @param linked whether each of this process's partitions has a session with all peers
   */
  static void register(
      AggregatorMetrics metrics,
      PeerLinks links,
      BooleanSupplier linked,
      Charter charter,
      String aggregator) {
    PeerStatistics statistics = links.statistics();
    for (int party = 0; party < charter.aggregators().size(); party++) {
      String name = charter.aggregators().get(party).name();
      if (!name.equals(aggregator)) {
        peer(metrics, links, party, name);
      }
    }
    for (Code reason : PeerStatistics.REASONS) {
      metrics.count(
          "peer.faults",
          "Links refused or ended, by code.",
          Tags.of("reason", reason.label()),
          () -> statistics.faults(reason));
    }
    metrics.gauge(
        "peer.session.up",
        "1 while all peers are linked and agree on a session.",
        Tags.empty(),
        () -> linked.getAsBoolean() ? 1 : 0);
    metrics.count(
        "peer.sessions", "Sessions begun with all peers.", Tags.empty(), statistics::sessions);
    metrics.count(
        "peer.turned.away",
        "Connections closed unseen because too many others were being checked.",
        Tags.empty(),
        statistics::turnedAway);
    metrics.count(
        "flights",
        "Flights of the computation sent, to whichever peer.",
        Tags.empty(),
        statistics::flights);
  }

  private static void peer(AggregatorMetrics metrics, PeerLinks links, int party, String name) {
    PeerStatistics statistics = links.statistics();
    Tags peer = Tags.of("peer", name);
    metrics.gauge(
        "peer.up", "1 while the link to the peer is up.", peer, () -> links.linked(party) ? 1 : 0);
    metrics.gauge(
        "peer.rtt.seconds",
        "Last round trip to the peer and back, queues included; 0 before the first.",
        peer,
        () -> statistics.roundTripNanos(party) / NANOS_PER_SECOND);
    metrics.gauge(
        "peer.link.wait.seconds",
        "How long the link or a step of a computation has waited for the peer; 0 if none does.",
        peer,
        () ->
            links.waitingFor().stream()
                .filter(wait -> wait.peer().equals(name))
                .map(Wait::since)
                .mapToDouble(PeerMeters::seconds)
                .max()
                .orElse(0));
    metrics.count(
        "peer.sent.bytes",
        "Bytes of sealed frames sent to the peer.",
        peer,
        () -> statistics.bytesSent(party));
    metrics.count(
        "peer.received.bytes",
        "Bytes of sealed frames received from the peer.",
        peer,
        () -> statistics.bytesReceived(party));
  }

  private static double seconds(Duration time) {
    return time.toNanos() / NANOS_PER_SECOND;
  }
}
