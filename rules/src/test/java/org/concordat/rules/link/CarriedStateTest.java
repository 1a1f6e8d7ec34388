package org.concordat.rules.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.concordat.rules.Seeds;
import org.concordat.rules.link.LinkSpec.EntityField;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.Track;
import org.concordat.rules.link.LinkSpec.ValueField;
import org.junit.jupiter.api.Test;

/** What windows see over the beginning of an epoch, against plain lists of records. */
class CarriedStateTest {
  private static final int HOUR = 60;
  private static final int DAY = 24 * HOUR;
  private static final int PAYER = 0;
  private static final int PAYEE = 1;
  private static final LinkSpec SPEC = spec(true);

  private static LinkSpec spec(boolean carried) {
    return new LinkSpec(
        64,
        1_000,
        1_000,
        List.of(new EntityField("payer", 0), new EntityField("payee", 2)),
        -1,
        List.of(new ValueField("amount", 4, 1_000), new ValueField("amount", 4, 10, 20, true)),
        List.of(
            new Track(PAYEE, DAY, 10_000, -1),
            new Track(PAYER, 2 * HOUR, 10_000, -1),
            new Track(PAYEE, 7 * DAY + 11, 10_000, -1),
            new Track(PAYEE, 9, 10_000, -1)),
        List.of(
            new Measure("in", PAYER, 0, Kind.SUM, 0),
            new Measure("in-count", PAYEE, 0, Kind.COUNT, -1),
            new Measure("in-range", PAYEE, 0, Kind.SUM, 1),
            new Measure("out-last", PAYER, 1, Kind.SINCE_LAST, -1),
            new Measure("known", PAYEE, 2, Kind.SINCE_FIRST, -1),
            new Measure("quiet", PAYEE, 2, Kind.SINCE_LAST, -1),
            new Measure("known-lately", PAYEE, 3, Kind.SINCE_FIRST, -1),
            new Measure("now", PAYEE, 3, Kind.COUNT, -1),
            new Measure("banks", PAYEE, 0, Kind.BANKS, -1)),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        carried);
  }

  private record Row(long payer, long payee, int bank, int minute, long amount) {
    long role(int entity) {
      return entity == PAYER ? payer : payee;
    }
  }

  /** The records of an epoch that one sees, and of the epochs before. */
  private static final class Lists {
    private final List<List<Row>> epochs = new ArrayList<>(List.of(new ArrayList<>()));

    private List<Row> own() {
      return epochs.getLast();
    }

    void next(Row row) {
      own().add(row);
    }

    void newEpoch() {
      epochs.add(new ArrayList<>());
    }

    private static int pane(Track track, int minute) {
      return Math.floorDiv(minute, (track.windowMinutes() + 7) / 8);
    }

    private static int panes(Track track) {
      return Math.ceilDiv(track.windowMinutes(), (track.windowMinutes() + 7) / 8);
    }

    /** Of a track, without those that were late to it. */
    private static List<Row> kept(List<Row> records, Track track, long key) {
      List<Row> kept = new ArrayList<>();
      int newest = Integer.MIN_VALUE / 2;
      for (Row record : records) {
        if (record.role(track.role()) == key
            && pane(track, record.minute) > newest - panes(track)) {
          kept.add(record);
          newest = Math.max(newest, pane(track, record.minute));
        }
      }
      return kept;
    }

    private boolean isIn(int epoch, long key) {
      return epochs.get(epoch).stream().anyMatch(r -> r.payer == key || r.payee == key);
    }

    /** Whether an epoch was handed that an entity had a record of a track in one before. */
    private boolean isKnown(int epoch, Track track, long key) {
      return epoch > 0
          && isIn(epoch - 1, key)
          && (!kept(epochs.get(epoch - 1), track, key).isEmpty() || isKnown(epoch - 1, track, key));
    }

