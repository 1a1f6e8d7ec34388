package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.worker.LinkedParties.Computed;
import org.concordat.aggregator.worker.LinkedParties.Payment;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.CutRecord;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shipped pack on shares, or the rule set that {@code concordat.size.rules} names, among three
 * parties in one process, over a file that {@code concordat simulate-payments --network} wrote:
 * alerts, those on earlier records too, against the oracle and those of the other batch sizes, and
 * how long it took. Payments are committed in blocks of a bank, as agents publish them. An hour at
 * full size: it runs where {@code concordat.size.csv} names the file.
 */
@EnabledIfSystemProperty(named = "concordat.size.csv", matches = ".+")
class NetworkSizeTest {
  private static final Path PACK =
      Path.of("../rules/src/main/rulesets", System.getProperty("concordat.size.rules", "network"));

  private static final int EPOCH_DAYS = 10_000;
  private static final int DAY_MINUTES = 24 * 60;

  /** Payments of all banks among which each bank's stand together. */
  private static final int STRETCH = 1_024;

  /** What the batch sizes before alerted. */
  private static final AtomicReference<List<String>> alerted = new AtomicReference<>();

  private final RuleSet ruleSet = RuleSet.load(PACK);
  private final List<String> banks = new ArrayList<>();

  static Stream<Integer> batchRows() {
    String sizes = System.getProperty("concordat.size.batches", "256,4096,65536");
    return Arrays.stream(sizes.split(",")).map(Integer::valueOf);
  }

  @ParameterizedTest
  @MethodSource("batchRows")
  void alertsAreTheOracles(int batchRows) throws IOException {
    int rows = Integer.getInteger("concordat.size.rows", 1_000_000);
    List<Payment> payments =
        byBank(payments(Path.of(System.getProperty("concordat.size.csv")), rows));
    var parties =
        new LinkedParties(
            LinkedParties.Circuits.of(ruleSet.plan()),
            Seeds.seed(),
            (from, to, step, words) -> words,
            banks,
            EPOCH_DAYS);
    // Batches of any size are compared, those too that aggregators would cut smaller.
    parties.limitPairs(Long.MAX_VALUE);
    long flags = 0;
    long members = 0;
    long nanos = 0;
    Map<String, Integer> byRule = new TreeMap<>();
    List<String> alerts = new ArrayList<>();
    for (int from = 0; from < payments.size(); from += batchRows) {
      List<Payment> batch = payments.subList(from, Math.min(payments.size(), from + batchRows));
      int latest = batch.stream().mapToInt(Payment::minute).max().orElseThrow();
      CutRecord cut = LinkedParties.cut(from / batchRows, 0, latest / DAY_MINUTES);
      long start = System.nanoTime();
      Computed computed = parties.compute(cut, batch);
      parties.commit(computed);
      nanos += System.nanoTime() - start;
      LinkedParties.Expected expected = parties.expected(cut, batch);
      assertThat(computed.flags()).isEqualTo(expected.flags());
      assertThat(computed.members()).isEqualTo(expected.members());
      for (String flag : computed.flags()) {
        int row = Integer.parseInt(flag.substring(flag.indexOf('/') + 1));
        alerts.add(rule(flag) + "/" + batch.get(row).transaction());
        byRule.merge(rule(flag), 1, Integer::sum);
      }
      // A member's row is that of its batch.
      computed
          .members()
          .forEach(alert -> alerts.add(rule(alert) + alert.substring(alert.indexOf(':'))));
      flags += computed.flags().size();
      members += computed.members().size();
      computed.members().forEach(alert -> byRule.merge(rule(alert) + "+", 1, Integer::sum));
    }
    assertThat(flags).isPositive();
    alerts.sort(null);
    if (!alerted.compareAndSet(null, alerts)) {
      assertThat(alerts).isEqualTo(alerted.get());
    }
    long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    System.out.printf(
        "rows %d, batches of %d: %d flags, %d on earlier (+) %s; %d rows/s, %s; %d entities (or"
            + " records) of %d bytes at an aggregator, heap %d MiB for three and the oracle%n",
        payments.size(),
        batchRows,
        flags,
        members,
        byRule,
        payments.size() * TimeUnit.SECONDS.toNanos(1) / nanos,
        Duration.ofNanos(nanos),
        parties.counts(0).entities(),
        ruleSet.plan().link().orElseThrow().bytesPerEntity(2, true),
        used >> 20);
  }

  /** In the order in which they are committed. */
  private static List<Payment> byBank(List<Payment> payments) {
    List<Payment> ordered = new ArrayList<>(payments);
    for (int from = 0; from < ordered.size(); from += STRETCH) {
      ordered
          .subList(from, Math.min(ordered.size(), from + STRETCH))
          .sort(Comparator.comparingInt(Payment::bank));
    }
    return ordered;
  }

  private String rule(String alert) {
    int output = Integer.parseInt(alert.substring(0, alert.indexOf('/')));
    return ruleSet.plan().outputs().get(output).rule();
  }

  private List<Payment> payments(Path csv, int rows) throws IOException {
    var problems = new Problems();
    SourceMapping mapping =
        SourceMapping.read(Document.read(PACK.resolve("mapping.yaml"), problems));
    var encoder = new RowEncoder(ruleSet.contract(), ruleSet.rates(), mapping);
    var history = HistoryFeatures.inMemory(ruleSet.contract());
    List<Payment> payments = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(csv)) {
      encoder.bind(List.of(reader.readLine().split(",", -1)), problems);
      for (String line = reader.readLine();
          line != null && payments.size() < rows;
          line = reader.readLine()) {
        List<String> cells = List.of(line.split(",", -1));
        EncodedRow row = encoder.encode(cells, Place.of("csv"), problems);
        problems.throwIfAny();
        history.take(row, 0, true);
        String bank = encoder.bank(cells);
        if (!banks.contains(bank)) {
          banks.add(bank);
        }
        int minute = (int) TimeUnit.MILLISECONDS.toMinutes(row.eventMillis());
        long[] fields = row.fields().clone();
        payments.add(new Payment(banks.indexOf(bank), minute, payments.size(), true, fields));
      }
    }
    return payments;
  }
}
