package org.concordat.rules.feature;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.jspecify.annotations.Nullable;

/**
 * How a source writes event times: as ISO 8601, by a pattern, or as a count of units since an
 * origin. A time without an offset needs the source's zone.
 *
 * @param formatter nothing for a count
 * @param zone of times without offset; nothing where the source declares none
 * @param localZone in which hours and days of the week are told
 */
record TimeSource(
    String column,
    @Nullable DateTimeFormatter formatter,
    @Nullable ZoneId zone,
    Duration unit,
    Instant origin,
    ZoneId localZone) {
  /** Event times before it are taken for mistakes. */
  private static final Instant EARLIEST = Instant.EPOCH;

  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

  private enum Unit {
    MILLIS(Duration.ofMillis(1)),
    SECONDS(Duration.ofSeconds(1)),
    MINUTES(Duration.ofMinutes(1)),
    HOURS(Duration.ofHours(1)),
    DAYS(Duration.ofDays(1));

    private final Duration duration;

    Unit(Duration duration) {
      this.duration = duration;
    }
  }

  static TimeSource read(Document time, Document localZone) {
    String column = time.isMapping() ? time.get("column").text() : time.text("");
    ZoneId zone = time.isMapping() ? zone(time.maybe("zone")) : null;
    Duration unit = Duration.ZERO;
    Instant origin = Instant.EPOCH;
    DateTimeFormatter formatter = DateTimeFormatter.ISO_DATE_TIME;
    if (time.isMapping() && time.has("unit")) {
      unit = time.get("unit").choice(Unit.class).orElse(Unit.SECONDS).duration;
      origin = origin(time.maybe("origin"));
      formatter = null;
      if (time.has("format")) {
        time.get("format")
            .add(Code.CDT_105, "A count of units has no format.", "Remove 'unit' or 'format'.");
      }
    } else if (time.isMapping() && time.has("format")) {
      formatter = pattern(time.get("format"));
    }
    ZoneId local = zone(localZone);
    if (local == null) {
      local = zone == null ? ZoneOffset.UTC : zone;
    }
    return new TimeSource(column, formatter, zone, unit, origin, local);
  }

  private static @Nullable ZoneId zone(Document document) {
    if (!document.isPresent()) {
      return null;
    }
    try {
      return ZoneId.of(document.text());
    } catch (DateTimeException e) {
      document.add(Code.CDT_105, "The time zone is not known.", "Write one such as Europe/Berlin.");
      return null;
    }
  }

  private static Instant origin(Document document) {
    if (!document.isPresent()) {
      return Instant.EPOCH;
    }
    try {
      return OffsetDateTime.parse(document.text()).toInstant();
    } catch (DateTimeException e) {
      document.add(
          Code.CDT_105, "A time with offset is expected here.", "Write 2026-01-01T00:00:00Z.");
      return Instant.EPOCH;
    }
  }

  private static DateTimeFormatter pattern(Document document) {
    if (document.text().equals("iso-8601")) {
      return DateTimeFormatter.ISO_DATE_TIME;
    }
    try {
      return DateTimeFormatter.ofPattern(document.text(), Locale.ROOT);
    } catch (IllegalArgumentException e) {
      document.add(
          Code.CDT_105,
          "The time pattern isn't well-formed.",
          "Write one such as 'yyyy-MM-dd HH:mm:ss', or iso-8601.");
      return DateTimeFormatter.ISO_DATE_TIME;
    }
  }

  /** A cell's time. */
  Instant instant(String cell) throws Refusal {
    Instant instant;
    try {
      instant = formatter == null ? counted(cell) : parsed(cell, formatter);
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw new Refusal(Code.CDT_318);
    }
    if (instant.isBefore(EARLIEST) || !instant.isBefore(LATEST)) {
      throw new Refusal(
          Code.CDT_318,
          "The time is before " + EARLIEST + " or not before " + LATEST + ".",
          Code.CDT_318.fix());
    }
    return instant;
  }

  private Instant counted(String cell) {
    return origin.plus(unit.multipliedBy(Long.parseLong(cell)));
  }

  private Instant parsed(String cell, DateTimeFormatter format) throws Refusal {
    TemporalAccessor parsed =
        format.parseBest(cell, ZonedDateTime::from, LocalDateTime::from, LocalDate::from);
    return switch (parsed) {
      case ZonedDateTime zoned -> zoned.toInstant();
      case LocalDateTime local when zone != null -> local.atZone(zone).toInstant();
      case LocalDate day when zone != null -> day.atStartOfDay(zone).toInstant();
      default -> throw new Refusal(Code.CDT_319);
    };
  }
}