    long number(Measure measure, Row row) {
      Track track = SPEC.tracks().get(measure.track());
      long key = row.role(measure.entity());
      int epoch = epochs.size() - 1;
      List<Row> mine = kept(own(), track, key);
      List<Row> before = epoch == 0 ? List.of() : epochs.get(epoch - 1);
      int end = before.stream().mapToInt(Row::minute).max().orElse(Integer.MIN_VALUE / 2);
      int read = Math.max(row.minute, end);
      int newest = mine.stream().mapToInt(r -> pane(track, r.minute)).max().orElse(-1);
      int own = pane(track, row.minute);
      List<Row> in =
          mine.stream()
              .filter(r -> pane(track, r.minute) <= own)
              .filter(r -> pane(track, r.minute) > Math.max(own, newest) - panes(track))
              .toList();
      List<Row> handed =
          kept(before, track, key).stream()
              .filter(r -> pane(track, r.minute) > pane(track, end) - panes(track))
              .toList();
      List<Row> more =
          handed.stream()
              .filter(
                  r -> pane(track, r.minute) > Math.max(pane(track, read), newest) - panes(track))
              .toList();
      return switch (measure.kind()) {
        case COUNT -> in.size() + more.size();
        case SUM -> sum(measure, in) + sum(measure, more);
        case SINCE_FIRST -> first(epoch, track, key, mine, row, end);
        case SINCE_LAST -> last(track, mine, handed, row, read);
        case BANKS -> Stream.concat(in.stream(), more.stream()).map(Row::bank).distinct().count();
        case COUNTERPARTIES, LATEST -> 0;
      };
    }

    private static long sum(Measure measure, List<Row> records) {
      ValueField value = SPEC.values().get(measure.value());
      return records.stream().mapToLong(r -> value.admitted(r.amount)).sum();
    }

    private long first(int epoch, Track track, long key, List<Row> mine, Row row, int end) {
      if (isKnown(epoch, track, key)) {
        int first =
            isKnown(epoch - 1, track, key)
                ? Integer.MIN_VALUE / 2
                : kept(epochs.get(epoch - 1), track, key).stream()
                    .mapToInt(Row::minute)
                    .min()
                    .orElseThrow();
        return pane(track, first) > pane(track, end) - panes(track)
            ? since(track, first, Math.max(row.minute, end))
            : track.windowMinutes();
      }
      int first = mine.stream().mapToInt(Row::minute).min().orElse(row.minute);
      return Math.clamp((long) row.minute - first, 0, track.windowMinutes());
    }

    private static long last(Track track, List<Row> mine, List<Row> handed, Row row, int read) {
      if (!mine.isEmpty()) {
        int last = mine.stream().mapToInt(Row::minute).max().orElseThrow();
        return Math.clamp((long) row.minute - last, 0, track.windowMinutes());
      }
      int last = handed.stream().mapToInt(Row::minute).max().orElse(Integer.MIN_VALUE / 2);
      return since(track, last, read);
    }

    /** Of what was handed: the window's length if its pane isn't all in the window. */
    private static long since(Track track, int minute, int read) {
      int paneMinutes = (track.windowMinutes() + 7) / 8;
      long start = (long) Math.floorDiv(minute, paneMinutes) * paneMinutes;
      return start < (long) read - track.windowMinutes()
          ? track.windowMinutes()
          : (long) read - minute;
    }
  }

  private static List<Row> world(SplittableRandom random, int count) {
    List<Row> rows = new ArrayList<>();
    int minute = 100_000 + random.nextInt(100_000);
    for (int i = 0; i < count; i++) {
      minute += random.nextInt(12) == 0 ? random.nextInt(1_500) : random.nextInt(30);
      int late = random.nextInt(6) == 0 ? random.nextInt(3_000) : 0;
      rows.add(
          new Row(
              random.nextInt(9),
              random.nextInt(9),
              random.nextInt(4) * 40,
              minute - late,
              random.nextInt(30)));
    }
    return rows;
  }

