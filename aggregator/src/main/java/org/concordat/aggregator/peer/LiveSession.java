package org.concordat.aggregator.peer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.concordat.aggregator.mpc.Step;
import org.concordat.aggregator.peer.ChannelKey.BatchKey;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/**
 * A session over links that are all up. Flights of attempts that this side hasn't opened yet wait
 * within bounds; those of attempts that it has given up are dropped.
 */
final class LiveSession implements PeerSession {
  /** Batches whose ended attempts are remembered, and attempt keys that were given. */
  static final int REMEMBERED_MAX = 1 << 16;

  private static final String LABEL = "attempt key";
  private static final int HASH_BYTES = 32;

  /** Hears of messages and of links that fail. */
  interface Owner {
    /**
     * May wait a little for earlier messages to be taken.
     *
     * @throws LinkFault too many of the peer's messages wait
     */
    void control(LiveSession session, Link link, byte[] message)
        throws LinkFault, InterruptedException;

    void lost(Link link, Code code);
  }

  private final long id;
  private final PeerSettings settings;
  private final int channelsAheadMax;
  private final @Nullable Link[] links;
  private final Owner owner;
  private final WordPool pool;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ChannelKey, LiveChannel> channels = new HashMap<>();
  private final Map<BatchKey, Integer> endedAttempts = remembering();
  private final Map<String, Boolean> keysGiven = remembering();
  private int ahead;
  private volatile @Nullable String culprit;

  /**
   * @param links by party, none for this one
   */
  LiveSession(
      long id,
      PeerSettings settings,
      PeerLimits limits,
      @Nullable Link[] links,
      Owner owner,
      WordPool pool) {
    this.id = id;
    this.settings = settings;
    this.channelsAheadMax = limits.channelsAheadMax();
    this.links = links.clone();
    this.owner = owner;
    this.pool = pool;
  }

