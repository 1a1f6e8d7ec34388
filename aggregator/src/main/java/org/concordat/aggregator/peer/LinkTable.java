package org.concordat.aggregator.peer;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which links are up, and the session that they make. All of it changes under one lock, so that a
 * link that is lost takes every other link of this party and the session with it at once.
 *
 * <p>Why the parties converge: a party never holds a link of before its last loss beside one of
 * after it. Whoever loses a link closes all; a peer that hasn't noticed yet notices when the closed
 * links end, or when a new link from the same peer replaces the old one, which counts as a loss. So
 * old links die out within one round trip and new ones are untouched.
 */
final class LinkTable implements Link.Keeper, LiveSession.Owner {
  private static final int DOUBLINGS_MAX = 20;
  private static final Logger log = LoggerFactory.getLogger(LinkTable.class);

  private final PeerSettings settings;
  private final PeerLimits limits;
  private final PeerStatistics statistics;
  private final Announcer announcer;
  private final WordPool pool = new WordPool();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final @Nullable Link[] links;
  private final byte[] @Nullable [] proposals;

  /**
   * The greatest epoch of each peer that was linked, but none later than the link, so that a
   * process that began by a clock that was ahead shuts out no later one once it is gone.
   */
  private final long[] newestEpochs;

  /** The last epoch of each peer that was refused. */
  private final long[] refusedEpochs;

  /**
   * By peer, messages that the listener hasn't taken yet, over whichever link they came: those of a
   * session that has ended still wait where a partition stands still. At the bound the reader waits
   * once and then gives up the link, and waits for nothing before: it reads the flights of all
   * partitions.
   */
  private final Backlog[] untaken;

  private final long[] downSince;
  private final int[] failures;
  private final @Nullable Code[] lastFaults;
  private boolean announced;
  private @Nullable LiveSession session;
  private boolean closed;

  LinkTable(
      PeerSettings settings, PeerLimits limits, PeerStatistics statistics, Announcer announcer) {
    int parties = settings.parties();
    this.settings = settings;
    this.limits = limits;
    this.statistics = statistics;
    this.announcer = announcer;
    this.links = new Link[parties];
    this.proposals = new byte[parties][];
    this.newestEpochs = new long[parties];
    this.refusedEpochs = new long[parties];
    this.untaken = new Backlog[parties];
    this.downSince = new long[parties];
    this.failures = new int[parties];
    this.lastFaults = new Code[parties];
    long messageBytesMax = limits.messageBytesMax();
    Arrays.setAll(untaken, peer -> new Backlog(messageBytesMax, messageBytesMax));
    Arrays.fill(newestEpochs, Long.MIN_VALUE);
    Arrays.fill(refusedEpochs, Long.MIN_VALUE);
    Arrays.fill(downSince, System.nanoTime());
  }

  void start() {
    announcer.start();
  }

  Optional<PeerSession> session() {
    lock.lock();
    try {
      return Optional.ofNullable(session);
    } finally {
      lock.unlock();
    }
  }

  boolean linked(int peer) {
    lock.lock();
    try {
      return links[peer] != null;
    } finally {
      lock.unlock();
    }
  }

  List<Wait> waits() {
    List<Wait> waits = new ArrayList<>();
    LiveSession current;
    lock.lock();
    try {
      current = session;
      for (int peer = 0; peer < links.length && current == null; peer++) {
        if (peer != settings.party() && (links[peer] == null || proposals[peer] == null)) {
          Duration since = Duration.ofNanos(System.nanoTime() - downSince[peer]);
          waits.add(new Wait(settings.nameOf(peer), awaited(peer), since));
        }
      }
    } finally {
      lock.unlock();
    }
    if (current != null) {
      waits.addAll(current.waits());
    }
    return waits;
  }

  private String awaited(int peer) {
    Code fault = lastFaults[peer];
    if (links[peer] != null) {
      return "session";
    }
    return fault == null ? "link" : "link (" + fault.label() + ")";
  }

