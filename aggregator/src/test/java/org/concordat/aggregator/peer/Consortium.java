package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.concordat.aggregator.peer.PeerSettings.Versions;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.Certificates.Issued;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.Charter.Aggregator;
import org.concordat.schemas.identity.Charter.Caps;
import org.concordat.schemas.identity.Charter.Mode;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Digest;

/** Three aggregators on loopback, with relays between them that a test can cut. */
final class Consortium implements AutoCloseable {
  static final int PARTIES = 3;
  static final List<String> NAMES = List.of("agg-1", "agg-2", "agg-3");

  /** Signs of trouble come fast; limits that a test doesn't name are the usual ones. */
  static final PeerLimits LIMITS =
      new PeerLimits(
          64L << 20,
          128L << 20,
          64,
          1L << 24,
          Duration.ofSeconds(10),
          Duration.ofMillis(200),
          Duration.ofSeconds(10),
          Duration.ofMillis(5),
          Duration.ofMillis(100));

  final Certificates authority = Certificates.createAuthority("test-ca", Duration.ofDays(1));
  final Charter charter = charter(1);
  final PeerLimits limits;
  final Ear[] ears = new Ear[PARTIES];
  final PeerLinks[] links = new PeerLinks[PARTIES];
  final Map<List<Integer>, Relay> relays = new HashMap<>();

  private final boolean relayed;

  Consortium(PeerLimits limits) {
    this(limits, true);
  }

  private Consortium(PeerLimits limits, boolean relayed) {
    this.limits = limits;
    this.relayed = relayed;
  }

  /** Without relays, for measurements. */
  static Consortium direct() {
    return startAll(new Consortium(PeerLimits.DEFAULT, false));
  }

  static Consortium started() {
    return started(LIMITS);
  }

  static Consortium started(PeerLimits limits) {
    return startAll(new Consortium(limits));
  }

  private static Consortium startAll(Consortium consortium) {
    for (int party = PARTIES - 1; party >= 0; party--) {
      consortium.start(party, s -> s, consortium.tls(party));
    }
    return consortium;
  }

  static Charter charter(int hashByte) {
    byte[] hash = new byte[32];
    Arrays.fill(hash, (byte) hashByte);
    var random = new SecureRandom();
    return new Charter(
        new Digest(hash),
        1,
        new Digest(hash),
        "test",
        Mode.TEST,
        "rep3",
        4,
        1,
        false,
        35,
        Set.of(1),
        new Caps(0, 64, 1_000, 10),
        NAMES.stream()
            .map(n -> new Aggregator(n, "operator-" + n, SigningKey.generate(random).verifier()))
            .toList(),
        List.of());
  }

  PeerTls tls(int party) {
    return tls(authority.issue(NAMES.get(party), Duration.ofDays(1)));
  }

  PeerTls tls(Issued issued) {
    return new PeerTls(issued.key(), List.of(issued.certificate()), authority.authority());
  }

  /** Starts a party; those it dials must listen already. */
  void start(int party, UnaryOperator<PeerSettings> change, PeerTls tls) {
    start(party, 0, change, tls);
  }

  void start(int party, int port, UnaryOperator<PeerSettings> change, PeerTls tls) {
    ears[party] = new Ear();
    links[party] = PeerLinks.start(change.apply(settings(party, port)), tls, limits, ears[party]);
  }

  PeerSettings settings(int party, int port) {
    Map<String, InetSocketAddress> peers = new HashMap<>();
    for (int peer = 0; peer < PARTIES; peer++) {
      if (peer > party) {
        int target = links[peer].port();
        int called =
            relayed
                ? relays.computeIfAbsent(List.of(party, peer), k -> new Relay(target)).port()
                : target;
        peers.put(NAMES.get(peer), local(called));
      } else if (peer < party) {
        peers.put(NAMES.get(peer), local(1));
      }
    }
    return new PeerSettings(
        charter,
        NAMES.get(party),
        local(port),
        peers,
        1,
        new Digest(new byte[32]),
        new Versions(1, 1));
  }

  private static InetSocketAddress local(int port) {
    return InetSocketAddress.createUnresolved("127.0.0.1", port);
  }

  /** Each party's next session. */
  PeerSession[] sessions() {
    PeerSession[] sessions = new PeerSession[PARTIES];
    for (int party = 0; party < PARTIES; party++) {
      sessions[party] = ears[party].nextUp();
    }
    return sessions;
  }

  /** The sessions that all three agree on; one party may see a short-lived one before. */
  PeerSession[] settled() {
    PeerSession[] settled = sessions();
    for (int party = 0; party < PARTIES; party++) {
      while (!settled[party].isUp()) {
        ears[party].nextDown();
        settled[party] = ears[party].nextUp();
      }
    }
    assertThat(Arrays.stream(settled).map(PeerSession::id).distinct()).hasSize(1);
    return settled;
  }

  /** Cuts the link between two parties. */
  void cut(int lower, int higher) {
    relays.get(List.of(lower, higher)).cut();
  }

  @Override
  public void close() {
    for (PeerLinks each : links) {
      if (each != null) {
        each.close();
      }
    }
    relays.values().forEach(Relay::close);
  }
}
