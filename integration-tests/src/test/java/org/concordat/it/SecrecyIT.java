package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.awaitility.Awaitility;
import org.concordat.agent.store.JournalBlock;
import org.concordat.agent.store.JournalReader;
import org.concordat.agent.store.JournalRow;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.seal.AtRestBox;
import org.concordat.schemas.seal.Opening;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing of a payment can be read outside its bank: not on the bus, not in logs, metrics, files or
 * memory of broker and aggregators, and not from the shares that any one aggregator decrypts. Each
 * search is run once where it must find something, so that it can fail.
 */
class SecrecyIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_260_105L);
  private static final int PAYMENTS = 3_000;
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

  /** Six standard deviations: a right implementation fails once in 500 million runs. */
  private static final double SIGMAS = 6;

  private static final Canaries CANARIES =
      new Canaries()
          .text(NAME)
          .text(DEBTOR)
          .text(CREDITOR)
          .amount(AMOUNT, 918_273_645L)
          .amount(SUM_24H, 1_836_547_290L)
          .amount(AMOUNT_REFUSED, 91_827_364_554_637L);

  @TempDir(cleanup = CleanupMode.ALWAYS)
  private static Path temporary;

  private static Path folder;
  private static Consortium consortium;
  private static Charter charter;
  private static ShareLayout layout;

  @BeforeAll
  static void runConsortium() throws Exception {
    folder = temporary.resolve("consortium");
    Path home = Path.of(System.getProperty("concordat.home"));
    Path ruleSet = home.resolve("rules/src/main/rulesets/payments");
    consortium = Consortium.create(folder, BANKS, 1, ruleSet);
    PaymentSimulator.writeFiles(SEED, BANKS.size(), PAYMENTS, SecrecyIT::payments);
    Map<String, Long> accepted = new HashMap<>();
    for (String bank : BANKS) {
      accepted.put(bank, addCanariesAndCopies(payments(bank)));
      consortium.configureAgent(
          bank, new AgentInput(Path.of("payments.csv"), true, 0, ruleSet.resolve("mapping.yaml")));
    }
    consortium.environment("CONCORDAT_LOG_LEVEL", "TRACE");
    consortium.startBroker();
    consortium.startAggregators();
    consortium.startAgents();
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
      assertThat(
              consortium
                  .agentMetrics(bank)
                  .orElseThrow()
                  .sum("concordat_agent_rows_total", "reason=\"CDT-313\""))
          .isEqualTo(1);
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
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int port : ports) {
        byte[] text =
            http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                        .build(),
                    HttpResponse.BodyHandlers.ofByteArray())
                .body();
        assertThat(text.length).isGreaterThan(1_000);
        assertThat(CANARIES.foundIn(text)).as("port %d", port).isEmpty();
      }
    }
  }

  /** Garbage that wasn't collected yet is in the dumps too. */
  @Test
  void memoryOfBrokerAndAggregatorsHoldsNoPlaintext() throws Exception {
    for (String bank : BANKS) {
      assertThat(foundInHeap(bank)).as("the search works: %s", bank).isNotEmpty();
    }
    for (String aggregator : Consortium.AGGREGATORS) {
      assertThat(foundInHeap(aggregator)).as("%s", aggregator).isEmpty();
    }
    assertThat(foundInHeap("broker")).isEmpty();
  }

  private static TreeSet<String> foundInHeap(String role) throws Exception {
    Path dump = temporary.resolve(role + ".hprof");
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(consortium.role(role).pid()),
                  "GC.heap_dump",
                  "-all",
                  dump.toString())
              .redirectErrorStream(true)
              .redirectOutput(temporary.resolve(role + ".jcmd").toFile())
              .start();
      assertThat(jcmd.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.size(dump)).isGreaterThan(1 << 20);
      return CANARIES.foundIn(dump);
    } finally {
      Files.deleteIfExists(dump);
    }
  }

  @Test
  void sharesOfOneAggregatorAreUniform() throws Exception {
    for (int party = 0; party < 3; party++) {
      Uniformity first = new Uniformity();
      Uniformity second = new Uniformity();
      for (Opening.Opened block : held("bank-a", party).values()) {
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
      held.add(held("bank-a", party));
      assertThat(held.get(party).keySet()).isEqualTo(journal.keySet());
    }
    for (int party = 0; party < 3; party++) {
      Matches alone = new Matches(layout);
      Matches together = new Matches(layout);
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
      assertThat(alone.atMostByChance(SIGMAS)).as("%s of party %d", alone, party).isTrue();
      assertThat(plaintext.looksUniform()).as("the test for uniformity can fail").isFalse();
    }
  }

  @Test
  void sameInputIsSharedAfresh() throws Exception {
    Map<Long, JournalBlock> journal = journal("bank-a");
    for (int party = 0; party < 3; party++) {
      Map<Long, Opening.Opened> held = held("bank-a", party);
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

  private static Map<Long, Opening.Opened> held(String bank, int party) throws Exception {
    String aggregator = Consortium.AGGREGATORS.get(party);
    Path own = folder.resolve(aggregator);
    return HeldShares.read(
        Bus.of(own.resolve("aggregator.yaml")), charter, bank, aggregator, own.resolve("sealing"));
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

  /** How often rebuilt fields are the journal's, per field. */
  private static final class Matches {
    private final ShareLayout layout;
    private final long[] equal;
    private long rows;

    Matches(ShareLayout layout) {
      this.layout = layout;
      this.equal = new long[layout.fields().size()];
    }

    void count(long[] words, JournalBlock block) {
      int count = block.rows().size();
      rows += count;
      for (int f = 0; f < equal.length; f++) {
        for (int r = 0; r < count; r++) {
          JournalRow row = block.rows().get(r);
          ShareField field = layout.fields().get(f);
          long mask = field.widthBits() == 64 ? -1L : (1L << field.widthBits()) - 1;
          if (value(words, f, r, count) == (row.field(f) & mask)) {
            equal[f]++;
          }
        }
      }
    }

    private long value(long[] words, int f, int row, int rowCount) {
      ShareField field = layout.fields().get(f);
      int offset = layout.offset(f, rowCount);
      if (field.domain() == Domain.ARITHMETIC) {
        return words[offset + row];
      }
      long value = 0;
      for (int bit = 0; bit < field.widthBits(); bit++) {
        long plane = words[offset + bit * ShareLayout.planeWords(rowCount) + (row >>> 6)];
        value |= (plane >>> (row & 63) & 1) << bit;
      }
      return value;
    }

    boolean all() {
      return java.util.Arrays.stream(equal).allMatch(e -> e == rows);
    }

    boolean atMostByChance(double sigmas) {
      boolean chance = true;
      for (int f = 0; f < equal.length; f++) {
        double expected = rows * Math.pow(0.5, layout.fields().get(f).widthBits());
        chance &= equal[f] <= expected + sigmas * Math.sqrt(expected) + sigmas / 2;
      }
      return chance;
    }

    @Override
    public String toString() {
      return "matches " + java.util.Arrays.toString(equal) + " of " + rows;
    }
  }

  /** Chi-squared over bytes and monobit. */
  private static final class Uniformity {
    private final long[] counts = new long[256];
    private long bytes;
    private long ones;

    void add(long[] words) {
      for (long word : words) {
        ones += Long.bitCount(word);
        for (int shift = 0; shift < Long.SIZE; shift += 8) {
          counts[(int) (word >>> shift) & 0xff]++;
        }
      }
      bytes += 8L * words.length;
    }

    double chiSquared() {
      double expected = bytes / 256.0;
      double sum = 0;
      for (long count : counts) {
        sum += (count - expected) * (count - expected) / expected;
      }
      return sum;
    }

    /** The statistic has mean 255 and variance 510. */
    boolean looksUniform() {
      double bits = 8.0 * bytes;
      return bytes > 100_000
          && Math.abs(chiSquared() - 255) < SIGMAS * Math.sqrt(510)
          && Math.abs(ones - bits / 2) < SIGMAS * Math.sqrt(bits) / 2;
    }

    @Override
    public String toString() {
      return "chi-squared " + chiSquared() + ", ones " + ones + ", bytes " + bytes;
    }
  }
}
