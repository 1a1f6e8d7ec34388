package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.awaitility.Awaitility;
import org.concordat.agent.store.JournalBlock;
import org.concordat.agent.store.JournalReader;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.check.OracleCheck;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Role;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.seal.AtRestBox;
import org.concordat.schemas.seal.Opening;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing of a payment can be read outside its bank: not on the bus, not in logs, metrics, files or
 * memory of broker and aggregators, and not from the shares that any one aggregator decrypts. Each
 * search is run once where it must find something, so that it can fail.
 *
 * <p>One bank's own models are secret too: it has published their weights and trees as sealed
 * shares, and the alerts are those that the oracle gives with the plain models. In the end the bus
 * forgets: when the aggregators' keys have had their time, a copy of every topic opens nothing.
 *
 * <p>What else is seen of any consortium by looking at it is seen of this one: that it exports the
 * metrics of the committed page, and that the check of alerts finds what is wrong where something
 * is.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(LossStays.class)
class SecrecyIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_260_105L);

  /** Three quarters of them, and as many copies, are bank-a's: enough to see that shares differ. */
  private static final int PAYMENTS = 1_600;

  private static final List<String> BANKS = List.of("bank-a", "bank-b");

  private static final String NAME = "Quillon-Zwetschgenbaum";
  private static final String DEBTOR = "DE89370400440532013987";
  private static final String CREDITOR = "LT601010012345678987";

  /** Seven digits before the point are the most that the contract's range takes. */
  private static final String AMOUNT = "9182736.45";

  /** What the agents compute of it from the second canary on: the sum over 24 hours. */
  private static final String SUM_24H = "18365472.90";

  /** Twelve digits: out of range, so the row goes to the dead letters. */
  private static final String AMOUNT_REFUSED = "918273645546.37";

  private static final Canaries CANARIES =
      new Canaries()
          .text(NAME)
          .text(DEBTOR)
          .text(CREDITOR)
          .amount(AMOUNT, 918_273_645L)
          .amount(SUM_24H, 1_836_547_290L)
          .amount(AMOUNT_REFUSED, 91_827_364_554_637L);

  private static final Map<Integer, Map<Long, Opening.Opened>> HELD = new HashMap<>();

  @TempDir(cleanup = CleanupMode.ALWAYS)
  private static Path temporary;

  private static Path folder;
  private static Consortium consortium;
  private static Charter charter;
  private static ShareLayout layout;
  private static SecretModels models;
  private static long rowsToScore;

  @BeforeAll
  static void runConsortium() throws Exception {
    HELD.clear();
    folder = temporary.resolve("consortium");
    models = SecretModels.write(temporary, BANKS.getFirst());
    consortium = Consortium.create(folder, BANKS, 1, models.rules);
    PaymentSimulator.writeFiles(SEED, BANKS.size(), PAYMENTS, SecrecyIT::payments);
    Map<String, Long> accepted = new HashMap<>();
    for (String bank : BANKS) {
      long ofBank = addCanariesAndCopies(payments(bank));
      accepted.put(bank, ofBank);
      rowsToScore += ofBank;
      Path mapping = models.rules.resolve("mapping.yaml");
      consortium.configureAgent(bank, new AgentInput(Path.of("payments.csv"), true, 0, mapping));
      Runs.awaitAllShares(folder.resolve(bank).resolve("agent.yaml"));
    }
    consortium.environment("CONCORDAT_LOG_LEVEL", "TRACE");
    consortium.startBroker();
    consortium.startAggregators();
    Awaitility.await("the aggregators miss the models")
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(() -> Consortium.AGGREGATORS.stream().allMatch(SecrecyIT::missesTheModels));
    models.publish(folder);
    consortium.startAgents();
    Awaitility.await("the first agent's page")
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> consortium.agentMetrics(BANKS.getFirst()).isPresent());
    // And once more when all is scored: what is exported doesn't depend on what was met.
    CommittedMetrics.areExportedBy(consortium);
    for (String bank : BANKS) {
      Awaitility.await(bank + " is scored")
          .atMost(Duration.ofMinutes(4))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> scored(bank) >= accepted.get(bank));
    }
    var problems = new Problems();
    charter = Charter.read(folder.resolve("charter.yaml"), problems).orElseThrow();
    layout = RuleSet.load(folder.resolve("rules")).plan().layout();
    problems.throwIfAny();
  }

  @AfterAll
  static void stopConsortium() throws Exception {
    consortium.close();
  }

  private static boolean missesTheModels(String aggregator) {
    URI ready = URI.create("http://127.0.0.1:" + consortium.aggregatorPort(aggregator) + "/ready");
    return new String(body(ready), StandardCharsets.UTF_8)
        .contains("model-missing: own-model, " + BANKS.getFirst());
  }

  private static byte[] body(URI uri) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(uri).build();
      return http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path payments(String bank) {
    return folder.resolve(bank).resolve("payments.csv");
  }

  private static double scored(String bank) {
    consortium.requireAlive();
    return consortium
        .agentMetrics(bank)
        .map(metrics -> metrics.sum("concordat_agent_rows_scored_total"))
        .orElse(0.0);
  }

  /** Every row once more under another reference, and canaries; the rows that will be scored. */
  private static long addCanariesAndCopies(Path file) throws IOException {
    List<String> rows = Files.readAllLines(file);
    rows.removeFirst();
    List<String> added = new ArrayList<>();
    for (String row : rows) {
      added.add(row.replaceFirst(",", "-copy,"));
    }
    for (int i = 0; i < 5; i++) {
      added.add(canary(rows.getFirst(), NAME + "-" + i, AMOUNT));
    }
    added.add(canary(rows.getFirst(), NAME + "-refused", AMOUNT_REFUSED));
    Files.write(file, added, StandardOpenOption.APPEND);
    return rows.size() + added.size() - 1L;
  }

  private static String canary(String row, String reference, String amount) {
    List<String> columns = PaymentSimulator.COLUMNS;
    String[] cells = row.split(",", -1);
    cells[columns.indexOf("payment_id")] = reference;
    cells[columns.indexOf("debtor_account")] = DEBTOR;
    cells[columns.indexOf("creditor_account")] = CREDITOR;
    cells[columns.indexOf("amount")] = amount;
    cells[columns.indexOf("currency")] = "EUR";
    return String.join(",", cells);
  }

  @Test
  void noRecordOnTheBusHoldsPlaintext() throws Exception {
    Bus bus = Bus.of(folder.resolve("broker/broker.yaml"));
    Set<String> topics = bus.topics();
    assertThat(topics).contains(charter.topics("").cuts(), charter.topics("").alerts("bank-a"));
    List<ConsumerRecord<byte[], byte[]>> records = bus.read(topics);
    assertThat(records).hasSizeGreaterThan(20);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      TreeSet<String> found = new TreeSet<>();
      search(record.key(), found);
      search(record.value(), found);
      for (Header header : record.headers()) {
        search(header.value(), found);
      }
      assertThat(found).as("%s at %d", record.topic(), record.offset()).isEmpty();
    }
  }

  private static void search(byte[] bytes, TreeSet<String> found) {
    if (bytes != null) {
      found.addAll(CANARIES.foundIn(bytes));
    }
  }

  @Test
  void noFileOutsideABanksInputAndAlertsHoldsPlaintext() throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).anyMatch(file -> file.startsWith(folder.resolve("broker/data")));
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (!name.equals("payments.csv") && !name.equals("alerts.jsonl")) {
        assertThat(CANARIES.foundIn(file)).as("%s", file).isEmpty();
      }
    }
    for (String bank : BANKS) {
      assertThat(CANARIES.foundIn(payments(bank))).hasSizeGreaterThanOrEqualTo(6);
    }
  }

  @Test
  void logsAtTraceTellTheRefusalButNoValue() throws Exception {
    for (String aggregator : Consortium.AGGREGATORS) {
      String log = Files.readString(consortium.role(aggregator).log());
      assertThat(log).as("%s logs at a fine level", aggregator).isNotEmpty();
      assertThat(log).doesNotContain(NAME, DEBTOR, CREDITOR, AMOUNT, AMOUNT_REFUSED);
    }
    for (String bank : BANKS) {
      assertThat(Files.readString(consortium.role(bank).log())).contains("CDT-313");
      Metrics metrics = Runs.metrics(() -> consortium.agentMetrics(bank));
      assertThat(metrics.sum("concordat_agent_rows_total", "reason=\"CDT-313\"")).isEqualTo(1);
    }
  }

  @Test
  void noMetricHoldsPlaintext() throws Exception {
    List<Integer> ports = new ArrayList<>();
    for (String aggregator : Consortium.AGGREGATORS) {
      String config = Files.readString(folder.resolve(aggregator).resolve("aggregator.yaml"));
      ports.add(Integer.parseInt(config.replaceFirst("(?s).*http:.*?port: (\\d+).*", "$1")));
    }
    for (String bank : BANKS) {
      ports.add(
          Integer.parseInt(
              Files.readString(folder.resolve(bank).resolve("data/http.port")).strip()));
    }
    for (int port : ports) {
      byte[] text = body(URI.create("http://127.0.0.1:" + port + "/metrics"));
      assertThat(text.length).isGreaterThan(1_000);
      assertThat(CANARIES.foundIn(text)).as("port %d", port).isEmpty();
    }
  }

  @Test
  void thePageOfMetricsSaysWhatProcessesExport() throws Exception {
    CommittedMetrics.areExportedBy(consortium);
  }

  @Test
  void alertsAreTheOraclesAndTheCheckFindsWhatIsWrong() throws Exception {
    CheckReport report = Runs.checked(folder, models::values);
    Runs.requireOracles(report, rowsToScore);
    assertThat(report.alertsByRule().get("own-model")).isPositive();
    assertThat(report.alertsByRule().get("own-trees")).isPositive();
    assertThat(folder.resolve("agg-1/models")).isNotEmptyDirectory();
    theCheckFindsWhatIsWrong();
  }

  /** One alert is missing, the next one there twice, and the one after that changed. */
  private static void theCheckFindsWhatIsWrong() throws Exception {
    Path file = folder.resolve("bank-a/alerts.jsonl");
    List<String> lines = Files.readAllLines(file);
    List<String> wrong = new ArrayList<>(lines.subList(1, lines.size()));
    wrong.add(wrong.getFirst());
    var mapper = new ObjectMapper();
    ObjectNode alert = (ObjectNode) mapper.readTree(wrong.get(1));
    alert.putArray("reasons").addObject().put("code", "invented").put("text", "");
    wrong.set(1, mapper.writeValueAsString(alert));
    Files.write(file, wrong);
    CheckReport report = OracleCheck.run(folder, models::values);
    assertThat(List.of(report.missing(), report.extra(), report.different()))
        .containsExactly(1L, 1L, 1L);
    assertThat(report.holds()).isFalse();
    Files.write(file, lines);
  }

  /** Garbage that wasn't collected yet is in the dumps too. */
  @Test
  void memoryOfBrokerAndAggregatorsHoldsNoPlaintext() {
    Map<String, Set<String>> found = new ConcurrentHashMap<>();
    // A dump is written by one thread, and searched by one.
    consortium.roles().parallelStream().forEach(r -> found.put(r.name(), foundInHeap(r)));
    for (String bank : BANKS) {
      assertThat(found.remove(bank)).as("the search works: %s", bank).isNotEmpty();
    }
    assertThat(found).containsOnlyKeys("broker", "agg-1", "agg-2", "agg-3");
    found.forEach((role, needles) -> assertThat(needles).as("%s", role).isEmpty());
  }

  private static Set<String> foundInHeap(Role role) {
    Path dump = temporary.resolve(role.name() + ".hprof");
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(role.pid()),
                  "GC.heap_dump",
                  "-all",
                  dump.toString())
              .redirectErrorStream(true)
              .redirectOutput(temporary.resolve(role.name() + ".jcmd").toFile())
              .start();
      assertThat(jcmd.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.size(dump)).isGreaterThan(1 << 20);
      Set<String> found = CANARIES.foundIn(dump);
      Files.delete(dump);
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void sharesOfOneAggregatorAreUniform() throws Exception {
    for (int party = 0; party < 3; party++) {
      Uniformity first = new Uniformity();
      Uniformity second = new Uniformity();
      for (Opening.Opened block : held(party).values()) {
        int words = layout.words(block.core().getRows());
        first.add(block.first(words));
        second.add(block.second(words));
      }
      assertThat(first.looksUniform()).as("%s of party %d", first, party).isTrue();
      assertThat(second.looksUniform()).as("%s of party %d", second, party).isTrue();
    }
  }

  @Test
  void oneAggregatorRebuildsNothingAndTwoRebuildEverything() throws Exception {
    Map<Long, JournalBlock> journal = journal("bank-a");
    List<Map<Long, Opening.Opened>> held = new ArrayList<>();
    for (int party = 0; party < 3; party++) {
      held.add(held(party));
      assertThat(held.get(party).keySet()).isEqualTo(journal.keySet());
    }
    for (int party = 0; party < 3; party++) {
      FieldMatches alone = new FieldMatches(layout);
      FieldMatches together = new FieldMatches(layout);
      Uniformity plaintext = new Uniformity();
      for (JournalBlock block : journal.values()) {
        int rows = block.rows().size();
        int words = layout.words(rows);
        long sequence = block.position().sequence();
        Opening.Opened own = held.get(party).get(sequence);
        Opening.Opened next = held.get((party + 1) % 3).get(sequence);
        long[] missing = new long[words];
        long[] guess =
            Rep3Sharing.reconstruct(layout, rows, own.first(words), own.second(words), missing);
        long[] rebuilt =
            Rep3Sharing.reconstruct(
                layout, rows, own.first(words), own.second(words), next.second(words));
        alone.count(guess, block);
        together.count(rebuilt, block);
        plaintext.add(rebuilt);
      }
      assertThat(together.all()).as("parties %d and the next", party).isTrue();
      assertThat(alone.atMostByChance()).as("%s of party %d", alone, party).isTrue();
      assertThat(plaintext.looksUniform()).as("the test for uniformity can fail").isFalse();
    }
  }

  @Test
  void sameInputIsSharedAfresh() throws Exception {
    Map<Long, JournalBlock> journal = journal("bank-a");
    for (int party = 0; party < 3; party++) {
      Map<Long, Opening.Opened> held = held(party);
      Map<String, List<Long>> originals = new HashMap<>();
      Map<String, List<Long>> copies = new HashMap<>();
      for (JournalBlock block : journal.values()) {
        Opening.Opened own = held.get(block.position().sequence());
        for (int r = 0; r < block.rows().size(); r++) {
          String reference = block.rows().get(r).reference();
          boolean copy = reference.endsWith("-copy");
          (copy ? copies : originals).put(reference.replace("-copy", ""), arithmetic(own, r));
        }
      }
      assertThat(copies).hasSizeGreaterThan(1_000);
      copies.forEach(
          (reference, words) ->
              assertThat(words)
                  .as("%s", reference)
                  .isNotEmpty()
                  .doesNotContainAnyElementsOf(originals.get(reference)));
    }
  }

  /** Both components of a row's arithmetic fields. */
  private static List<Long> arithmetic(Opening.Opened block, int row) {
    int rows = block.core().getRows();
    int count = layout.words(rows);
    long[] first = block.first(count);
    long[] second = block.second(count);
    List<Long> words = new ArrayList<>();
    for (int f = 0; f < layout.fields().size(); f++) {
      if (layout.fields().get(f).domain() == Domain.ARITHMETIC) {
        words.add(first[layout.offset(f, rows) + row]);
        words.add(second[layout.offset(f, rows) + row]);
      }
    }
    return words;
  }

  /** The last: it stops the consortium. */
  @Test
  @Order(Integer.MAX_VALUE)
  void aCopyOfTheTopicsOpensNothingOnceTheKeysAreDestroyed() throws Exception {
    KeptCopies kept = KeptCopies.take(folder, charter, BANKS);
    Runs.end(consortium);
    kept.openNothingOnceTheKeysAreDestroyed(charter);
  }

  /** Of bank-a's blocks; read once, since several look at them. */
  private static Map<Long, Opening.Opened> held(int party) throws Exception {
    Map<Long, Opening.Opened> held = HELD.get(party);
    if (held == null) {
      String aggregator = Consortium.AGGREGATORS.get(party);
      Path own = folder.resolve(aggregator);
      held =
          HeldShares.read(
              Bus.of(own.resolve("aggregator.yaml")),
              charter,
              "bank-a",
              aggregator,
              own.resolve("sealing"));
      HELD.put(party, held);
    }
    return held;
  }

  private static Map<Long, JournalBlock> journal(String bank) {
    Path own = folder.resolve(bank);
    var problems = new Problems();
    var key = KeyFiles.readSymmetricKey(own.resolve("store.key"), problems).orElseThrow();
    Map<Long, JournalBlock> blocks = new HashMap<>();
    try (JournalReader reader =
        JournalReader.open(own.resolve("data"), new AtRestBox(key, new SecureRandom()))) {
      reader.blocks(block -> blocks.put(block.position().sequence(), block));
    }
    assertThat(blocks).isNotEmpty();
    return blocks;
  }
}
