package org.concordat.agent.alert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.concordat.schemas.record.DetailComponent;

/**
 * Puts shares of alerts together (DESIGN 8): never across attempts or cuts; two signed shares that
 * agree make an alert, three let every component be compared with its second copy. Deterministic;
 * time is an argument.
 *
 * <p>One aggregator can't suppress an alert, nor change a score unnoticed. Two that collude can do
 * both.
 */
final class AlertAssembler {
  /** Groups that wait for shares; beyond it the oldest is put together with what came. */
  static final int PENDING_MAX = 100_000;

  private static final int QUORUM = 2;

  /** An alert as it was put together. Holds a score: prints nothing of it. */
  static final class Assembled {
    private final OpenedShare first;
    private final long[] words;
    private final boolean verified;

    Assembled(OpenedShare first, long[] words, boolean verified) {
      this.first = first;
      this.words = words;
      this.verified = verified;
    }

    /** Any of the shares: for the fields that all have alike. */
    OpenedShare first() {
      return first;
    }

    /** The score's word if the rule tells one, then the word of reasons if it has any. */
    long[] words() {
      return words;
    }

    boolean verified() {
      return verified;
    }

    @Override
    public String toString() {
      return "Assembled[verified=" + verified + "]";
    }
  }

  private static final class Pending {
    private final long sinceMillis;
    private final Map<Integer, OpenedShare> shares = new TreeMap<>();

    Pending(long sinceMillis) {
      this.sinceMillis = sinceMillis;
    }
  }

  private final int parties;
  private final long waitMillis;
  private final int pendingMax;
  private final ScoreWords scoreWords;
  private final Map<OpenedShare.Group, Pending> pending = new LinkedHashMap<>();

  /** Which of a rule's detail words is a sum; the others are exclusive ors. */
  interface ScoreWords {
    /** The number of words, -1 for an unknown rule. */
    int count(String rule);

    /** Whether the first word is the score. */
    boolean hasScore(String rule);
  }

  AlertAssembler(int parties, long waitMillis, int pendingMax, ScoreWords scoreWords) {
    this.parties = parties;
    this.waitMillis = waitMillis;
    this.pendingMax = pendingMax;
    this.scoreWords = scoreWords;
  }

  /** Takes a share; gives what it completes. */
  List<Assembled> take(OpenedShare share, long millis) {
    Pending group = pending.computeIfAbsent(share.group(), g -> new Pending(millis));
    group.shares.putIfAbsent(share.aggregator(), share);
    List<Assembled> done = new ArrayList<>();
    if (group.shares.size() == parties) {
      pending.remove(share.group());
      done.add(assemble(group));
    }
    if (pending.size() > pendingMax) {
      Iterator<Pending> oldest = pending.values().iterator();
      Pending first = oldest.next();
      oldest.remove();
      if (first.shares.size() >= QUORUM) {
        done.add(assemble(first));
      }
    }
    return done;
  }

  /** Gives up waiting for third shares that are late. */
  List<Assembled> tick(long millis) {
    List<Assembled> done = new ArrayList<>();
    for (Iterator<Pending> groups = pending.values().iterator(); groups.hasNext(); ) {
      Pending group = groups.next();
      if (millis - group.sinceMillis < waitMillis) {
        break;
      }
      if (group.shares.size() >= QUORUM) {
        groups.remove();
        done.add(assemble(group));
      }
    }
    return done;
  }

  /** The offset of the oldest share of a partition that still waits. */
  OptionalLong oldestOffset(int partition) {
    return pending.values().stream()
        .flatMap(group -> group.shares.values().stream())
        .filter(share -> share.share().getPartition() == partition)
        .mapToLong(OpenedShare::offset)
        .min();
  }

  int pending() {
    return pending.size();
  }

  private Assembled assemble(Pending group) {
    List<OpenedShare> shares = List.copyOf(group.shares.values());
    OpenedShare first = shares.getFirst();
    String rule = first.detail().getRule();
    int count = Math.max(0, scoreWords.count(rule));
    boolean agree = shares.size() == parties && scoreWords.count(rule) >= 0;
    byte[][] components = new byte[parties][];
    for (OpenedShare share : shares) {
      agree &=
          share.detail().getRule().equals(rule)
              && share.detail().getTransactionId().equals(first.detail().getTransactionId())
              && share.detail().getRow() == first.detail().getRow()
              && share.share().getAlertSequence() == first.share().getAlertSequence();
      agree &= collect(share, count, components);
    }
    long[] words = new long[count];
    for (byte[] component : components) {
      if (component == null) {
        return new Assembled(first, new long[count], false);
      }
      ByteBuffer values = ByteBuffer.wrap(component).order(ByteOrder.LITTLE_ENDIAN);
      for (int w = 0; w < count; w++) {
        long value = values.getLong();
        words[w] = w == 0 && scoreWords.hasScore(rule) ? words[w] + value : words[w] ^ value;
      }
    }
    return new Assembled(first, words, agree);
  }

  /** Puts a share's two components in their places; false where they aren't what they must be. */
  private boolean collect(OpenedShare share, int count, byte[][] components) {
    List<DetailComponent> given = share.detail().getComponents();
    if (given.size() != 2) {
      return false;
    }
    boolean right = true;
    for (int i = 0; i < 2; i++) {
      int index = (share.aggregator() + i) % parties;
      byte[] words = new byte[given.get(i).getWords().remaining()];
      given.get(i).getWords().duplicate().get(words);
      if (given.get(i).getComponent() != index || words.length != count * Long.BYTES) {
        right = false;
      } else if (components[index] == null) {
        components[index] = words;
      } else {
        right &= MessageDigest.isEqual(components[index], words);
      }
    }
    return right;
  }
}
