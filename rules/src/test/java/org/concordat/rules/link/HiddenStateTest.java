package org.concordat.rules.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.concordat.rules.Seeds;
import org.concordat.rules.link.LinkSpec.EntityField;
import org.concordat.rules.link.LinkSpec.Hidden;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.Track;
import org.concordat.rules.link.LinkSpec.ValueField;
import org.junit.jupiter.api.Test;

/** Windows of hidden entities, on plaintext, against plain lists of earlier records. */
class HiddenStateTest {
  private static final int PAYER = 0;
  private static final int PAYEE = 1;
  private static final int HOUR = 60;

  private static LinkSpec spec(int recordsMax, int recordsPerBank) {
    return new LinkSpec(
        2,
        recordsMax,
        recordsPerBank,
        List.of(new EntityField("payer", 0), new EntityField("payee", 2)),
        -1,
        List.of(new ValueField("amount", 4, 1_000), new ValueField("amount", 4, 400, 600, true)),
        List.of(
            new Track(PAYEE, 24 * HOUR, recordsMax, -1),
            new Track(PAYER, 2 * HOUR, recordsMax, -1),
            new Track(PAYEE, 1, recordsMax, -1),
            new Track(PAYER, 11, recordsMax, -1)),
        List.of(
            new Measure("payer-in", PAYER, 0, Kind.SUM, 0),
            new Measure("payer-near", PAYER, 0, Kind.SUM, 1),
            new Measure("payee-count", PAYEE, 0, Kind.COUNT, -1),
            new Measure("payee-banks", PAYEE, 0, Kind.BANKS, -1),
            new Measure("payee-first", PAYEE, 0, Kind.SINCE_FIRST, -1),
            new Measure("payer-last", PAYER, 1, Kind.SINCE_LAST, -1),
            new Measure("payee-now", PAYEE, 2, Kind.COUNT, -1),
            new Measure("payer-now", PAYER, 3, Kind.SUM, 0)),
        Optional.empty(),
        List.of(),
        Optional.of(new Hidden(16, 64, 1)),
        false);
  }

  /** A record of a made-up world. */
  private record Row(
      long payer,
      long payee,
      int bank,
      int minute,
      long transaction,
      boolean counted,
      long amount) {
    long entity(int entity) {
      return entity == PAYER ? payer : payee;
    }
  }

  private static List<Row> world(SplittableRandom random, int rows) {
    List<Row> world = new ArrayList<>();
    int minute = random.nextInt(10_000);
    for (int i = 0; i < rows; i++) {
      minute += random.nextInt(12) == 0 ? random.nextInt(900) : random.nextInt(9);
      int late = random.nextInt(7) == 0 ? random.nextInt(2_500) : 0;
      world.add(
          new Row(
              random.nextInt(9),
              random.nextInt(9),
              random.nextInt(4) * 42,
              Math.max(0, minute - late),
              random.nextInt(8) == 0 ? random.nextInt(i + 1) : i,
              random.nextInt(15) > 0,
              random.nextInt(1_000)));
    }
    return world;
  }

  private static LinkRows rows(LinkSpec spec, List<Row> world) {
    int count = world.size();
    long[][] pseudonyms = new long[2][count];
    long[][][] values = new long[1][2][count];
    boolean[] counted = new boolean[count];
    for (int i = 0; i < count; i++) {
      Row row = world.get(i);
      pseudonyms[PAYER][i] = row.payer;
      pseudonyms[PAYEE][i] = row.payee;
      counted[i] = row.counted;
      values[0][0][i] = spec.values().get(0).admitted(row.amount);
      values[0][1][i] = spec.values().get(1).admitted(row.amount);
    }
    return new LinkRows(
        pseudonyms,
        world.stream().mapToInt(Row::bank).toArray(),
        world.stream().mapToInt(Row::minute).toArray(),
        world.stream().mapToLong(Row::transaction).toArray(),
        counted,
        values);
  }

