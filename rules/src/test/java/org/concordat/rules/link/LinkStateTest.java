package org.concordat.rules.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.concordat.rules.Seeds;
import org.concordat.rules.link.LinkSpec.EdgeSpec;
import org.concordat.rules.link.LinkSpec.EntityField;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.link.LinkSpec.Shape;
import org.concordat.rules.link.LinkSpec.Track;
import org.concordat.rules.link.LinkSpec.ValueField;
import org.junit.jupiter.api.Test;

/** Windows and paths against plain lists of all earlier records, and the bounds of what is kept. */
class LinkStateTest {
  private static final int PAYER = 0;
  private static final int PAYEE = 1;
  private static final int DEVICE = 2;
  private static final int PAYMENT = 3;
  private static final int HOUR = 60;

  /** Index of the path whose members are compared. */
  private static final int LONGEST = 2;

  private static final int STACKED = 6;

  private static final LinkSpec SPEC = spec(1 << 16, 64, 10_000, 0);

  private static LinkSpec spec(int entitiesMax, int edgesMax, int eventsMax, int freshMinutes) {
    return new LinkSpec(
        64,
        entitiesMax,
        List.of(
            new EntityField("payer", 0),
            new EntityField("payee", 2),
            new EntityField("device", 4),
            new EntityField("payment", 6)),
        PAYMENT,
        List.of(
            new ValueField("amount", 8, 1_000_000),
            new ValueField("suspected", 9, 1),
            new ValueField("amount", 8, 400_000, 600_000, true)),
        List.of(
            new Track(PAYEE, 24 * HOUR, eventsMax, PAYER),
            new Track(PAYER, 2 * HOUR, eventsMax, PAYEE),
            new Track(PAYEE, 1, eventsMax, -1),
            new Track(DEVICE, 7 * 24 * HOUR, eventsMax, PAYER),
            new Track(PAYEE, 90 * 24 * HOUR, eventsMax, -1),
            new Track(PAYER, 11, eventsMax, -1, 3),
            new Track(PAYEE, 12 * HOUR, eventsMax, -1, 5)),
        List.of(
            new Measure("payer-in-sum", PAYER, 0, Kind.SUM, 0),
            new Measure("payee-in-count", PAYEE, 0, Kind.COUNT, -1),
            new Measure("payee-banks", PAYEE, 0, Kind.BANKS, -1),
            new Measure("payee-payers", PAYEE, 0, Kind.COUNTERPARTIES, -1),
            new Measure("payer-out-sum", PAYER, 1, Kind.SUM, 0),
            new Measure("payer-out-last", PAYER, 1, Kind.SINCE_LAST, -1),
            new Measure("payee-this-minute", PAYEE, 2, Kind.COUNT, -1),
            new Measure("device-payers", DEVICE, 3, Kind.COUNTERPARTIES, -1),
            new Measure("payee-known", PAYEE, 4, Kind.SINCE_FIRST, -1),
            new Measure("payer-latest", PAYER, 5, Kind.LATEST, 0),
            new Measure("mule", PAYEE, 4, Kind.SUM, 1),
            new Measure("payer-latest-in", PAYER, 6, Kind.LATEST, 0),
            new Measure("suspected-latest-in", PAYEE, 6, Kind.LATEST, 1),
            new Measure("payee-in-range", PAYEE, 6, Kind.SUM, 2)),
        Optional.of(new EdgeSpec(PAYER, PAYEE, 0, edgesMax, freshMinutes)),
        List.of(
            new PathSpec("ring", Shape.CYCLE, 2, 5, 30 * HOUR, 3),
            new PathSpec("passed", Shape.CHAIN, 3, 3, 10 * HOUR, 2),
            new PathSpec("longest", Shape.CYCLE_LENGTH, 3, 6, 20 * HOUR, 0),
            new PathSpec("gather", Shape.SCATTER_GATHER, 0, 0, 20 * HOUR, 0),
            new PathSpec("diamonds", Shape.DIAMONDS, 0, 0, 20 * HOUR, 0),
            new PathSpec("layer", Shape.BIPARTITE, 0, 0, 20 * HOUR, 0),
            new PathSpec("stacked", Shape.STACK, 0, 0, 20 * HOUR, 0),
            new PathSpec("pairs", Shape.BUTTERFLIES, 0, 0, 20 * HOUR, 0)));
  }

  /** A record of a made-up world. */
  private record Row(
      long[] pseudonyms, int bank, int minute, long transaction, boolean counted, long[] values) {}

