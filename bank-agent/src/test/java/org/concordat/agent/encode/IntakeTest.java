package org.concordat.agent.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.concordat.agent.ingest.CsvSource;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.Tally;
import org.concordat.agent.store.TestStores;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.RateTable;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntakeTest {
  @TempDir Path folder;

  private AgentStore store;
  private BlockBuilder builder;
  private SeenRows seen;
  private Intake intake;
  private final List<Unit> units = new ArrayList<>();

  @BeforeEach
  void open() {
    store = TestStores.open(folder.resolve("data"));
    builder = new BlockBuilder(1, 1024, 0, System::nanoTime);
    seen = new SeenRows(store);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private RowEncoder encoder(List<String> header) throws IOException {
    Path contract =
        Files.writeString(
            folder.resolve("contract.yaml"),
            """
            format: 1
            contract: test
            version: 1
            currency: EUR
            features:
              amount: {type: amount, min: 0, max: 1000}
              count: {type: integer, min: 0, max: 9}
            """);
    var problems = new Problems();
    var read = FeatureContract.read(SourceFile.read(contract), problems);
    var mapping =
        SourceMapping.read(
            Document.parse(
                "mapping",
                """
                reference: id
                time: {column: time, unit: seconds, origin: 2024-01-01T00:00:00Z}
                columns:
                  amount: amount
                  count: count
                """,
                problems));
    problems.throwIfAny();
    var encoder = new RowEncoder(read.orElseThrow(), RateTable.none("EUR"), mapping);
    encoder.bind(header, problems);
    problems.throwIfAny();
    return encoder;
  }

  private static RowIds ids(int keyByte) {
    byte[] key = new byte[32];
    java.util.Arrays.fill(key, (byte) keyByte);
    return new RowIds(new SymmetricKey(key).forAlgorithm("HmacSHA256"));
  }

  /** Takes lines below a header, and returns the rows that go into blocks. */
  private List<JournalRow> take(String... lines) throws IOException, InterruptedException {
    Path file =
        Files.writeString(
            folder.resolve("a.csv"), "id,time,amount,count\n" + String.join("\n", lines));
    int before = units.size();
    try (var source = CsvSource.open(file, false, () -> false)) {
      intake = new Intake(encoder(source.header()), ids(1), seen, builder);
      for (var record = source.next(); record != null; record = source.next()) {
        intake.take(record, 7);
      }
    }
    units.addAll(builder.take(partition -> true, 0));
    return units.subList(before, units.size()).stream()
        .flatMap(unit -> unit.rows.stream())
        .toList();
  }

  private long count(Tally tally) {
    return units.stream().mapToLong(unit -> unit.tallies.getOrDefault(tally, 0L)).sum();
  }

  private static Id id(JournalRow row) {
    return Id.of(row.transactionId());
  }

  @Test
  void aRepeatedRowIsADuplicateAlsoAfterItIsStored() throws Exception {
    List<JournalRow> rows = take("x,0,1.50,2", "y,0,1.50,2", "x,0,1.50,2");
    assertThat(rows).extracting(JournalRow::reference).containsExactly("x", "y");
    assertThat(rows.getFirst().acceptedMillis()).isEqualTo(7);
    store.commit(
        TestStores.spool(
            new StoreGroup(), new BlockPosition(0, 0), rows.toArray(JournalRow[]::new)));
    seen.durable(rows);
    assertThat(take("y,0,1.50,2")).isEmpty();
    assertThat(count(Tally.of(Tally.Outcome.DUPLICATE))).isEqualTo(2);
    assertThat(count(Tally.of(Tally.Outcome.ACCEPTED))).isEqualTo(2);
  }

  @Test
  void otherContentIsANewVersionWithAnIdOfItsOwn() throws Exception {
    List<JournalRow> rows = take("x,0,1.50,2", "x,0,2.50,2", "x,60,1.50,2", "x,0,1.50,3");
    assertThat(rows).hasSize(4);
    Set<Id> ids = rows.stream().map(IntakeTest::id).collect(Collectors.toSet());
    assertThat(ids).hasSize(4);
    assertThat(rows.getFirst().firstVersion()).isEmpty();
    for (JournalRow later : rows.subList(1, 4)) {
      assertThat(later.firstVersion()).contains(rows.getFirst().transactionId());
    }
  }

  @Test
  void readingAgainGivesNoNewRowWhateverTheOrderOfVersions() throws Exception {
    take("x,0,1.50,2", "x,0,2.50,2", "x,0,3.50,2");
    assertThat(take("x,0,2.50,2", "x,0,1.50,2", "x,0,3.50,2", "x,0,1.50,2")).isEmpty();
    assertThat(count(Tally.of(Tally.Outcome.DUPLICATE))).isEqualTo(4);
  }

  @Test
  void refusedRowsGoToTheDeadLettersWithTheirBytes() throws Exception {
    assertThat(take("x,0,1.50,2", "y,0,1.50,99", "z,0", "w,0,-1,2")).hasSize(1);
    var letters = units.stream().flatMap(unit -> unit.letters.stream()).toList();
    assertThat(letters).extracting(letter -> letter.place().line()).containsExactly(3, 4, 5);
    assertThat(new String(letters.getFirst().raw(), StandardCharsets.UTF_8))
        .isEqualTo("y,0,1.50,99\n");
    for (var letter : letters) {
      assertThat(letter.fix()).isNotBlank();
      assertThat(letter.refusedMillis()).isEqualTo(7);
      assertThat(count(new Tally(Tally.Outcome.REFUSED, letter.code().label()))).isPositive();
    }
  }

  /** Many threads hand in the same rows: each is accepted once, and told of only when durable. */
  @Test
  void severalSourcesAcceptARowOnceAndADuplicateNeverBeforeIt() throws Exception {
    int rows = 2_000;
    int threads = 4;
    var accepted = new ConcurrentHashMap<Id, Integer>();
    var told = new AtomicInteger();
    List<String> columns = List.of("id", "time", "amount", "count");
    var encoders = new ArrayList<RowEncoder>();
    for (int t = 0; t < threads; t++) {
      encoders.add(encoder(columns));
    }
    try (var executor = Executors.newFixedThreadPool(threads)) {
      var all = new ArrayList<Future<?>>();
      for (RowEncoder encoder : encoders) {
        var own = new Intake(encoder, ids(1), seen, builder);
        all.add(
            executor.submit(
                () -> {
                  for (int i = 0; i < rows; i++) {
                    var cells = List.of("r" + i, "0", "1.5", "2");
                    var record = new SourceRecord(Place.of("t"), new byte[0], cells, null, null);
                    own.take(record, 7, new Told(accepted, told));
                  }
                  return null;
                }));
      }
      while (units.stream().mapToInt(unit -> unit.acknowledgements.size()).sum() < rows * threads) {
        List<Unit> taken = builder.take(partition -> true, 1_000_000);
        for (Unit unit : taken) {
          unit.rows.forEach(row -> accepted.merge(id(row), 1, Integer::sum));
          unit.acknowledgements.forEach(Acknowledgement::durable);
        }
        units.addAll(taken);
      }
      for (Future<?> future : all) {
        future.get();
      }
    }
    assertThat(accepted).hasSize(rows);
    assertThat(accepted.values()).containsOnly(1);
    assertThat(told).hasValue(rows * threads);
    assertThat(count(Tally.of(Tally.Outcome.DUPLICATE))).isEqualTo(rows * (threads - 1L));
  }

  private static final class Told implements Acknowledgement {
    private final Map<Id, Integer> durable;
    private final AtomicInteger told;
    private Id expected = new Id(0, 0);

    Told(Map<Id, Integer> durable, AtomicInteger told) {
      this.durable = durable;
      this.told = told;
    }

    @Override
    public void decided(Outcome outcome) {
      expected =
          switch (outcome) {
            case Outcome.Accepted accepted -> accepted.transactionId();
            case Outcome.Duplicate duplicate -> duplicate.transactionId();
            case Outcome.Noted noted -> noted.noticeId();
            case Outcome.Refused refused -> throw new AssertionError(refused);
          };
    }

    @Override
    public void durable() {
      assertThat(durable).containsKey(expected);
      told.incrementAndGet();
    }
  }

  @Test
  void idsDependOnTheKeyAndTellNothingElse() {
    byte[] sourceKey = {1, 2, 3};
    assertThat(ids(1).firstVersion(sourceKey)).isEqualTo(ids(1).firstVersion(sourceKey));
    assertThat(ids(1).firstVersion(sourceKey)).isNotEqualTo(ids(2).firstVersion(sourceKey));
    Id content = ids(1).content(5, new long[] {1, 2});
    assertThat(content).isNotEqualTo(ids(1).content(5, new long[] {2, 1}));
    assertThat(content).isNotEqualTo(ids(1).content(6, new long[] {1, 2}));
    Id first = ids(1).firstVersion(sourceKey);
    Id apart = ids(1).laterVersion(sourceKey, content, false);
    assertThat(apart.high()).isNotEqualTo(first.high());
    Id linked = ids(1).laterVersion(sourceKey, content, true);
    assertThat(linked).isEqualTo(new Id(first.high(), apart.low())).isNotEqualTo(first);
  }
}
