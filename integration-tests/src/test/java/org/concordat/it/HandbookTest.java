package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.concordat.aggregator.evaluate.BlockShares;
import org.concordat.aggregator.evaluate.FlagBudget;
import org.concordat.aggregator.evaluate.Outcome;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.rep3.Rep3;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.oracle.Oracle;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.share.BitPlanes;
import org.concordat.schemas.share.Components;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The published logistic model of a card-fraud handbook, computed on shares with every score opened
 * as a test charter allows: its logits, and the three figures that the handbook publishes. And the
 * switch that shows that the comparison can fail: one broken share.
 */
class HandbookTest {
  private static final double STEP = 1e-6;
  private static final int BLOCK_ROWS = 1_024;
  private static final int BATCH_BLOCKS = 16;
  private static final int CARDS_A_DAY = 100;

  @TempDir private Path temp;
  private final SecureRandom random = new SecureRandom();

  private record Scored(double logit, boolean fraud, int day, String customer) {}

  @Test
  void logitsAndPublishedFiguresOnShares() throws Exception {
    RuleSet ruleSet = ruleSet();
    Map<String, Double> expected = expected();
    List<EncodedRow> rows = new ArrayList<>();
    List<String[]> sources = new ArrayList<>();
    read(ruleSet, expected.keySet(), rows, sources);
    assertThat(rows).hasSameSizeAs(expected.keySet());

    long scale = ruleSet.plan().outputs().getFirst().scoreScale();
    List<Scored> scored = new ArrayList<>();
    int batchRows = BLOCK_ROWS * BATCH_BLOCKS;
    for (int from = 0; from < rows.size(); from += batchRows) {
      List<EncodedRow> batch = rows.subList(from, Math.min(rows.size(), from + batchRows));
      Outcome outcome = onShares(ruleSet, batch, false);
      for (int r = 0; r < batch.size(); r++) {
        long score =
            Objects.requireNonNull(outcome.scores()).score(0, r / BLOCK_ROWS, r % BLOCK_ROWS);
        double logit = (double) score / scale;
        String[] source = sources.get(from + r);
        assertThat(Math.abs(logit - Objects.requireNonNull(expected.get(source[0]))))
            .as("logit of %s", source[0])
            .isLessThanOrEqualTo(STEP);
        scored.add(
            new Scored(logit, source[3].equals("1"), Integer.parseInt(source[1]), source[2]));
      }
    }
    assertThat(areaUnderCurve(scored)).isBetween(0.8705, 0.8715);
    assertThat(averagePrecision(scored)).isBetween(0.6055, 0.6065);
    assertThat(cardPrecision(scored)).isBetween(0.2905, 0.2915);
  }

  @Test
  void oneBrokenShareIsSeenInTheComparison() throws Exception {
    RuleSet ruleSet = ruleSet();
    List<EncodedRow> rows = new ArrayList<>();
    read(ruleSet, expected().keySet(), rows, new ArrayList<>());
    List<EncodedRow> batch = rows.subList(0, 500);
    assertThat(differences(ruleSet, batch, onShares(ruleSet, batch, false))).isZero();
    assertThat(differences(ruleSet, batch, onShares(ruleSet, batch, true))).isPositive();
  }

  private static int differences(RuleSet ruleSet, List<EncodedRow> rows, Outcome outcome) {
    Oracle.Result oracle = new Oracle(ruleSet.plan()).evaluate(columns(ruleSet, rows), rows.size());
    int different = 0;
    for (int r = 0; r < rows.size(); r++) {
      long score = Objects.requireNonNull(outcome.scores()).score(0, 0, r);
      different += score == oracle.score(0, r) ? 0 : 1;
    }
    return different;
  }

  private RuleSet ruleSet() throws IOException {
    Path model = SharedData.file("cards-handbook/handbook_lr.json");
    Path home = Path.of(System.getProperty("concordat.home", ".."));
    Path source = home.resolve("rules/src/test/resources/rulesets/handbook");
    for (String name : List.of("contract.yaml", "rules.yaml", "mapping.yaml")) {
      Files.copy(source.resolve(name), temp.resolve(name));
    }
    Files.copy(model, Files.createDirectory(temp.resolve("models")).resolve("handbook_lr.json"));
    return RuleSet.load(temp);
  }

  private static Map<String, Double> expected() throws IOException {
    Map<String, Double> expected = new HashMap<>();
    try (BufferedReader csv = open("cards-handbook/expected.csv.gz")) {
      int logit = List.of(csv.readLine().split(",")).indexOf("lr_logit");
      for (String line = csv.readLine(); line != null; line = csv.readLine()) {
        String[] cells = line.split(",");
        expected.put(cells[0], Double.valueOf(cells[logit]));
      }
    }
    return expected;
  }