  private static List<Row> world(SplittableRandom random, int rows) {
    List<Row> world = new ArrayList<>();
    int accounts = random.nextInt(4, 14);
    int minute = random.nextInt(0, 100_000);
    int last = minute;
    for (int i = 0; i < rows; i++) {
      minute += random.nextInt(10) == 0 ? random.nextInt(3_000) : random.nextInt(40);
      minute -= random.nextInt(3) == 0 ? minute - Math.max(last, minute - 40) : 0;
      last = minute;
      int late = random.nextInt(8) == 0 ? random.nextInt(2_500) : 0;
      long payer = random.nextInt(accounts);
      long payee = random.nextInt(accounts);
      long device = 100 + random.nextInt(4);
      long payment = 1_000 + random.nextInt(2 * rows);
      world.add(
          new Row(
              new long[] {payer, payee, device, payment},
              random.nextInt(5) * 31,
              Math.max(0, minute - late),
              100_000 + random.nextInt(6 * rows),
              random.nextInt(20) > 0,
              new long[] {random.nextLong(1_000_000), random.nextInt(2)}));
    }
    return world;
  }

  /** With values split into as many summands. */
  private static LinkRows rows(List<Row> world, int components, SplittableRandom random) {
    int count = world.size();
    long[][] pseudonyms = new long[4][count];
    long[][][] values = new long[components][3][count];
    int[] banks = new int[count];
    int[] minutes = new int[count];
    long[] transactions = new long[count];
    boolean[] counted = new boolean[count];
    for (int r = 0; r < count; r++) {
      Row row = world.get(r);
      for (int entity = 0; entity < 4; entity++) {
        pseudonyms[entity][r] = row.pseudonyms[entity];
      }
      banks[r] = row.bank;
      minutes[r] = row.minute;
      transactions[r] = row.transaction;
      counted[r] = row.counted;
      for (int v = 0; v < 3; v++) {
        long rest = SPEC.values().get(v).admitted(row.values[v == 1 ? 1 : 0]);
        for (int c = 1; c < components; c++) {
          values[c][v][r] = random.nextLong();
          rest -= values[c][v][r];
        }
        values[0][v][r] = rest;
      }
    }
    return new LinkRows(pseudonyms, banks, minutes, transactions, counted, values);
  }

  private static List<Map<String, Long>> columns(LinkColumns columns, LinkSpec spec, int rows) {
    return columns(columns, spec, rows, 1);
  }

