package org.concordat.schemas.clock;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wall clock, held against the monotonic one, for whoever destroys by age: what goes too early
 * is gone for good, so a clock that was set ahead by mistake must not be believed at one look.
 *
 * <p>A wall time is doubted if it is more than {@link #AHEAD_MAX} ahead of what the monotonic clock
 * makes of the base, a time that was believed, of which there is a new one once in {@link #BELIEF}.
 * So steps that are believed add up to {@link #AHEAD_MAX} from one base to the next, however many
 * and small they are: who answers for a time server walks a clock no further. NTP has such a bound
 * too, beyond which a person has to decide (RFC 5905, the panic threshold PANICT of 1,000 s).
 *
 * <p>While a doubt lasts, time goes on by the monotonic clock, and who destroys waits. The wall
 * clock is believed again as soon as it is back, or when it has gone on steadily for {@link
 * #BELIEF}: the clock of a machine that slept, or one that was behind when the process started and
 * was then set right, looks just like one that is wrong. One that is stepped ever again, or gains
 * more than {@link #AHEAD_MAX} in {@link #BELIEF}, is doubted until the process ends.
 *
 * <p>A step back is believed at once, since nothing grows older by it. What was before it is
 * forgotten only after {@link #BELIEF}, so that the way back isn't doubted. What is stamped
 * meanwhile would be too old on the way back: hence {@link Reading#stampMillis}.
 *
 * <p>Does NOT protect from a clock that is wrong when this is made, since there is nothing to hold
 * it against, nor from one that is walked ahead by {@link #AHEAD_MAX} a day. Safe for use by
 * several threads.
 */
public final class SteadyClock {
  /** How far the wall clock may get ahead of the monotonic one since the base. */
  static final Duration AHEAD_MAX = Duration.ofHours(1);

  /** So long a time that was stepped to has to last to be believed, and a base is kept. */
  static final Duration BELIEF = Duration.ofDays(1);

  private static final Logger LOG = LoggerFactory.getLogger(SteadyClock.class);

  /**
   * A time.
   *
   * @param millis since 1970-01-01, to tell ages by; while the wall clock is doubted, what the
   *     monotonic one makes of the base
   * @param wallMillis what the wall clock shows
   * @param stampMillis to stamp things with that go by their age; while the wall clock has stepped
   *     back, what the monotonic one makes of the base
   * @param doubted whether the wall clock can be wrong: destroy nothing
   */
  public record Reading(long millis, long wallMillis, long stampMillis, boolean doubted) {}

  /** What both clocks showed at one moment. */
  private record Moment(long millis, long nanos) {
    /** How far a later moment's wall clock is ahead of where this one's has come to. */
    long aheadMillis(Moment later) {
      return later.millis - millis - TimeUnit.NANOSECONDS.toMillis(later.nanos - nanos);
    }

    /** Whether {@link #BELIEF} has passed from this to a later moment. */
    boolean isOldAt(Moment later) {
      return later.nanos - nanos >= BELIEF.toNanos();
    }
  }

  private final LongSupplier millisClock;
  private final LongSupplier nanoClock;

  /** One that is believed without reserve. */
  private Moment base;

  /** Where another time than that of {@link #base} began that has lasted since. */
  private @Nullable Moment stepped;

  private boolean doubting;

  /**
   * Believes the first time.
   *
   * @param millisClock as {@link System#currentTimeMillis}
   * @param nanoClock as {@link System#nanoTime}
   */
  public SteadyClock(LongSupplier millisClock, LongSupplier nanoClock) {
    this.millisClock = millisClock;
    this.nanoClock = nanoClock;
    this.base = moment();
  }

  /** The machine's. */
  public static SteadyClock ofSystem() {
    return new SteadyClock(System::currentTimeMillis, System::nanoTime);
  }

  private Moment moment() {
    return new Moment(millisClock.getAsLong(), nanoClock.getAsLong());
  }

  /** What time it is. */
  public synchronized Reading read() {
    Moment now = moment();
    long aheadMillis = base.aheadMillis(now);
    boolean small = isSmall(aheadMillis);
    if (small || hasLasted(now)) {
      // Renewed at every reading, it would follow small steps wherever they lead.
      if (!small || base.isOldAt(now)) {
        base = now;
      }
      stepped = null;
      doubt(false, aheadMillis);
      return new Reading(now.millis, now.millis, now.millis, false);
    }
    long expectedMillis = now.millis - aheadMillis;
    if (aheadMillis < 0) {
      doubt(false, aheadMillis);
      return new Reading(now.millis, now.millis, expectedMillis, false);
    }
    doubt(true, aheadMillis);
    return new Reading(expectedMillis, now.millis, now.millis, true);
  }

  /** As {@link Reading#stampMillis}. */
  public long stampMillis() {
    return read().stampMillis();
  }

  private static boolean isSmall(long stepMillis) {
    return Math.abs(stepMillis) <= AHEAD_MAX.toMillis();
  }

  /** Whether the time that was stepped to is that of a step long ago; else it begins to count. */
  private boolean hasLasted(Moment now) {
    Moment since = stepped;
    if (since == null || !isSmall(since.aheadMillis(now))) {
      stepped = now;
      return false;
    }
    return since.isOldAt(now);
  }

  private void doubt(boolean doubted, long aheadMillis) {
    if (doubted && !doubting) {
      LOG.atWarn()
          .addKeyValue("code", Code.CDT_512.label())
          .addKeyValue("aheadSeconds", TimeUnit.MILLISECONDS.toSeconds(aheadMillis))
          .addKeyValue("believedInHours", BELIEF.toHours())
          .log(Code.CDT_512.cause());
    } else if (!doubted && doubting) {
      LOG.atInfo()
          .addKeyValue("code", Code.CDT_513.label())
          .addKeyValue("aheadSeconds", TimeUnit.MILLISECONDS.toSeconds(aheadMillis))
          .log(Code.CDT_513.cause());
    }
    doubting = doubted;
  }
}
