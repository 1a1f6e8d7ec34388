package org.concordat.ops.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.concordat.aggregator.config.AggregatorConfig;
import org.concordat.aggregator.peer.PeerTls;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * Whether an aggregator's peers answer with the right certificate. The peer counts the connection,
 * which ends after the handshake, as refused (CDT-558).
 */
final class PeerChecks {
  private static final Duration WAIT = Duration.ofSeconds(5);

  private PeerChecks() {}

  static List<Finding> all(Party party) {
    List<Finding> findings = new ArrayList<>();
    party.peerTls().ifPresent(files -> findings.addAll(peers(party, files)));
    return findings;
  }

  private static List<Finding> peers(Party party, AggregatorConfig.Tls files) {
    var problems = new Problems();
    Optional<PeerTls> tls =
        PeerTls.read(files.certificate(), files.key(), files.authority(), problems);
    if (tls.isEmpty()) {
      return problems.list().stream().map(PeerChecks::unusable).toList();
    }
    List<Finding> findings = new ArrayList<>();
    party.peers().forEach((name, address) -> findings.add(peer(tls.get(), name, address)));
    return findings;
  }

  private static Finding unusable(Problem problem) {
    return Finding.fail("peer", problem.place() + ": " + problem.reason(), problem.fix());
  }

  private static Finding peer(PeerTls tls, String name, InetSocketAddress address) {
    String at = name + " at " + LocalChecks.text(address);
    try {
      Optional<Code> fault = tls.probe(address, name, WAIT);
      return fault.isEmpty()
          ? Finding.ok("peer", at + " answers with its certificate")
          : Finding.fail(
              "peer",
              at + " answers, and: " + fault.get().label() + " " + fault.get().cause(),
              fault.get().fix());
    } catch (IOException e) {
      return Finding.fail(
          "peer",
          at + " doesn't answer",
          "Check that it runs, the address in peers, and the firewall (doctor --network).");
    }
  }
}
