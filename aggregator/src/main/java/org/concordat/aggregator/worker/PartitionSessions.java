package org.concordat.aggregator.worker;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.concordat.aggregator.bus.WorkerDirectory;
import org.concordat.aggregator.bus.WorkerDirectory.Worker;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.peer.PeerListener;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.aggregator.peer.PeerSettings;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.Digest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which links carry which partition's sessions. Partitions of aggregators that are a single process
 * each share one session, as they always come and go together. A partition that a worker of a fleet
 * has at some aggregator has a session of its own, for as long as the same three workers have it:
 * if it moves at any of them, its links end and others with other keys begin, and no other
 * partition notices. So no key ever covers a partition before and after a move (rule R3).
 *
 * <p>Not safe for several threads.
 */
final class PartitionSessions {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionSessions.class);
  private static final String LABEL = "concordat/workers of a partition/1";

  /** Opens links to one process of each peer. */
  interface Links {
    Group open(Digest view, Map<String, InetSocketAddress> peers, PeerListener listener);
  }

  /** Links that were opened. */
  interface Group {
    /** When it returns, the listener has heard the end of the session. */
    void close();
  }

  /**
   * A partition that may be linked.
   *
   * @param own what this process has told its peers of itself
   */
  record Member(SessionUser user, Worker own) {}

  private record Open(Map<Integer, SessionUser> users, Group links) {}

  private record Wanted(Map<Integer, SessionUser> users, Map<String, InetSocketAddress> peers) {}

  private final Charter charter;
  private final int me;
  private final Map<String, InetSocketAddress> aloneAt;
  private final WorkerDirectory directory;
  private final AggregatorMetrics metrics;
  private final Links links;
  private final Map<Digest, Open> open = new HashMap<>();

  /**
   * @param me this party
   * @param aloneAt addresses of peers that are a single process
   */
  PartitionSessions(
      Charter charter,
      int me,
      Map<String, InetSocketAddress> aloneAt,
      WorkerDirectory directory,
      AggregatorMetrics metrics,
      Links links) {
    this.charter = charter;
    this.me = me;
    this.aloneAt = Map.copyOf(aloneAt);
    this.directory = directory;
    this.metrics = metrics;
    this.links = links;
  }

  /** Opens and closes links as these partitions, and no others, need it now. */
  void update(Collection<Member> members) {
    Map<Digest, Wanted> wanted = new LinkedHashMap<>();
    for (Member member : members) {
      int partition = member.user().partition();
      Worker[] workers = new Worker[charter.aggregators().size()];
      for (int party = 0; party < workers.length; party++) {
        workers[party] = party == me ? member.own() : directory.worker(party, partition);
      }
      wanted
          .computeIfAbsent(
              view(partition, workers), v -> new Wanted(new TreeMap<>(), addresses(workers)))
          .users()
          .put(partition, member.user());
    }
    for (Iterator<Map.Entry<Digest, Open>> all = open.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Digest, Open> one = all.next();
      Wanted still = wanted.get(one.getKey());
      if (still == null || !still.users().equals(one.getValue().users())) {
        all.remove();
        one.getValue().links().close();
      }
    }
    wanted.forEach(
        (view, want) -> {
          if (!open.containsKey(view)) {
            open.put(
                view,
                new Open(want.users(), links.open(view, want.peers(), listener(want.users()))));
          }
        });
  }

  /** Stands for the workers and their terms; the terms differ whenever the partition has moved. */
  static Digest view(int partition, Worker... workers) {
    if (List.of(workers).stream().allMatch(Worker::isAlone)) {
      return PeerSettings.ALONE;
    }
    MessageDigest digest = sha256();
    digest.update(LABEL.getBytes(StandardCharsets.US_ASCII));
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(partition).array());
    for (Worker worker : workers) {
      byte[] name = worker.name().getBytes(StandardCharsets.US_ASCII);
      digest.update((byte) name.length);
      digest.update(name);
      long term = worker.isAlone() ? 0 : worker.term();
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(term).array());
    }
    return new Digest(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  private Map<String, InetSocketAddress> addresses(Worker[] workers) {
    Map<String, InetSocketAddress> addresses = new HashMap<>(aloneAt);
    for (int party = 0; party < workers.length; party++) {
      if (party != me && !workers[party].isAlone()) {
        addresses.put(charter.aggregators().get(party).name(), workers[party].socketAddress());
      }
    }
    return addresses;
  }

  private PeerListener listener(Map<Integer, SessionUser> users) {
    var router = new PeerRouter(charter, users, metrics);
    return new PeerListener() {
      @Override
      public void sessionUp(PeerSession session) {
        LOG.atInfo()
            .addKeyValue("session", session.id())
            .addKeyValue("protocol", session.protocol())
            .addKeyValue("partitions", users.keySet())
            .log("All peers are linked.");
        users.values().forEach(user -> user.sessionUp(session));
      }

      @Override
      public void control(PeerSession session, int peer, byte[] message, Runnable taken) {
        router.route(session, peer, message, taken);
      }

      @Override
      public void sessionDown(PeerSession session, String reason) {
        LOG.atWarn()
            .addKeyValue("reason", reason)
            .addKeyValue("partitions", users.keySet())
            .log("The session with the peers ended.");
        users.values().forEach(user -> user.sessionDown(session));
      }
    };
  }
}
