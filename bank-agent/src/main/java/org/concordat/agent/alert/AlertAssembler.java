package org.concordat.agent.alert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.concordat.agent.store.Id;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.DetailComponent;
import org.jspecify.annotations.Nullable;

/**
 * Puts shares of alerts together (DESIGN 8): never across attempts or cuts; two signed shares make
 * an alert, three let every component be compared with its second copy. Deterministic; time is an
 * argument.
 *
 * <p>One aggregator can neither make nor suppress an alert, nor change a score unnoticed. Two that
 * collude can do all three.
 */
final class AlertAssembler {
  /** Alerts of one aggregator that no other has confirmed; beyond it the oldest is given up. */
  static final int LONE_MAX = 20_000;

  /** Alerts that lack their third share; beyond it the oldest waits no longer. */
  static final int CONFIRMED_MAX = 20_000;

  /** How much may wait. */
  record Limits(int loneMax, int confirmedMax) {
    static final Limits DEFAULT = new Limits(LONE_MAX, CONFIRMED_MAX);
  }

  /** What a rule tells the bank. */
  interface Outputs {
    /** Nothing where the share's rule set or rule isn't the agent's. */
    Optional<RuleOutput> of(OpenedShare share);
  }

  /** Shares of two aggregators at least, in the order of their indices. */
  private static final class Confirmed {
    private final long sinceMillis;
    private final Map<Integer, OpenedShare> shares = new TreeMap<>();

    Confirmed(long sinceMillis, OpenedShare first) {
      this.sinceMillis = sinceMillis;
      shares.put(first.aggregator(), first);
    }
  }

  private final int parties;
  private final long waitMillis;
  private final Limits limits;
  private final Outputs outputs;
  private final BiConsumer<Code, OpenedShare> incidents;
  // By aggregator: what one of them floods the bank with doesn't push out what others said.
  private final List<Map<OpenedShare.Group, OpenedShare>> lone = new ArrayList<>();
  private final Map<OpenedShare.Group, Confirmed> confirmed = new LinkedHashMap<>();

  /**
   * @param waitMillis for the third share, once there are two
   * @param incidents told of what is given up
   */
  AlertAssembler(
      int parties,
      long waitMillis,
      Limits limits,
      Outputs outputs,
      BiConsumer<Code, OpenedShare> incidents) {
    this.parties = parties;
    this.waitMillis = waitMillis;
    this.limits = limits;
    this.outputs = outputs;
    this.incidents = incidents;
    for (int i = 0; i < parties; i++) {
      lone.add(new LinkedHashMap<>());
    }
  }

  /** Takes a share; gives the alert that it completes, or the one that has to make room for it. */
  Optional<AssembledAlert> take(OpenedShare share, long millis) {
    OpenedShare.Group name = share.group();
    Confirmed group = confirmed.get(name);
    if (group == null) {
      OpenedShare other = takeLone(name, share.aggregator());
      if (other == null) {
        waitAlone(name, share);
        return Optional.empty();
      }
      group = new Confirmed(millis, other);
      confirmed.put(name, group);
    }
    group.shares.putIfAbsent(share.aggregator(), share);
    if (group.shares.size() == parties) {
      confirmed.remove(name);
      return Optional.of(assemble(group));
    }
    if (confirmed.size() > limits.confirmedMax()) {
      Iterator<Confirmed> oldest = confirmed.values().iterator();
      group = oldest.next();
      oldest.remove();
      return Optional.of(assemble(group));
    }
    return Optional.empty();
  }

  private @Nullable OpenedShare takeLone(OpenedShare.Group name, int exceptAggregator) {
    for (int i = 0; i < parties; i++) {
      OpenedShare share = i == exceptAggregator ? null : lone.get(i).remove(name);
      if (share != null) {
        return share;
      }
    }
    return null;
  }