  /** With values and hashes split into as many components. */
  private static LinkRows rows(List<Row> world, int components, SplittableRandom random, int from) {
    int count = world.size();
    long[][] pseudonyms = new long[2][count];
    long[][][] values = new long[components][2][count];
    long[][][] hashes = new long[components][4][count];
    long[] transactions = new long[count];
    boolean[] counted = new boolean[count];
    Arrays.fill(counted, true);
    for (int r = 0; r < count; r++) {
      Row row = world.get(r);
      transactions[r] = 1_000_000L + from + r;
      for (int entity = 0; entity < 2; entity++) {
        pseudonyms[entity][r] = row.role(entity);
        for (int word = 0; word < 2; word++) {
          long rest = 1_000 * row.role(entity) + word;
          for (int c = 1; c < components; c++) {
            hashes[c][2 * entity + word][r] = random.nextLong();
            rest ^= hashes[c][2 * entity + word][r];
          }
          hashes[0][2 * entity + word][r] = rest;
        }
      }
      for (int v = 0; v < 2; v++) {
        long rest = SPEC.values().get(v).admitted(row.amount);
        for (int c = 1; c < components; c++) {
          values[c][v][r] = random.nextLong();
          rest -= values[c][v][r];
        }
        values[0][v][r] = rest;
      }
    }
    return new LinkRows(
        pseudonyms,
        world.stream().mapToInt(Row::bank).toArray(),
        world.stream().mapToInt(Row::minute).toArray(),
        transactions,
        counted,
        values,
        new long[2][count],
        new boolean[count],
        hashes);
  }

  /** As the stage does, but for order and pseudonyms; hashes and padding are looked at. */
  private static List<CarriedTable> handed(LinkState state, int components, int publicAt) {
    List<CarriedTable> tables = new ArrayList<>();
    for (CarriedRows rows : state.carry(publicAt)) {
      if (components == 1) {
        tables.add(rows.plain());
        continue;
      }
      assertThat(rows.rows()).isEqualTo(rows.entities() == 0 ? 0 : 64);
      long[][][] words = new long[components][][];
      for (int c = 0; c < components; c++) {
        words[c] =
            Arrays.stream(rows.columns()[c])
                .skip(CarriedRows.HASH_COLUMNS)
                .map(column -> Arrays.copyOf(column, rows.entities()))
                .toArray(long[][]::new);
      }
      for (int row = 0; row < rows.entities(); row++) {
        for (int word = 0; word < 2; word++) {
          long hash = 0;
          for (int c = 0; c < components; c++) {
            hash ^= rows.columns()[c][word][row];
          }
          assertThat(hash).isEqualTo(1_000 * rows.pseudonyms()[row] + word);
        }
      }
      tables.add(CarriedTable.sorted(rows.newestMinute(), rows.banks(), rows.pseudonyms(), words));
    }
    return tables;
  }