  private static <K, V> Map<K, V> remembering() {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > REMEMBERED_MAX;
      }
    };
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public int party() {
    return settings.party();
  }

  @Override
  public int parties() {
    return settings.parties();
  }

  /** Each party has links to all others, and so finds the least of the same versions. */
  @Override
  public int protocol() {
    int protocol = PeerSettings.PROTOCOL.newest();
    for (Link link : links) {
      if (link != null) {
        protocol = Math.min(protocol, link.protocol());
      }
    }
    return protocol;
  }

  @Override
  public boolean isUp() {
    return culprit == null;
  }

  String nameOf(int party) {
    return settings.nameOf(party);
  }

  private Link link(int peer) {
    Link link = links[peer];
    if (link == null) {
      throw new IllegalArgumentException("A party is no peer of its own.");
    }
    return link;
  }

  private void requireUp(String awaited) {
    String name = culprit;
    if (name != null) {
      throw new UnavailableException(name, awaited);
    }
  }

  @Override
  public void sendControl(int peer, byte[] message) {
    if (message.length < 1 || message.length > PeerLimits.CONTROL_BYTES_MAX) {
      throw new IllegalArgumentException("A message has 1 to CONTROL_BYTES_MAX bytes.");
    }
    Link link = link(peer);
    requireUp("control");
    try {
      link.sendControl(message);
    } catch (IOException e) {
      owner.lost(link, Code.CDT_653);
      throw new UnavailableException(nameOf(peer), "control");
    }
  }

  void sendFlight(int peer, ChannelKey key, Step step, long[] words, int offset, int length) {
    Link link = link(peer);
    requireUp(step.path());
    try {
      link.sendFlight(key, step.number(), words, offset, length);
    } catch (IOException e) {
      owner.lost(link, Code.CDT_653);
      throw new UnavailableException(nameOf(peer), step.path());
    }
  }

  @Override
  public byte[] attemptKey(int peer, byte[] batchHash, int attempt) {
    if (batchHash.length != HASH_BYTES) {
      throw new IllegalArgumentException("A batch hash has 32 bytes.");
    }
    Link link = link(peer);
    byte[] label = LABEL.getBytes(StandardCharsets.US_ASCII);
    byte[] info =
        ByteBuffer.allocate(label.length + Long.BYTES + HASH_BYTES + Integer.BYTES)
            .put(label)
            .putLong(id)
            .put(batchHash)
            .putInt(attempt)
            .array();
    lock.lock();
    try {
      requireUp("attempt key");
      String name = peer + "/" + attempt + "/" + HexFormat.of().formatHex(batchHash);
      if (keysGiven.putIfAbsent(name, true) != null) {
        throw new IllegalStateException("An attempt's key is given once.");
      }
      return Hkdf.expand(link.keys().secret(), info);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public PeerChannel channel(int partition, long batch, int attempt) {
    var key = new ChannelKey(partition, batch, attempt);
    List<LiveChannel> givenUp = new ArrayList<>();
    lock.lock();
    try {
      requireUp("channel");
      LiveChannel channel = channels.get(key);
      if (hasEnded(key) || (channel != null && channel.isOpened())) {
        throw new IllegalStateException("An attempt is opened once, in ascending order.");
      }
      endBelow(key.batchKey(), attempt, givenUp);
      if (channel == null) {
        channel = newChannel(key);
      } else {
        ahead--;
      }
      channel.open();
      return channel;
    } finally {
      lock.unlock();
      givenUp.forEach(c -> c.end(null));
    }
  }

  private boolean hasEnded(ChannelKey key) {
    return key.attempt() < endedAttempts.getOrDefault(key.batchKey(), 0);
  }

  private LiveChannel newChannel(ChannelKey key) {
    @Nullable Inbox[] inboxes = new Inbox[links.length];
    for (int peer = 0; peer < links.length; peer++) {
      Link link = links[peer];
      if (link != null) {
        inboxes[peer] = new Inbox(peer, nameOf(peer), link.backlog(), pool);
      }
    }
    var channel = new LiveChannel(this, key, inboxes);
    channels.put(key, channel);
    return channel;
  }

  /** Takes out the batch's attempts below one, for good. */
  private void endBelow(BatchKey batch, int attempt, List<LiveChannel> ended) {
    if (attempt > endedAttempts.getOrDefault(batch, 0)) {
      endedAttempts.put(batch, attempt);
    }
    for (Iterator<LiveChannel> all = channels.values().iterator(); all.hasNext(); ) {
      LiveChannel channel = all.next();
      if (channel.key().batchKey().equals(batch) && channel.key().attempt() < attempt) {
        ahead -= channel.isOpened() ? 0 : 1;
        ended.add(channel);
        all.remove();
      }
    }
  }

  /** Where a peer's frame goes; null if its attempt has ended. */
  @Nullable Inbox inbox(int peer, ChannelKey key) throws LinkFault {
    lock.lock();
    try {
      LiveChannel channel = channels.get(key);
      if (channel == null) {
        if (hasEnded(key) || !isUp()) {
          return null;
        }
        if (ahead >= channelsAheadMax) {
          throw new LinkFault(Code.CDT_652);
        }
        ahead++;
        channel = newChannel(key);
      }
      return channel.inbox(peer);
    } finally {
      lock.unlock();
    }
  }

  void control(Link link, byte[] message) throws LinkFault, InterruptedException {
    owner.control(this, link, message);
  }

  void close(LiveChannel channel) {
    List<LiveChannel> ended = new ArrayList<>();
    lock.lock();
    try {
      endBelow(channel.key().batchKey(), channel.key().attempt() + 1, ended);
    } finally {
      lock.unlock();
    }
    ended.forEach(c -> c.end(null));
  }

  /** What the open attempts wait for. */
  List<Wait> waits() {
    List<Wait> waits = new ArrayList<>();
    lock.lock();
    try {
      channels.values().forEach(c -> waits.addAll(c.waits()));
    } finally {
      lock.unlock();
    }
    return waits;
  }

  /** Ends the session and every wait in it. */
  void end(String lost) {
    List<LiveChannel> all;
    lock.lock();
    try {
      if (culprit != null) {
        return;
      }
      culprit = lost;
      all = List.copyOf(channels.values());
      channels.clear();
      ahead = 0;
    } finally {
      lock.unlock();
    }
    all.forEach(c -> c.end(lost));
  }

  @Override
  public String toString() {
    return "PeerSession[" + Long.toHexString(id) + "]";
  }
}