  private static List<List<Long>> numbers(LinkColumns columns, LinkSpec spec, int rows) {
    List<List<Long>> all = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<Long> of = new ArrayList<>();
      for (int column = 0; column < spec.measures().size(); column++) {
        of.add(columns.shared(0, column)[row]);
      }
      all.add(of);
    }
    return all;
  }

  /** What each row gets and what is counted, from all earlier rows each time. */
  private static final class Naive {
    private final LinkSpec spec;
    private final List<Row> kept = new ArrayList<>();
    private final Set<Long> transactions = new TreeSet<>();
    private int forgotten;
    private int newest = Integer.MIN_VALUE;
    private long late;
    private long untracked;
    private long repeated;

    Naive(LinkSpec spec) {
      this.spec = spec;
    }

    private int pane(int track) {
      return (spec.tracks().get(track).windowMinutes() + 7) / 8;
    }

    /** Panes of the window, the last one's own among them. */
    private int panes(int track) {
      return (spec.tracks().get(track).windowMinutes() + pane(track) - 1) / pane(track);
    }

    private boolean isLate(int track, int minute) {
      return minute / pane(track) <= newest / pane(track) - panes(track);
    }

    List<Long> next(Row row) {
      if (row.counted) {
        int before = newest;
        newest = Math.max(newest, row.minute);
        while (newest / 60 > before / 60
            && forgotten < kept.size()
            && allLate(kept.get(forgotten).minute)) {
          forgotten++;
        }
      }
      List<Long> numbers = spec.measures().stream().map(measure -> number(measure, row)).toList();
      if (row.counted && !transactions.add(row.transaction)) {
        repeated++;
      } else if (row.counted) {
        for (int track = 0; track < spec.tracks().size(); track++) {
          late += isLate(track, row.minute) ? 1 : 0;
        }
        List<Row> remembered = kept.subList(forgotten, kept.size());
        long ofBank = remembered.stream().filter(of -> of.bank == row.bank).count();
        if (!allLate(row.minute)) {
          if (remembered.size() < spec.entitiesMax() && ofBank < spec.entitiesPerBank()) {
            kept.add(row);
          } else {
            untracked++;
          }
        }
      }
      return numbers;
    }

    private boolean allLate(int minute) {
      for (int track = 0; track < spec.tracks().size(); track++) {
        if (!isLate(track, minute)) {
          return false;
        }
      }
      return true;
    }

    private long number(Measure measure, Row row) {
      int track = measure.track();
      int role = spec.tracks().get(track).role();
      int window = spec.tracks().get(track).windowMinutes();
      int last = row.minute / pane(track);
      int from = Math.max(newest / pane(track), last) - panes(track);
      List<Row> seen =
          kept.stream()
              .filter(of -> of.entity(role) == row.entity(measure.entity()))
              .filter(of -> of.minute / pane(track) <= last && of.minute / pane(track) > from)
              .toList();
      long oldest = seen.stream().mapToLong(of -> row.minute - of.minute).max().orElse(0);
      long latest = seen.stream().mapToLong(of -> row.minute - of.minute).min().orElse(window);
      return switch (measure.kind()) {
        case COUNT -> seen.size();
        case SUM ->
            seen.stream()
                .mapToLong(of -> spec.values().get(measure.value()).admitted(of.amount))
                .sum();
        case BANKS -> seen.stream().map(Row::bank).distinct().count();
        case SINCE_FIRST -> Math.clamp(oldest, 0, window);
        case SINCE_LAST -> Math.clamp(latest, 0, window);
        case COUNTERPARTIES, LATEST -> throw new AssertionError(measure);
      };
    }
  }

  @Test
  void equalsPlainListsWhereverBatchesEndAndWhateverIsUndone() {
    long seed = Seeds.seed();
    var random = new SplittableRandom(seed);
    long[] counted = new long[3];
    long[] largest = new long[8];
    for (int world = 0; world < 40; world++) {
      List<Row> rows = world(random, 200);
      LinkSpec spec = world % 2 == 0 ? spec(100_000, 100_000) : spec(60, 25);
      var naive = new Naive(spec);
      List<List<Long>> expected = rows.stream().map(naive::next).toList();
      var state = new HiddenState(spec, 1);
      List<List<Long>> found = new ArrayList<>();
      int from = 0;
      while (from < rows.size()) {
        int to = Math.min(rows.size(), from + random.nextInt(1, 90));
        if (random.nextInt(3) == 0) {
          state.derive(rows(spec, rows.subList(from, to)));
          state.derive(rows(spec, rows.subList(to, rows.size())));
          state.rollback();
        }
        LinkColumns columns = state.derive(rows(spec, rows.subList(from, to)));
        found.addAll(numbers(columns, spec, to - from));
        if (random.nextBoolean() && to < rows.size()) {
          int next = Math.min(rows.size(), to + random.nextInt(1, 40));
          columns = state.derive(rows(spec, rows.subList(to, next)));
          found.addAll(numbers(columns, spec, next - to));
          state.commit();
          to = next;
        }
        state.commit();
        from = to;
      }
      assertThat(found).as("seed %d, world %d", seed, world).isEqualTo(expected);
      LinkState.Counters counters = state.counters();
      assertThat(counters.late()).isEqualTo(naive.late);
      assertThat(counters.untracked()).isEqualTo(naive.untracked);
      assertThat(counters.repeated()).isEqualTo(naive.repeated);
      assertThat(counters.entities()).isEqualTo(naive.kept.size() - naive.forgotten);
      counted[0] += naive.late;
      counted[1] += naive.untracked;
      counted[2] += naive.forgotten;
      expected.forEach(of -> Arrays.setAll(largest, i -> Math.max(largest[i], of.get(i))));
    }
    assertThat(counted).as("late, untracked, forgotten").doesNotContain(0);
    assertThat(largest).as("every window tells something").doesNotContain(0);
  }

  @Test
  void remembersAsManyAsTheBoundsAndThenCountsThem() {
    LinkSpec spec = spec(3, 2);
    var state = new HiddenState(spec, 1);
    List<Row> rows = new ArrayList<>();
    int[] banks = {0, 0, 0, 1, 1};
    for (int i = 0; i < banks.length; i++) {
      rows.add(new Row(1, 2, banks[i], 1_000 + i, i, true, 10));
    }
    List<List<Long>> numbers = numbers(state.derive(rows(spec, rows)), spec, banks.length);
    // Of bank 0 two, of bank 1 one more: then the room is full.
    assertThat(numbers.stream().map(of -> of.get(2))).containsExactly(0L, 1L, 2L, 2L, 3L);
    assertThat(state.counters().entities()).isEqualTo(3);
    assertThat(state.counters().untracked()).isEqualTo(2);
    // A day later there is room again.
    state.commit();
    state.derive(rows(spec, List.of(new Row(1, 2, 0, 2_700, 9, true, 10))));
    assertThat(state.counters().entities()).isEqualTo(1);
    assertThat(state.counters().untracked()).isEqualTo(2);
  }

  @Test
  void onSharesItSaysWhatToCompareAndPartiesKnowThatItIsTheSame() {
    LinkSpec spec = spec(100, 100);
    List<Row> world = world(new SplittableRandom(Seeds.seed()), 50);
    LinkRows plain = rows(spec, world);
    long[][][] kept = new long[2][spec.keptWords()][world.size()];
    var rows =
        new LinkRows(
            new long[2][world.size()],
            world.stream().mapToInt(Row::bank).toArray(),
            world.stream().mapToInt(Row::minute).toArray(),
            world.stream().mapToLong(Row::transaction).toArray(),
            new boolean[world.size()],
            kept);
    var first = new HiddenState(spec, 2);
    var second = new HiddenState(spec, 2);
    byte[] digest = first.derive(rows).hidden().orElseThrow().digest();
    assertThat(second.derive(rows).hidden().orElseThrow().digest()).isEqualTo(digest);
    first.rollback();
    assertThat(first.derive(rows).hidden().orElseThrow().digest()).isEqualTo(digest);
    assertThat(first.derive(rows).hidden().orElseThrow().digest()).isNotEqualTo(digest);
    assertThatIllegalArgumentException().isThrownBy(() -> first.derive(plain));
    assertThat(first).hasToString("HiddenState[records=0]");
  }

  @Test
  void opensAsManyBitsAsLeaveEnoughInABucket() {
    assertThat(new Hidden(16, 32, 1).bucketBits()).isEqualTo(1);
    assertThat(new Hidden(16, 31, 1).bucketBits()).isEqualTo(0);
    assertThat(new Hidden(100, 100_000, 1).bucketBits()).isEqualTo(9);
    assertThat(new Hidden(100, 102_399, 1).bucketBits()).isEqualTo(9);
    assertThat(new Hidden(100, 102_400, 1).bucketBits()).isEqualTo(10);
    assertThat(new Hidden(100, 100_000, 1).expected()).isEqualTo(195);
    for (int active = 32; active < 5_000; active++) {
      assertThat(new Hidden(16, active, 1).expected()).isBetween(16L, 32L);
    }
  }

  @Test
  void aRecordsFieldsOpenNoMoreTogetherThanOneMay() {
    assertThat(new Hidden(100, 100_000, 2).bucketBits()).isEqualTo(4);
    assertThat(new Hidden(100, 100_000, 9).bucketBits()).isEqualTo(1);
    assertThat(new Hidden(100, 100_000, 10).bucketBits()).isZero();
    for (int fields = 1; fields <= LinkSpec.ENTITIES_MAX; fields++) {
      for (int active = 16; active < 40_000; active += 7) {
        var hidden = new Hidden(16, active, fields);
        assertThat(active >> fields * hidden.bucketBits()).isGreaterThanOrEqualTo(16);
      }
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Hidden(16, 64, 0));
  }

  @Test
  void namesOfForgottenRecordsAreForgotten() {
    LinkSpec spec = spec(4_000, 4_000);
    var state = new HiddenState(spec, 1);
    var naive = new Naive(spec);
    var random = new SplittableRandom(Seeds.seed());
    int most = 0;
    for (int batch = 0; batch < 40; batch++) {
      List<Row> world = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        // Most are named once; windows of a day cover some batches.
        long payee = random.nextInt(4) == 0 ? random.nextInt(5) : random.nextLong();
        world.add(new Row(random.nextLong(), payee, 0, batch * 240 + i, 100L * batch + i, true, i));
      }
      LinkRows rows = rows(spec, world);
      if (batch % 3 == 1) {
        state.derive(rows);
        state.rollback();
      }
      LinkColumns columns = state.derive(rows);
      assertThat(numbers(columns, spec, 100)).isEqualTo(world.stream().map(naive::next).toList());
      state.commit();
      most = Math.max(most, state.headsKnown());
    }
    // Of two roles: those of the records of a day and some hours, as many again, and what may stay.
    assertThat(most).isLessThan(2 * (2 * 9 * 100 + HiddenState.FORGOTTEN_MAX));
  }

  @Test
  void takesNothingFromAnotherEpoch() {
    var handed = new CarriedTable(0, 0, new long[0], new long[1][0][]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinkMemory.of(spec(10, 10), 1, false, List.of(handed)));
    assertThat(LinkMemory.of(spec(10, 10), 1, false, List.of())).isInstanceOf(HiddenState.class);
  }
}