  private static List<List<Long>> numbers(LinkColumns columns, int rows, int components) {
    List<List<Long>> numbers = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<Long> of = new ArrayList<>();
      for (int column = 0; column < SPEC.derived().size(); column++) {
        long number = columns.whole(0, column)[row];
        for (int c = 1; c < components && columns.shared(c, column) != null; c++) {
          number += columns.shared(c, column)[row];
        }
        number += components == 1 ? 0 : banks(columns, column, row, components);
        of.add(number);
      }
      numbers.add(of);
    }
    return numbers;
  }

  /** As the stage counts them. */
  private static int banks(LinkColumns columns, int column, int row, int components) {
    int banks = 0;
    boolean isOfBits =
        SPEC.derived().get(column) instanceof LinkSpec.Carried carried && carried.isOfBits();
    for (int word = 0; isOfBits && word < 2; word++) {
      long bits = 0;
      for (int c = 0; c < components; c++) {
        bits ^= columns.bits(c, column)[word][row];
      }
      banks += Long.bitCount(bits);
    }
    return banks;
  }

  private static void assertAsLists(int components, int publicAt) {
    long seed = Seeds.seed();
    var random = new SplittableRandom(seed);
    Set<String> told = new HashSet<>();
    for (int world = 0; world < 40; world++) {
      List<Row> rows = world(random, 160);
      var lists = new Lists();
      var state = new LinkState(SPEC, components, false, List.of());
      var ends = new TreeSet<>(List.of(random.nextInt(160), random.nextInt(160), 160));
      int from = 0;
      for (int end : ends) {
        while (from < end) {
          int to = Math.min(end, from + random.nextInt(1, 40));
          List<Row> batch = rows.subList(from, to);
          if (random.nextInt(3) == 0) {
            state.derive(rows(batch, components, random, from));
            state.rollback();
          }
          LinkColumns columns = state.derive(rows(batch, components, random, from));
          state.commit();
          List<List<Long>> numbers = numbers(columns, batch.size(), components);
          for (int row = 0; row < batch.size(); row++) {
            Row of = batch.get(row);
            List<Long> expected =
                SPEC.measures().stream().map(measure -> lists.number(measure, of)).toList();
            assertThat(numbers.get(row))
                .as("seed %d world %d row %d", seed, world, from + row)
                .isEqualTo(expected);
            for (int i = 0; i < expected.size() && lists.epochs.size() > 1; i++) {
              if (components == 1 && columns.shared(0, i)[row] != 0) {
                told.add(SPEC.measures().get(i).name());
              }
            }
            lists.next(of);
          }
          from = to;
        }
        state = new LinkState(SPEC, components, false, handed(state, components, publicAt));
        lists.newEpoch();
      }
    }
    if (components == 1) {
      assertThat(told).containsAll(SPEC.measures().stream().map(Measure::name).toList());
    }
  }

  @Test
  void windowsReachBackAsPlainListsDo() {
    assertAsLists(1, 0);
  }

  @Test
  void sharesAddUpToThePlainNumbers() {
    assertAsLists(3, 1);
  }

  @Test
  void whatIsCarriedIsNamed() {
    assertThat(spec(false).derived().get(1)).isInstanceOf(LinkSpec.Public.class);
    assertThat(SPEC.derived().get(0)).isInstanceOf(LinkSpec.Shared.class);
    assertThat(SPEC.derived().get(1)).isEqualTo(new LinkSpec.Carried("in-count", 20_000, false));
    assertThat(SPEC.derived().get(8)).isEqualTo(new LinkSpec.Carried("banks", 128, true));
    assertThat(SPEC.carriedMinutes()).isEqualTo(7 * DAY + 11);
    assertThat(spec(false).carriedMinutes()).isZero();
    assertThat(SPEC.keepsHashes()).containsExactly(true, true);
    assertThat(spec(false).keepsHashes()).containsExactly(false, false);
    assertThat(SPEC.bytesPerEntity(2, false))
        .isGreaterThan(spec(false).bytesPerEntity(2, false) + 2 * 2 * 8 * 16);
  }

  @Test
  void anEpochThatBeginsTooLateBeginsWithNothing() {
    int last = 36 * 35 + LinkSpec.CARRY_DAYS_MAX - 1;
    assertThat(LinkState.isCarried(SPEC, 35, 35, last)).isTrue();
    assertThat(LinkState.isCarried(SPEC, 35, 35, last + 1L)).isFalse();
    assertThat(LinkState.isCarried(spec(false), 35, 35, last)).isFalse();
  }

  @Test
  void rowsArePaddedToPowersOfTwo() {
    assertThat(List.of(0, 1, 64, 65, 127, 128, 129, 1 << 22))
        .extracting(CarriedRows::padded)
        .containsExactly(0, 64, 64, 128, 128, 128, 256, 1 << 22);
  }

  @Test
  void tablesAreSortedAndOfOneLength() {
    long[][][] words = {{{1, 2, 3, 4}}, {{5, 6, 7, 8}}};
    CarriedTable table = CarriedTable.sorted(0, 0, new long[] {9, -4, 7, -4}, words);
    assertThat(table.pseudonyms()).containsExactly(-4, -4, 7, 9);
    assertThat(table.words()[0][0]).containsExactly(2, 4, 3, 1);
    assertThat(table.words()[1][0]).containsExactly(6, 8, 7, 5);
    assertThat(table.find(7)).isEqualTo(2);
    assertThat(table.find(8)).isNegative();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CarriedTable(0, 0, new long[1], new long[][][] {{new long[2]}}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LinkState(SPEC, 1, false, List.of(table, table)));
  }
}