  /** Waits until the peer's link is down and the pause after the last attempt is over. */
  boolean awaitTurn(int peer) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && links[peer] != null) {
        changed.await();
      }
      long pause =
          Math.min(
              limits.retryFirst().toNanos() << Math.min(failures[peer], DOUBLINGS_MAX),
              limits.retryMax().toNanos());
      // Half of it at random: parties that lost each other together shouldn't collide again.
      long nanos = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
      while (!closed && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /** An attempt to reach a peer failed; logged when the reason is new. */
  void failed(int peer, Code fault) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (lastFaults[peer] != fault) {
        log.warn("event=peer-link-failed peer={} code={}", settings.nameOf(peer), fault.label());
      }
      lastFaults[peer] = fault;
      failures[peer]++;
    } finally {
      lock.unlock();
    }
    statistics.countFault(fault);
  }

  /** Refuses a process of a peer that is older than one that was linked; logged when it is new. */
  void checkEpoch(int peer, long epoch) throws LinkFault {
    lock.lock();
    try {
      long newest = newestEpoch(peer);
      if (epoch >= newest) {
        return;
      }
      if (epoch != refusedEpochs[peer]) {
        refusedEpochs[peer] = epoch;
        log.warn(
            "event=peer-older peer={} code={} started={} newest={}",
            settings.nameOf(peer),
            Code.CDT_556.label(),
            Instant.ofEpochMilli(epoch),
            Instant.ofEpochMilli(newest));
      }
      throw new LinkFault(Code.CDT_556);
    } finally {
      lock.unlock();
    }
  }

  /** What a peer's epoch has to reach; the caller holds the lock. */
  private long newestEpoch(int peer) {
    Link link = links[peer];
    return link == null ? newestEpochs[peer] : Math.max(newestEpochs[peer], link.epoch());
  }

  /** Takes in a link with confirmed keys; false if this party is closing. */
  boolean up(Link link) throws LinkFault {
    @Nullable Link[] complete = null;
    lock.lock();
    try {
      int peer = link.peer();
      if (closed || link.epoch() < newestEpoch(peer)) {
        link.destroy();
        checkEpoch(peer, link.epoch());
        return false;
      }
      if (links[peer] != null) {
        // The peer has given up the link that this side still held.
        dropAll(link.peerName(), Code.CDT_653);
      }
      long known = Math.min(link.epoch(), System.currentTimeMillis());
      newestEpochs[peer] = Math.max(newestEpochs[peer], known);
      links[peer] = link;
      lastFaults[peer] = null;
      link.start();
      if (allUp()) {
        complete = links.clone();
      }
    } finally {
      lock.unlock();
    }
    log.info("event=peer-link-up peer={} epoch={}", link.peerName(), link.epoch());
    if (complete != null) {
      propose(complete);
    }
    return true;
  }

  private boolean allUp() {
    for (int peer = 0; peer < links.length; peer++) {
      if (peer != settings.party() && links[peer] == null) {
        return false;
      }
    }
    return true;
  }

  /** Sends this party's proposal on every link; only then may a session's frames follow. */
  private void propose(@Nullable Link[] complete) {
    byte[] proposal = Proposal.of(complete);
    for (Link link : complete) {
      if (link != null) {
        try {
          link.sendProposal(proposal);
        } catch (IOException e) {
          lost(link, Code.CDT_653);
          return;
        }
      }
    }
    lock.lock();
    try {
      if (Arrays.equals(complete, links)) {
        announced = true;
        proposals[settings.party()] = proposal;
        tryEstablish();
      }
    } finally {
      lock.unlock();
    }
  }

  private void tryEstablish() {
    byte[][] lists = new byte[proposals.length][];
    for (int party = 0; party < proposals.length; party++) {
      byte[] list = proposals[party];
      if (list == null || !announced || session != null) {
        return;
      }
      lists[party] = list;
    }
    OptionalLong id = Proposal.agree(lists);
    if (id.isEmpty()) {
      dropAll(settings.name(), Code.CDT_653);
      return;
    }
    session = new LiveSession(id.getAsLong(), settings, limits, links, this, pool);
    Arrays.fill(failures, 0);
    statistics.countSession();
    log.info("event=peer-session-up session={}", Long.toHexString(id.getAsLong()));
    announcer.up(session);
    changed.signalAll();
  }

  /** Ends the session and every link; the caller holds the lock. */
  private void dropAll(String culprit, Code code) {
    LiveSession ending = session;
    session = null;
    announced = false;
    if (ending != null) {
      ending.end(culprit);
      announcer.down(ending, culprit + " " + code.label());
      log.warn(
          "event=peer-session-down session={} peer={} code={}",
          Long.toHexString(ending.id()),
          culprit,
          code.label());
    }
    for (int peer = 0; peer < links.length; peer++) {
      Link link = links[peer];
      proposals[peer] = null;
      if (link != null) {
        links[peer] = null;
        downSince[peer] = System.nanoTime();
        failures[peer]++;
        link.close();
      }
    }
    changed.signalAll();
  }

  /** Ends all links for good and lets the listener hear of it. */
  void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      dropAll(settings.name(), Code.CDT_653);
    } finally {
      lock.unlock();
    }
    try {
      announcer.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void proposal(Link link, byte[] message) throws LinkFault {
    Proposal.check(message, settings.parties());
    lock.lock();
    try {
      if (links[link.peer()] == link) {
        if (proposals[link.peer()] != null) {
          throw new LinkFault(Code.CDT_651);
        }
        proposals[link.peer()] = message;
        tryEstablish();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable LiveSession session(Link link) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (links[link.peer()] == link && session == null) {
        changed.await();
      }
      return links[link.peer()] == link ? session : null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void lost(Link link, Code code) {
    lock.lock();
    try {
      if (links[link.peer()] == link) {
        lastFaults[link.peer()] = code;
        statistics.countFault(code);
        dropAll(link.peerName(), code);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void control(LiveSession from, Link link, byte[] message)
      throws LinkFault, InterruptedException {
    Backlog waiting = untaken[link.peer()];
    long bytes = PeerLimits.MESSAGE_HEAD_BYTES + message.length;
    waiting.add(bytes);
    lock.lock();
    try {
      if (session == from) {
        announcer.message(from, link.peer(), message, () -> waiting.release(bytes));
      } else {
        waiting.release(bytes);
      }
    } finally {
      lock.unlock();
    }
  }
}
