package org.concordat.agent.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.concordat.agent.TestConsortium;
import org.concordat.agent.ingest.CsvSource;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.JournalBlock;
import org.concordat.agent.store.JournalReader;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.SourcePosition;
import org.concordat.agent.store.Tally;
import org.concordat.agent.store.TestStores;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.simulate.Simulation;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.BlockCore;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From files to the journal, by the agent's own parts. */
@Timeout(120)
class BackfillTest {
  private static final int ROWS = 700;
  private static final int HISTORY_ROWS = 400;
  private static final int ROWS_OF_BLOCK = 64;
  private static final int COUNT_1H = 1;

  @TempDir Path folder;

  private final TestConsortium consortium = new TestConsortium(2);
  private RuleSet ruleSet;

  @BeforeEach
  void read() throws IOException {
    ruleSet = PastPayments.ruleSet(folder);
  }

  /** One source after the other, in one run of an agent; the store is closed behind it. */
  private void run(List<String> history, List<String> live) throws Exception {
    try (AgentStore store = TestStores.open(folder.resolve("data"))) {
      var directory = new KeyDirectory(consortium.charter, store, () -> 0);
      for (int i = 0; i < 3; i++) {
        directory.record(consortium.key(i, 0, 10));
      }
      FeatureContract contract = ruleSet.contract();
      var random = new SecureRandom();
      var builder = new BlockBuilder(2, ROWS_OF_BLOCK, 0, System::nanoTime);
      var seen = new SeenRows(store);
      var spooler =
          new Spooler(
              store,
              new BlockFormat(
                  contract.name(), contract.version(), contract.hash(), contract.layout()),
              new SealingSessions(
                  consortium.charter,
                  TestConsortium.BANK,
                  consortium.bankKey,
                  store,
                  directory,
                  random),
              builder,
              seen,
              new NoBrokers(true),
              random);
      var kept = new KeptHistory(contract, store, HistoryLimits.DEFAULT, 4);
      var key = new SymmetricKey(new byte[32]).forAlgorithm("HmacSHA256");
      var intakes = new Intakes(ruleSet, key, seen, builder, kept);
      Thread sealing = Thread.ofVirtual().start(() -> spool(spooler));
      // Positions are asked for until all is stored.
      try (CsvSource first = source(RecordKind.HISTORY, history);
          CsvSource second = source(RecordKind.LIVE, live)) {
        try {
          read(intakes, RecordKind.HISTORY, first);
          read(intakes, RecordKind.LIVE, second);
        } finally {
          // RocksDB must not be closed under a thread that uses it.
          builder.end();
          sealing.join();
        }
      }
    }
  }