  private static List<Map<String, Long>> columns(
      LinkColumns columns, LinkSpec spec, int rows, int components) {
    List<Map<String, Long>> all = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      Map<String, Long> of = new LinkedHashMap<>();
      for (int column = 0; column < spec.derived().size(); column++) {
        long number = 0;
        switch (spec.derived().get(column)) {
          case LinkSpec.Public unused -> number = columns.open(column)[row];
          case LinkSpec.Carried unused -> throw new AssertionError("nothing is carried");
          case LinkSpec.Shared unused -> {
            for (int c = 0; c < components; c++) {
              number += columns.shared(c, column)[row];
            }
          }
        }
        of.put(spec.derived().get(column).name(), number);
      }
      all.add(of);
    }
    return all;
  }

  private static List<Map<String, Long>> naive(LinkSpec spec, List<Row> world) {
    var naive = new NaiveLinks(spec);
    return world.stream()
        .map(
            row ->
                naive.next(
                    new NaiveLinks.Seen(
                        row.pseudonyms, row.bank, row.minute, row.values, world.indexOf(row)),
                    row.transaction,
                    row.counted))
        .toList();
  }

  @Test
  void equalsPlainListsWhereverBatchesEnd() {
    var random = new SplittableRandom(Seeds.seed());
    Set<String> occurred = new TreeSet<>();
    for (int world = 0; world < 30; world++) {
      List<Row> rows = world(random, 130);
      LinkSpec spec = spec(1 << 16, 64, 10_000, world % 2 * 72 * HOUR);
      var state = new LinkState(spec, 1, true, List.of());
      List<Map<String, Long>> found = new ArrayList<>();
      int from = 0;
      while (from < rows.size()) {
        int to = Math.min(rows.size(), from + random.nextInt(1, 90));
        List<Row> batch = rows.subList(from, to);
        if (random.nextInt(3) == 0) {
          state.derive(rows(rows.subList(from, rows.size()), 1, random));
          state.rollback();
        }
        LinkColumns columns = state.derive(rows(batch, 1, random));
        List<Map<String, Long>> numbers = columns(columns, spec, batch.size());
        for (int row = 0; row < batch.size(); row++) {
          for (long member : columns.membersOf(LONGEST, row)) {
            numbers.get(row).put("member " + (member), 1L);
          }
        }
        found.addAll(numbers);
        state.commit();
        from = to;
      }
      assertThat(found).as("world " + world).isEqualTo(naive(spec, rows));
      found.forEach(of -> of.forEach((name, number) -> occurred.add(number > 1 ? name : "")));
    }
    assertThat(occurred).containsAll(SPEC.measures().stream().map(Measure::name).toList());
    assertThat(occurred).contains("ring#0", "ring#1.2", "passed#1.2", "longest");
    assertThat(occurred).contains("gather", "diamonds", "stacked", "pairs");
  }

  @Test
  void sharesAddUpToThePlainColumns() {
    var random = new SplittableRandom(Seeds.seed());
    List<Row> world = world(random, 400);
    var plain = new LinkState(SPEC, 1);
    var shared = new LinkState(SPEC, 3);
    assertThat(columns(shared.derive(rows(world, 3, random)), SPEC, 400, 3))
        .isEqualTo(columns(plain.derive(rows(world, 1, random)), SPEC, 400));
  }

  @Test
  void severalBatchesAreUndoneTogetherAndCommittedInOrder() {
    var random = new SplittableRandom(Seeds.seed());
    List<Row> world = world(random, 300);
    var state = new LinkState(SPEC, 1);
    state.derive(rows(world.subList(0, 100), 1, random));
    state.derive(rows(world.subList(100, 200), 1, random));
    state.commit();
    state.derive(rows(world.subList(200, 300), 1, random));
    state.rollback();
    List<Map<String, Long>> again =
        columns(state.derive(rows(world.subList(100, 300), 1, random)), SPEC, 200);
    List<Map<String, Long>> expected = naive(SPEC, world).subList(100, 300);
    expected.forEach(columns -> columns.keySet().removeIf(name -> name.startsWith("member")));
    assertThat(again).isEqualTo(expected);
  }

  private static Row payment(long payer, long payee, int minute, long id, long amount) {
    return new Row(new long[] {payer, payee, 9, id}, 0, minute, id, true, new long[] {amount, 0});
  }

  private static List<Map<String, Long>> derive(LinkSpec spec, Row... rows) {
    var random = new SplittableRandom(1);
    LinkRows all = rows(Arrays.asList(rows), 1, random);
    return columns(new LinkState(spec, 1).derive(all), spec, rows.length);
  }

  @Test
  void aWindowStandsStillAtItsEvents() {
    LinkSpec spec = spec(100, 8, 3, 0);
    List<Map<String, Long>> found =
        derive(
            spec,
            payment(1, 2, 0, 101, 10),
            payment(1, 2, 1, 102, 10),
            payment(1, 2, 2, 103, 10),
            payment(1, 2, 3, 104, 10),
            payment(2, 3, 4, 105, 10));
    assertThat(found.get(3)).containsEntry("payee-in-count", 3L);
    assertThat(found.get(4)).containsEntry("payer-in-sum", 30L);
  }

  @Test
  void theLatestRecordsGiveTheirValuesAndOlderOnesGiveWay() {
    List<Map<String, Long>> found =
        derive(
            SPEC,
            payment(1, 2, 0, 101, 11),
            payment(1, 2, 1, 102, 12),
            payment(1, 3, 2, 103, 13),
            payment(1, 2, 3, 104, 14),
            payment(1, 2, 10, 105, 15),
            payment(1, 2, 12, 106, 16));
    assertThat(found.get(0)).containsEntry("payer-latest", 0L).containsEntry("payer-latest.1", 0L);
    assertThat(found.get(2))
        .containsEntry("payer-latest", 2L)
        .containsEntry("payer-latest.1", 12L)
        .containsEntry("payer-latest.2", 11L)
        .containsEntry("payer-latest.3", 0L);
    // Three are remembered.
    assertThat(found.get(4))
        .containsEntry("payer-latest", 3L)
        .containsEntry("payer-latest.1", 14L)
        .containsEntry("payer-latest.3", 12L);
    // Eleven minutes are six panes of two.
    assertThat(found.get(5))
        .containsEntry("payer-latest", 3L)
        .containsEntry("payer-latest.1", 15L)
        .containsEntry("payer-latest.2", 14L)
        .containsEntry("payer-latest.3", 13L);
  }

  @Test
  void aWindowReachesBackByItsLengthUpToAPane() {
    for (int minutes : new int[] {1, 2, 7, 8, 9, 15, 16, 17, 60, 1000}) {
      var track = new Track(PAYEE, minutes, 10, -1);
      int covered = track.panes() * track.paneMinutes();
      assertThat(covered).isBetween(minutes, minutes + track.paneMinutes() - 1);
      assertThat(track.panes()).isLessThanOrEqualTo(LinkSpec.PANES);
    }
  }

  @Test
  void entitiesBeyondTheBoundAreCountedAndNotTracked() {
    LinkSpec spec = spec(3, 8, 10, 0);
    var state = new LinkState(spec, 1);
    var random = new SplittableRandom(1);
    state.derive(rows(List.of(payment(1, 2, 0, 101, 10), payment(1, 4, 1, 102, 10)), 1, random));
    assertThat(state.counters().entities()).isEqualTo(3);
    assertThat(state.counters().untracked()).isEqualTo(1);
    state.rollback();
    assertThat(state.counters().entities()).isZero();
    assertThat(state.counters().untracked()).isZero();
  }

  private static Row of(int bank, Row row) {
    return new Row(row.pseudonyms, bank, row.minute, row.transaction, row.counted, row.values);
  }

  private static LinkSpec bounded(int entitiesPerBank, int edgesMax, int stepsMax) {
    LinkSpec spec = spec(1_000, edgesMax, 10_000, 0);
    return new LinkSpec(
        64,
        1_000,
        entitiesPerBank,
        spec.entities(),
        PAYMENT,
        spec.values(),
        spec.tracks(),
        spec.measures(),
        Optional.of(new EdgeSpec(PAYER, PAYEE, 0, edgesMax, 0, stepsMax)),
        spec.paths(),
        Optional.empty(),
        false);
  }

  @Test
  void aBankThatFillsItsPartLeavesTheRestToOthers() {
    var state = new LinkState(bounded(4, 8, 1_000), 1);
    var random = new SplittableRandom(1);
    // Both accounts and the device of the first payment, then one account more.
    LinkRows flood =
        rows(
            List.of(
                of(3, payment(1, 2, 0, 101, 10)),
                of(3, payment(1, 4, 1, 102, 10)),
                of(3, payment(1, 5, 2, 103, 10))),
            1,
            random);
    state.derive(flood);
    assertThat(state.counters().entities()).isEqualTo(4);
    assertThat(state.counters().untracked()).isEqualTo(1);
    state.rollback();
    state.derive(flood);
    assertThat(state.counters().entities()).as("undone, it has its part again").isEqualTo(4);
    state.commit();
    LinkRows other = rows(List.of(of(4, payment(6, 7, 3, 104, 10))), 1, random);
    state.derive(other);
    assertThat(state.counters().entities()).as("another bank").isEqualTo(6);
    LinkRows known = rows(List.of(of(3, payment(6, 7, 4, 105, 10))), 1, random);
    LinkColumns seen = state.derive(known);
    assertThat(columns(seen, SPEC, 1).getFirst()).containsEntry("payee-in-count", 1L);
    assertThat(state.counters().untracked()).as("known ones take no room").isEqualTo(1);
    // Half a year later all is forgotten.
    LinkRows later = rows(List.of(of(3, payment(11, 12, 300_000, 106, 10))), 1, random);
    state.derive(later);
    assertThat(state.counters().entities()).isEqualTo(3);
    assertThat(state.counters().untracked()).isEqualTo(1);
  }

  @Test
  void aDenseGraphIsSearchedUpToTheStepsAndNoFurther() {
    List<Row> dense = new ArrayList<>();
    int id = 1_000;
    for (int from = 1; from <= 30; from++) {
      for (int to = 1; to <= 30; to++) {
        if (from != to) {
          dense.add(payment(from, to, 1, id++, 10));
        }
      }
    }
    dense.add(payment(1, 40, 2, id++, 10));
    for (int from = 2; from <= 30; from++) {
      dense.add(payment(from, 40, 2, id++, 10));
    }
    dense.add(payment(31, 40, 3, id, 10));
    long[] cut = new long[2];
    List<List<Map<String, Long>>> found = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      LinkSpec spec = bounded(1_000, 64, i == 0 ? 1_000 : 1_000_000);
      var state = new LinkState(spec, 1);
      var random = new SplittableRandom(1);
      found.add(columns(state.derive(rows(dense, 1, random)), spec, dense.size()));
      cut[i] = state.counters().cutShort();
      var again = new LinkState(spec, 2);
      int half = dense.size() / 2;
      again.derive(rows(dense.subList(0, half), 2, random));
      again.derive(rows(dense.subList(half, dense.size()), 2, random));
      assertThat(again.counters().cutShort()).as("wherever batches end").isEqualTo(cut[i]);
    }
    assertThat(cut[0]).isGreaterThan(cut[1]);
    String[] numbers = {"gather", "diamonds", "layer", "stacked", "pairs"};
    for (int row = 0; row < dense.size(); row++) {
      for (String number : numbers) {
        assertThat(found.get(0).get(row).get(number))
            .isLessThanOrEqualTo(found.get(1).get(row).get(number));
      }
    }
    assertThat(found.get(0)).isNotEqualTo(found.get(1));
  }

  @Test
  void aStackNamesBothOfItsLayers() {
    List<Row> layers =
        List.of(
            payment(11, 1, 0, 101, 10),
            payment(12, 1, 1, 102, 10),
            payment(13, 1, 2, 103, 10),
            payment(11, 20, 3, 104, 10),
            payment(12, 20, 4, 105, 10),
            payment(11, 21, 5, 106, 10),
            payment(20, 2, 6, 107, 10),
            payment(21, 2, 7, 108, 10),
            payment(1, 2, 8, 109, 10));
    LinkColumns found =
        new LinkState(SPEC, 1, true, List.of()).derive(rows(layers, 1, new SplittableRandom(1)));
    assertThat(columns(found, SPEC, 9).getLast()).containsEntry("stacked", 1L);
    assertThat(found.membersOf(STACKED, 8)).containsExactly(0, 1, 3, 4, 6);
  }

  @Test
  void theSecondHalfOfAPaymentAddsNothing() {
    Row second = new Row(new long[] {1, 2, 9, 101}, 7, 1, 555, true, new long[] {10, 0});
    List<Map<String, Long>> found =
        derive(SPEC, payment(1, 2, 0, 101, 10), second, payment(2, 3, 2, 102, 10));
    assertThat(found.get(1)).containsEntry("payee-in-count", 1L);
    assertThat(found.get(2)).containsEntry("payer-in-sum", 10L);
  }

  @Test
  void forgetsWhatNoWindowReaches() {
    var state = new LinkState(SPEC, 1);
    var random = new SplittableRandom(1);
    state.derive(rows(List.of(payment(1, 2, 0, 101, 10)), 1, random));
    state.commit();
    assertThat(state.counters().entities()).isEqualTo(3);
    int later = 2 * 90 * 24 * HOUR + 3 * 24 * HOUR;
    state.derive(rows(List.of(payment(5, 6, later, 102, 10)), 1, random));
    assertThat(state.counters().entities()).isEqualTo(3);
    state.rollback();
    List<Map<String, Long>> again =
        columns(state.derive(rows(List.of(payment(2, 1, 5, 103, 7)), 1, random)), SPEC, 1);
    assertThat(again.getFirst()).containsEntry("payer-in-sum", 10L).containsEntry("ring#0.1", 10L);
  }

  @Test
  void pathsLookAtTheLatestPaymentsOnly() {
    LinkSpec spec = spec(100, 2, 10, 0);
    List<Map<String, Long>> found =
        derive(
            spec,
            payment(2, 1, 0, 101, 11),
            payment(3, 1, 1, 102, 12),
            payment(4, 1, 2, 103, 13),
            payment(1, 2, 3, 104, 14),
            payment(1, 3, 4, 105, 15));
    assertThat(found.get(3)).containsEntry("ring#0", 0L);
    assertThat(found.get(4)).containsEntry("ring#0", 1L).containsEntry("ring#0.1", 12L);
  }

  @Test
  void refusesBanksThatDontFit() {
    Row row = new Row(new long[] {1, 2, 3, 4}, PaneRing.BANKS_MAX, 0, 5, true, new long[2]);
    assertThatThrownBy(() -> rows(List.of(row), 1, new SplittableRandom(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void printsNoValue() {
    LinkRows rows = rows(List.of(payment(1, 2, 3, 987_654, 4)), 1, new SplittableRandom(1));
    assertThat(rows).hasToString("LinkRows[rows=1]");
    assertThat(new LinkState(SPEC, 1)).hasToString("LinkState[entities=0]");
  }
}
