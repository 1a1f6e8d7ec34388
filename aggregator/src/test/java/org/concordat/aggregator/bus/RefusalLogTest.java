package org.concordat.aggregator.bus;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.concordat.aggregator.LogLines;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.process.LogMinute;
import org.junit.jupiter.api.Test;

/** What is said of records that are set aside, and how much of it. */
class RefusalLogTest {
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private long nanos = 5;
  private final RefusalLog log = new RefusalLog(() -> nanos);

  private static RefusalLog.BankRecord record(String bank, long offset) {
    var at = new TopicPartition("shares." + bank, 3);
    return new RefusalLog.BankRecord(bank, at, offset, "abc".getBytes(US_ASCII));
  }

  private void refuse(String bank, long offset) {
    log.refusedBlock(record(bank, offset), Code.CDT_401, Optional.empty());
  }

  @Test
  void aRecordIsToldWithItsPlaceAndHash() {
    try (var lines = new LogLines(RefusalLog.class)) {
      log.refusedBlock(record("bank-a", 41), Code.CDT_409, Optional.of(7L));
      assertThat(lines.only())
          .containsEntry("code", "CDT-409")
          .containsEntry("bank", "bank-a")
          .containsEntry("topic", "shares.bank-a")
          .containsEntry("partition", 3)
          .containsEntry("offset", 41L)
          .containsEntry("sequence", "7")
          .containsEntry("lengthBytes", 3)
          // FIPS 180-4's example.
          .containsEntry(
              "sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
  }

  @Test
  void aRecordWithoutAValueHasNoHash() {
    try (var lines = new LogLines(RefusalLog.class)) {
      var at = new TopicPartition("shares.bank-a", 3);
      log.refusedRecord(new RefusalLog.BankRecord("bank-a", at, 41, null), Code.CDT_401);
      assertThat(lines.only()).containsEntry("lengthBytes", 0).containsEntry("sha256", "none");
    }
  }

  @Test
  void aBugIsToldWithItsRecordAndWithoutItsMessage() {
    try (var lines = new LogLines(RefusalLog.class)) {
      for (int offset = 0; offset <= LogMinute.LINES_MAX; offset++) {
        log.failed(record("bank-a", offset), Code.CDT_401, new IllegalStateException("quotes it"));
      }
      assertThat(lines.all()).as("within a bound").hasSize(LogMinute.LINES_MAX);
      assertThat(lines.all().getFirst())
          .containsEntry("code", "CDT-401")
          .containsEntry("offset", 0L)
          .containsEntry("lengthBytes", 3)
          .containsEntry("thrown", "java.lang.IllegalStateException");
    }
  }

  @Test
  void aFloodOfRefusalsHidesNoBug() {
    try (var lines = new LogLines(RefusalLog.class)) {
      for (int offset = 0; offset <= LogMinute.LINES_MAX; offset++) {
        refuse("bank-a", offset);
      }
      log.failed(record("bank-a", 99), Code.CDT_401, new IllegalStateException("quotes it"));
      assertThat(lines.all()).hasSize(LogMinute.LINES_MAX + 1);
      assertThat(lines.all().getLast())
          .containsEntry("offset", 99L)
          .containsEntry("thrown", "java.lang.IllegalStateException");
    }
  }

  @Test
  void aFloodIsToldInPartAndCounted() {
    try (var lines = new LogLines(RefusalLog.class)) {
      for (int offset = 0; offset < LogMinute.LINES_MAX + 5; offset++) {
        refuse("bank-a", offset);
      }
      assertThat(lines.all()).hasSize(LogMinute.LINES_MAX);
      assertThat(lines.all().getLast()).containsEntry("offset", (long) LogMinute.LINES_MAX - 1);
      refuse("bank-b", 0);
      assertThat(lines.all().getLast()).as("others are told").containsEntry("bank", "bank-b");

      nanos += MINUTE_NANOS - 1;
      log.tick();
      assertThat(lines.all()).as("the minute isn't over").hasSize(LogMinute.LINES_MAX + 1);
      nanos++;
      log.tick();
      assertThat(lines.all()).as("of bank b all were told").hasSize(LogMinute.LINES_MAX + 2);
      assertThat(lines.all().getLast())
          .containsEntry("bank", "bank-a")
          .containsEntry("topic", "shares.bank-a")
          .containsEntry("partition", 3)
          .containsEntry("records", 5L);
      log.tick();
      refuse("bank-a", 99);
      assertThat(lines.all()).as("a new minute").hasSize(LogMinute.LINES_MAX + 3);
    }
  }

  @Test
  void whatWasLeftOutIsToldWithTheNextRecordToo() {
    try (var lines = new LogLines(RefusalLog.class)) {
      for (int offset = 0; offset <= LogMinute.LINES_MAX; offset++) {
        refuse("bank-a", offset);
      }
      nanos += MINUTE_NANOS;
      refuse("bank-a", 77);
      assertThat(lines.all()).hasSize(LogMinute.LINES_MAX + 2);
      assertThat(lines.all().get(LogMinute.LINES_MAX)).containsEntry("records", 1L);
      assertThat(lines.all().getLast()).containsEntry("offset", 77L);
    }
  }
}