  private static void spool(Spooler spooler) {
    try {
      spooler.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CsvSource source(RecordKind kind, List<String> lines) throws IOException {
    Path file = Files.writeString(folder.resolve(kind + ".csv"), csv(lines));
    CsvSource source = CsvSource.open(file, false, () -> false);
    source.resume(SourcePosition.START, tail -> "");
    return source;
  }

  private static void read(Intakes intakes, RecordKind kind, CsvSource source) throws Exception {
    Intake intake = intakes.open(PastPayments.mapping(), source.header(), kind);
    for (var record = source.next(); record != null; record = source.next()) {
      intake.take(record, 0);
    }
  }

  private static String csv(List<String> lines) {
    return String.join(",", PastPayments.HEADER) + "\n" + String.join("\n", lines) + "\n";
  }

  private List<JournalBlock> journal() {
    List<JournalBlock> blocks = new ArrayList<>();
    try (var reader = JournalReader.open(folder.resolve("data"), TestStores.box(1))) {
      reader.blocks(blocks::add);
    }
    blocks.sort(Comparator.comparingLong(JournalBlock::order));
    return blocks;
  }

  private static List<JournalRow> rows(List<JournalBlock> blocks, RecordKind kind) {
    return blocks.stream()
        .filter(block -> block.kind() == kind)
        .flatMap(block -> block.rows().stream())
        .toList();
  }

  private int[] flags(List<JournalRow> rows) {
    long[][] columns = new long[ruleSet.contract().layout().fields().size()][rows.size()];
    for (int f = 0; f < columns.length; f++) {
      for (int r = 0; r < rows.size(); r++) {
        columns[f][r] = rows.get(r).field(f);
      }
    }
    Oracle.Result result = new Oracle(ruleSet.plan()).evaluate(columns, rows.size());
    int[] flags = new int[ruleSet.plan().outputs().size()];
    for (int output = 0; output < flags.length; output++) {
      BitSet flagged = result.flaggedRows(output);
      flags[output] = flagged.cardinality();
    }
    return flags;
  }

  private int[] simulated(List<String> lines) throws IOException {
    return Simulation.run(
            ruleSet, PastPayments.mapping(), new StringReader(csv(lines)), "all", rows -> {})
        .rules()
        .stream()
        .mapToInt(rule -> (int) rule.flagged())
        .toArray();
  }

  @Test
  void theJournalHoldsWhatASimulationComputes() throws Exception {
    List<String> lines = PastPayments.random(Long.getLong("concordat.seed", 1), ROWS);
    run(lines.subList(0, HISTORY_ROWS), lines.subList(HISTORY_ROWS, ROWS));
    List<JournalBlock> blocks = journal();
    List<JournalRow> live = rows(blocks, RecordKind.LIVE);
    List<JournalRow> history = rows(blocks, RecordKind.HISTORY);
    assertThat(blocks).extracting(JournalBlock::order).doesNotHaveDuplicates();
    assertThat(Stream.concat(history.stream(), live.stream()).map(JournalRow::reference))
        .as("the order of acceptance")
        .containsExactlyElementsOf(lines.stream().map(line -> line.split(",")[0]).toList());
    assertThat(live).hasSize(ROWS - HISTORY_ROWS);
    List<JournalRow> all = new ArrayList<>(history);
    all.addAll(live);
    int[] simulated = simulated(lines);
    assertThat(flags(all)).isEqualTo(simulated);
    assertThat(simulated).as("each rule flags some").doesNotContain(0);
    assertThat(flags(live))
        .as("without its history a live row looks otherwise")
        .isNotEqualTo(simulated(lines.subList(HISTORY_ROWS, ROWS)));
  }

  @Test
  void blocksSayThatTheyAreHistoryAndPromiseNothingOfLiveRows() throws Exception {
    List<String> lines = PastPayments.random(2, ROWS);
    run(lines.subList(0, HISTORY_ROWS), lines.subList(HISTORY_ROWS, ROWS));
    try (AgentStore store = TestStores.open(folder.resolve("data"))) {
      assertThat(store.tally(Tally.of(Tally.Outcome.ACCEPTED))).isEqualTo(ROWS);
      assertThat(store.tally(Tally.HISTORY)).isEqualTo(HISTORY_ROWS);
      for (JournalBlock block : journal()) {
        var copy = store.copy(block.position(), 0).orElseThrow();
        var header = RecordCodec.decode(Block.class, copy).getHeader();
        byte[] encoded = new byte[header.getCore().remaining()];
        header.getCore().duplicate().get(encoded);
        var core = RecordCodec.decode(BlockCore.class, encoded);
        assertThat(core.getKind()).isEqualTo(block.kind());
        long oldest = block.rows().stream().mapToLong(JournalRow::eventMinute).min().orElse(0);
        long newest = block.rows().stream().mapToLong(JournalRow::eventMinute).max().orElse(0);
        if (block.kind() == RecordKind.HISTORY) {
          assertThat(core.getWatermarkMinute()).isEqualTo(oldest);
        } else {
          assertThat(core.getWatermarkMinute()).isGreaterThanOrEqualTo(newest);
        }
      }
    }
  }

  @Test
  void aReplayIsAllDuplicatesAndCountsNothingTwice() throws Exception {
    List<String> history = List.of("h1,1000,A,X,10", "h2,1100,A,X,10");
    List<String> live = List.of("l1,1200,A,X,10", "l1,1200,A,X,11");
    run(history, live);
    int blocks = journal().size();
    assertThat(rows(journal(), RecordKind.LIVE)).hasSize(2);
    run(history, live);
    // A row of history that comes as a live one too is the same row.
    run(List.of(), history);
    assertThat(journal()).hasSize(blocks);
    run(List.of(), List.of("l2,1300,A,X,10"));
    List<JournalRow> rows = rows(journal(), RecordKind.LIVE);
    JournalRow last =
        rows.stream().filter(row -> row.reference().equals("l2")).findFirst().orElseThrow();
    assertThat(last.field(COUNT_1H)).as("h1, h2 and the first version of l1").isEqualTo(3);
  }

  @Test
  void anotherAccountOrBeneficiaryMakesANewVersion() throws Exception {
    run(List.of(), List.of("1,1000,A,X,10", "1,1000,B,X,10", "1,1000,A,Y,10", "1,1000,B,X,10"));
    assertThat(rows(journal(), RecordKind.LIVE)).hasSize(3);
  }
}
