package org.concordat.rules.history;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.RateTable;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/** Payments at random, and a contract that has every history feature. */
public final class Payments {
  static final long COUNT_MAX = 12;
  static final long SUM_MAX = 300_000_00;
  static final long SECONDS_MAX = 90_000;
  static final long RATIO_MAX = 20_00;

  static final String CONTRACT =
      """
      format: 1
      contract: past
      version: 1
      currency: EUR
      features:
        amount: {type: amount, min: 0, max: 1_000_000_000.00}
        count_1h: {type: history-count, window: 1h, max: 12}
        sum_1h: {type: history-sum, window: 1h, over: amount, max: 300_000.00}
        count_24h: {type: history-count, window: 24h, max: 12, domain: boolean}
        sum_24h: {type: history-sum, window: 24h, over: amount, max: 300_000.00}
        count_7d: {type: history-count, window: 7d, max: 12}
        sum_7d: {type: history-sum, window: 7d, over: amount, max: 300_000.00}
        count_30d: {type: history-count, window: 30d, max: 12}
        sum_30d: {type: history-sum, window: 30d, over: amount, max: 300_000.00}
        since: {type: seconds-since-last, max: 90_000, optional: true}
        first: {type: first-to-beneficiary}
        ratio: {type: ratio-to-usual, over: amount, max: 20.00, optional: true}
      """;

  static final String MAPPING =
      """
      reference: id
      time: {column: time, unit: millis}
      history: {account: from, beneficiary: to}
      columns: {amount: amount}
      """;

  static final List<String> HEADER = List.of("id", "time", "from", "to", "amount");

  /** One payment; an empty beneficiary is none. */
  record Payment(int number, long millis, String account, String beneficiary, long cents) {
    List<String> cells() {
      return List.of(
          Integer.toString(number),
          Long.toString(millis),
          account,
          beneficiary,
          BigDecimal.valueOf(cents, 2).toPlainString());
    }
  }

  private Payments() {}

  /** The contract, read from a file in a folder. */
  public static FeatureContract contract(Path folder) throws IOException {
    var problems = new Problems();
    Path file = Files.writeString(folder.resolve("contract.yaml"), CONTRACT);
    var contract = FeatureContract.read(SourceFile.read(file), problems);
    problems.throwIfAny();
    return contract.orElseThrow();
  }

  static RowEncoder encoder(FeatureContract contract) {
    var problems = new Problems();
    var mapping = SourceMapping.read(Document.parse("mapping", MAPPING, problems));
    var encoder = new RowEncoder(contract, RateTable.none("EUR"), mapping);
    encoder.bind(HEADER, problems);
    problems.throwIfAny();
    return encoder;
  }

  static EncodedRow encode(RowEncoder encoder, Payment payment) {
    var problems = new Problems();
    EncodedRow row = encoder.encode(payment.cells(), Place.of("payments"), problems);
    problems.throwIfAny();
    return Objects.requireNonNull(row);
  }

  /** Fields without the amount. */
  static long[] history(EncodedRow row) {
    return Arrays.copyOfRange(row.fields(), 1, row.fields().length);
  }

  /** In bursts and pauses, some late by up to a month, a few absurdly far ahead. */
  static List<Payment> random(long seed, int count) {
    var random = new SplittableRandom(seed);
    List<Payment> payments = new ArrayList<>();
    long now = Duration.ofDays(20_000).toMillis() + random.nextLong(100_000_000);
    long[] steps = {0, 20_000, 300_000, 3_600_000, 40_000_000, 500_000_000};
    for (int i = 0; i < count; i++) {
      now += random.nextLong(1 + steps[random.nextInt(steps.length)]);
      long late =
          random.nextInt(4) > 0 ? 0 : random.nextLong(1 + 6 * steps[random.nextInt(steps.length)]);
      long ahead =
          random.nextInt(60) > 0 ? 0 : Duration.ofDays(32 + random.nextInt(9999)).toMillis();
      boolean exact = random.nextInt(5) == 0;
      long millis = now - late + ahead;
      payments.add(
          new Payment(
              i,
              exact ? millis / 3_600_000 * 3_600_000 : millis,
              "A" + random.nextInt(4),
              random.nextInt(9) == 0 ? "" : "B" + random.nextInt(6),
              random.nextInt(12) == 0
                  ? random.nextLong(100_000_000_001L)
                  : random.nextLong(100) * random.nextLong(10_000)));
    }
    return payments;
  }
}