  private void waitAlone(OpenedShare.Group name, OpenedShare share) {
    Map<OpenedShare.Group, OpenedShare> waiting = lone.get(share.aggregator());
    waiting.putIfAbsent(name, share);
    if (waiting.size() > limits.loneMax()) {
      Iterator<OpenedShare> oldest = waiting.values().iterator();
      incidents.accept(Code.CDT_710, oldest.next());
      oldest.remove();
    }
  }

  /** Gives the alerts whose third share is late. */
  List<AssembledAlert> tick(long millis) {
    List<AssembledAlert> done = new ArrayList<>();
    Iterator<Confirmed> groups = confirmed.values().iterator();
    while (groups.hasNext()) {
      Confirmed group = groups.next();
      if (millis - group.sinceMillis < waitMillis) {
        break;
      }
      groups.remove();
      done.add(assemble(group));
    }
    return done;
  }

  /** Drops what else came of alerts that are done: other attempts, late third shares. */
  void forget(Set<Id> alerts) {
    lone.forEach(waiting -> waiting.keySet().removeIf(name -> alerts.contains(name.alert())));
    confirmed.keySet().removeIf(name -> alerts.contains(name.alert()));
  }

  /** For each partition with shares that wait, the offset of the oldest of them. */
  Map<Integer, Long> oldestOffsets() {
    Map<Integer, Long> oldest = new HashMap<>();
    Stream.concat(
            lone.stream().flatMap(waiting -> waiting.values().stream()),
            confirmed.values().stream().flatMap(group -> group.shares.values().stream()))
        .forEach(share -> oldest.merge(share.share().getPartition(), share.offset(), Math::min));
    return oldest;
  }

  /** Alerts that wait for shares. */
  int pending() {
    return confirmed.size() + lone.stream().mapToInt(Map::size).sum();
  }

  private AssembledAlert assemble(Confirmed group) {
    List<OpenedShare> shares = List.copyOf(group.shares.values());
    OpenedShare first = shares.getFirst();
    Optional<RuleOutput> output = outputs.of(first);
    if (output.isEmpty()) {
      return AssembledAlert.withoutDetails(first, Code.CDT_708);
    }
    // Of an earlier record of a pattern nothing but the flag is told.
    int words = first.isEarlier() ? 0 : output.get().detailWords();
    byte[][] components = new byte[parties][];
    boolean fit = true;
    for (OpenedShare share : shares) {
      fit &= share.fits(first) && collect(share, words, components);
    }
    // Of two different copies nobody can say which is right, so neither is shown.
    return fit
        ? AssembledAlert.of(
            first,
            output.get(),
            sum(components, words, output.get().score().isPresent()),
            shares.size() == parties ? null : Code.CDT_709,
            shares.size() == parties ? "" : Evidence.of(shares, components))
        : AssembledAlert.withoutDetails(first, Code.CDT_707);
  }

  /** Puts a share's two components in their places; false where they aren't what they must be. */
  private boolean collect(OpenedShare share, int words, byte[][] components) {
    List<DetailComponent> given = share.detail().getComponents();
    if (given.size() != 2) {
      return false;
    }
    for (int i = 0; i < 2; i++) {
      int index = (share.aggregator() + i) % parties;
      ByteBuffer content = given.get(i).getWords().duplicate();
      if (given.get(i).getComponent() != index || content.remaining() != words * Long.BYTES) {
        return false;
      }
      byte[] bytes = new byte[content.remaining()];
      content.get(bytes);
      if (components[index] != null && !MessageDigest.isEqual(components[index], bytes)) {
        return false;
      }
      components[index] = bytes;
    }
    return true;
  }

  /** Any two of three parties hold every component: none is missing here. */
  private static long[] sum(byte[][] components, int count, boolean scored) {
    long[] words = new long[count];
    for (byte[] component : components) {
      ByteBuffer values = ByteBuffer.wrap(component).order(ByteOrder.LITTLE_ENDIAN);
      for (int w = 0; w < count; w++) {
        long value = values.getLong();
        words[w] = w == 0 && scored ? words[w] + value : words[w] ^ value;
      }
    }
    return words;
  }
}
