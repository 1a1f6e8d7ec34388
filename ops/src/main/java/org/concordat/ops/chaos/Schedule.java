package org.concordat.ops.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * The faults of a run, all of them from its seed: kinds are dealt like cards from a shuffled deck,
 * so that each comes as often as any other.
 */
final class Schedule {
  /** Of a frozen process: past what peers and brokers wait for one. */
  private static final long LONGEST_MILLIS = 14_000;

  /** Of connections that alter bytes: as long as they do, none can be made. */
  private static final long CORRUPT_MILLIS_MAX = 2_000;

  private static final long DOWN_MILLIS_MAX = 3_000;
  private static final long CUT_MILLIS_MIN = 200;
  private static final long CUT_MILLIS_MAX = 6_000;

  /** One in so many faults comes at any moment. */
  private static final int UNAIMED_EVERY = 4;

  private final Random random;
  private final List<FaultKind> kinds;
  private final List<String> agents;
  private final List<String> aggregators;
  private final List<String> brokers;
  private final long longestMillis;
  private final List<FaultKind> deck = new ArrayList<>();
  private int dealt;

  /**
   * @param kinds that are dealt
   * @param spanMillis of the run
   */
  Schedule(
      long seed,
      Set<FaultKind> kinds,
      List<String> agents,
      List<String> aggregators,
      List<String> brokers,
      long spanMillis) {
    this.random = new Random(seed);
    // In the enumeration's order: a seed gives the same faults each time.
    this.kinds = kinds.stream().sorted().toList();
    this.agents = agents;
    this.aggregators = aggregators;
    this.brokers = brokers;
    this.longestMillis = Math.min(LONGEST_MILLIS, spanMillis / 20);
  }

  /** Faults over a span of time. */
  List<Fault> plan(int faults, long spanMillis) {
    List<Fault> plan = new ArrayList<>();
    for (int i = 0; i < faults; i++) {
      long due = spanMillis * i / faults + random.nextLong(Math.max(1, spanMillis / faults / 2));
      plan.add(next(draw(), due, random.nextInt(UNAIMED_EVERY) > 0));
    }
    return plan;
  }

  /** One more of a kind, as soon as it may be. */
  Fault another(FaultKind kind) {
    return next(kind, 0, true);
  }

  private FaultKind draw() {
    if (deck.isEmpty()) {
      deck.addAll(kinds);
      Collections.shuffle(deck, random);
    }
    return deck.removeLast();
  }

  private Fault next(FaultKind kind, long due, boolean aimed) {
    Optional<LinkMode> mode =
        kind == FaultKind.PEER_CUT || kind == FaultKind.BROKER_CUT
            ? Optional.of(any(List.of(LinkMode.values())))
            : Optional.empty();
    String target =
        switch (kind) {
          case AGENT_KILL -> any(agents);
          case AGGREGATOR_KILL -> any(aggregators);
          case BROKER_KILL -> any(brokers);
          case FREEZE, RESTART -> any(any(List.of(agents, aggregators, brokers)));
          case PEER_CUT -> link();
          case BROKER_CUT -> brokerLink();
        };
    return new Fault(++dealt, kind, target, mode, due, lasts(kind, mode), aimed);
  }

  private String link() {
    int left = random.nextInt(aggregators.size() - 1);
    int right = left + 1 + random.nextInt(aggregators.size() - left - 1);
    return aggregators.get(left) + "/" + aggregators.get(right);
  }

  /** All brokers of a party, or one. */
  private String brokerLink() {
    String party = any(any(List.of(agents, aggregators)));
    return random.nextBoolean() ? party : party + "/" + any(brokers);
  }

  private long lasts(FaultKind kind, Optional<LinkMode> mode) {
    long most =
        switch (kind) {
          case AGENT_KILL, AGGREGATOR_KILL, BROKER_KILL -> DOWN_MILLIS_MAX;
          case FREEZE -> longestMillis;
          case PEER_CUT, BROKER_CUT ->
              switch (mode.orElse(LinkMode.DROP)) {
                case CORRUPT -> CORRUPT_MILLIS_MAX;
                // Past the silence that counts as a lost link.
                case STALL -> longestMillis;
                case DROP, HALF_OPEN -> CUT_MILLIS_MAX;
              };
          case RESTART -> 0;
        };
    // Short ones are the most: half of them are below an eighth of the longest.
    double part = Math.pow(random.nextDouble(), 3);
    long least = kind == FaultKind.RESTART ? 0 : CUT_MILLIS_MIN;
    return least + (long) (part * Math.max(0, Math.min(most, longestMillis) - least));
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}