  /** Rows that have an expected score; of each also id, day, customer and label. */
  private void read(
      RuleSet ruleSet, Set<String> wanted, List<EncodedRow> rows, List<String[]> sources)
      throws IOException {
    var problems = new Problems();
    Document document = Document.read(temp.resolve("mapping.yaml"), problems);
    SourceMapping mapping = SourceMapping.read(document);
    try (BufferedReader csv = open("cards-handbook/transactions.csv.gz")) {
      List<String> header = List.of(csv.readLine().split(","));
      var encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), mapping);
      encoder.bind(header, problems);
      int day = header.indexOf("TX_TIME_DAYS");
      int customer = header.indexOf("CUSTOMER_ID");
      int label = header.indexOf("TX_FRAUD");
      for (String line = csv.readLine(); line != null; line = csv.readLine()) {
        String[] cells = line.split(",", -1);
        if (wanted.contains(cells[0])) {
          EncodedRow row = encoder.encode(List.of(cells), Place.of("transactions"), problems);
          rows.add(Objects.requireNonNull(row));
          sources.add(new String[] {cells[0], cells[day], cells[customer], cells[label]});
        }
      }
    }
    problems.throwIfAny();
  }

  private static BufferedReader open(String name) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(SharedData.file(name))),
            StandardCharsets.UTF_8));
  }

  private static long[][] columns(RuleSet ruleSet, List<EncodedRow> rows) {
    long[][] columns = new long[ruleSet.plan().layout().fields().size()][rows.size()];
    for (int r = 0; r < rows.size(); r++) {
      for (int f = 0; f < columns.length; f++) {
        columns[f][r] = rows.get(r).fields()[f];
      }
    }
    return columns;
  }

  /** Three parties compute; each sees its two components only. */
  private Outcome onShares(RuleSet ruleSet, List<EncodedRow> rows, boolean breakOneShare) {
    List<List<BlockShares>> byParty =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int from = 0; from < rows.size(); from += BLOCK_ROWS) {
      share(
          ruleSet,
          rows.subList(from, Math.min(rows.size(), from + BLOCK_ROWS)),
          byParty,
          breakOneShare);
    }
    byte[][] keys = new byte[3][32];
    for (byte[] key : keys) {
      random.nextBytes(key);
    }
    var network = new MemoryNetwork(3);
    return network
        .<Outcome>run(
            party ->
                () ->
                    PlanEvaluator.openingEveryScore(ruleSet.plan())
                        .evaluate(
                            new Rep3(network.channel(party), keys[party], keys[(party + 1) % 3]),
                            byParty.get(party),
                            FlagBudget.unlimited(
                                byParty.get(party).size(), ruleSet.plan().outputs().size())))
        .getFirst();
  }

  private void share(
      RuleSet ruleSet,
      List<EncodedRow> rows,
      List<List<BlockShares>> byParty,
      boolean breakOneShare) {
    ShareLayout layout = ruleSet.plan().layout();
    long[][] columns = columns(ruleSet, rows);
    long[] words = new long[layout.words(rows.size())];
    for (int f = 0; f < columns.length; f++) {
      ShareField field = layout.fields().get(f);
      int offset = layout.offset(f, rows.size());
      if (field.domain() == Domain.ARITHMETIC) {
        System.arraycopy(columns[f], 0, words, offset, rows.size());
      } else {
        BitPlanes.toPlanes(columns[f], rows.size(), field.widthBits(), words, offset);
      }
    }
    Components components = Rep3Sharing.split(layout, words, rows.size(), 0, random);
    for (int party = 0; party < 3; party++) {
      long[] first = components.words(party, words.length);
      long[] second = components.words((party + 1) % 3, words.length);
      // At both holders: one alone is found by the copies' check before anything is opened.
      if (breakOneShare && party == 0) {
        first[0] ^= 1L << 20;
      } else if (breakOneShare && party == 2) {
        second[0] ^= 1L << 20;
      }
      byParty.get(party).add(new BlockShares(rows.size(), first, second));
    }
  }

  /** The share of (fraud, honest) pairs in the right order; ties count half. */
  private static double areaUnderCurve(List<Scored> scored) {
    List<Scored> ascending = new ArrayList<>(scored);
    ascending.sort(Comparator.comparingDouble(Scored::logit));
    double rankSum = 0;
    for (int from = 0; from < ascending.size(); ) {
      int to = from;
      while (to < ascending.size() && ascending.get(to).logit() == ascending.get(from).logit()) {
        to++;
      }
      long frauds = ascending.subList(from, to).stream().filter(Scored::fraud).count();
      rankSum += frauds * (from + to + 1) / 2.0;
      from = to;
    }
    double positives = scored.stream().filter(Scored::fraud).count();
    double negatives = scored.size() - positives;
    return (rankSum - positives * (positives + 1) / 2) / (positives * negatives);
  }

  private static double averagePrecision(List<Scored> scored) {
    List<Scored> descending = new ArrayList<>(scored);
    descending.sort(Comparator.comparingDouble(Scored::logit).reversed());
    double positives = scored.stream().filter(Scored::fraud).count();
    double sum = 0;
    double found = 0;
    for (int i = 0; i < descending.size(); i++) {
      if (descending.get(i).fraud()) {
        found++;
        sum += found / (i + 1) / positives;
      }
    }
    return sum;
  }

  /** Mean over days of the frauds among the 100 highest cards, cards found before left out. */
  private static double cardPrecision(List<Scored> scored) {
    Map<Integer, List<Scored>> byDay = new TreeMap<>();
    scored.forEach(s -> byDay.computeIfAbsent(s.day(), d -> new ArrayList<>()).add(s));
    Set<String> found = new HashSet<>();
    double sum = 0;
    for (List<Scored> day : byDay.values()) {
      Map<String, Double> highest = new HashMap<>();
      Set<String> frauds = new HashSet<>();
      for (Scored s : day) {
        if (!found.contains(s.customer())) {
          highest.merge(s.customer(), s.logit(), Math::max);
          if (s.fraud()) {
            frauds.add(s.customer());
          }
        }
      }
      List<String> top =
          highest.entrySet().stream()
              .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
              .limit(CARDS_A_DAY)
              .map(Map.Entry::getKey)
              .filter(frauds::contains)
              .toList();
      sum += top.size() / (double) CARDS_A_DAY;
      found.addAll(top);
    }
    return sum / byDay.size();
  }
}
