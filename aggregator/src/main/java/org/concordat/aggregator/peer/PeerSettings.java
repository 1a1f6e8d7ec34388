package org.concordat.aggregator.peer;

import java.net.InetSocketAddress;
import java.util.Map;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.Digest;

/**
 * Who this aggregator is and where its peers are.
 *
 * @param name this aggregator's, as the charter lists it
 * @param listen host and port; port 0 takes any
 * @param peers addresses of the others by name, unresolved: names are looked up at each attempt
 * @param epoch of this worker; a process that takes over has a greater one than the last
 * @param ruleSetHash 32 bytes
 * @param planFormats the plan formats that this release runs
 * @param view stands for the workers, one of each aggregator, that are to be linked and for what
 *     they share; peers with another one are refused. {@link #ALONE} where each aggregator is a
 *     single process
 */
public record PeerSettings(
    Charter charter,
    String name,
    InetSocketAddress listen,
    Map<String, InetSocketAddress> peers,
    long epoch,
    Digest ruleSetHash,
    Versions planFormats,
    Digest view) {
  /** The view of aggregators that are a single process each. */
  public static final Digest ALONE = new Digest(new byte[32]);

  /** What a release can speak; two releases understand each other where theirs overlap. */
  public record Versions(int oldest, int newest) {
    public Versions {
      if (oldest < 0 || oldest > newest || newest > 0xffff) {
        throw new IllegalArgumentException("versions");
      }
    }

    boolean overlap(Versions other) {
      return oldest <= other.newest && other.oldest <= newest;
    }

    /** The newest that two speak whose versions overlap. */
    int common(Versions other) {
      return Math.min(newest, other.newest);
    }
  }

  /**
   * Of what parties say to each other. From 2 on a vote's outcome stands for its session too; from
   * 3 on skips and complaints name ranges, in records that builds before can't read, nor this one
   * theirs.
   */
  static final Versions PROTOCOL = new Versions(3, 3);

  public PeerSettings {
    peers = Map.copyOf(peers);
    for (var aggregator : charter.aggregators()) {
      if (!aggregator.name().equals(name) && !peers.containsKey(aggregator.name())) {
        throw new IllegalArgumentException("The peer " + aggregator.name() + " has no address.");
      }
    }
    if (charter.aggregatorIndex(name) < 0) {
      throw new IllegalArgumentException("The name isn't in the charter.");
    }
  }

  /** Of an aggregator that is a single process among such. */
  public PeerSettings(
      Charter charter,
      String name,
      InetSocketAddress listen,
      Map<String, InetSocketAddress> peers,
      long epoch,
      Digest ruleSetHash,
      Versions planFormats) {
    this(charter, name, listen, peers, epoch, ruleSetHash, planFormats, ALONE);
  }

  PeerSettings in(Digest otherView, Map<String, InetSocketAddress> otherPeers) {
    return new PeerSettings(
        charter, name, listen, otherPeers, epoch, ruleSetHash, planFormats, otherView);
  }

  int party() {
    return charter.aggregatorIndex(name);
  }

  int parties() {
    return charter.aggregators().size();
  }

  String nameOf(int party) {
    return charter.aggregators().get(party).name();
  }
}
