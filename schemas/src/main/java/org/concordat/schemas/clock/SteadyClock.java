package org.concordat.schemas.clock;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wall clock, held against the monotonic one, for whoever destroys by age: what goes too early
 * is gone for good, so a clock that was set ahead by mistake must not be believed at one look.
 *
 * <p>A wall time is doubted if it is more than {@link #AHEAD_MAX} ahead of what the monotonic clock
 * makes of the last one that was not. While that lasts, time goes on by the monotonic clock, and
 * who destroys waits. The wall clock is believed again as soon as it is back, or when it has gone
 * on steadily for {@link #BELIEF}: the clock of a machine that slept, or one that was behind when
 * the process started and was then set right, looks just like one that is wrong.
 *
 * <p>A step back is believed at once, since nothing grows older by it. What was before it is
 * forgotten only after {@link #BELIEF}, so that the way back isn't doubted.
 *
 * <p>Does NOT protect from a clock that is wrong when this is made, since there is nothing to hold
 * it against, nor from one that runs away in steps shorter than {@link #AHEAD_MAX} between
 * readings. Safe for use by several threads.
 */
public final class SteadyClock {
  /** How far the wall clock may be ahead of the monotonic one since the last reading. */
  static final Duration AHEAD_MAX = Duration.ofHours(1);

  /** So long a time that was stepped to has to last to be believed. */
  static final Duration BELIEF = Duration.ofDays(1);

  private static final Logger LOG = LoggerFactory.getLogger(SteadyClock.class);

  /**
   * A time.
   *
   * @param millis since 1970-01-01; of a doubted wall clock what the monotonic one makes of it
   * @param wallMillis what the wall clock shows
   * @param doubted whether the wall clock can be wrong: destroy nothing
   */
  public record Reading(long millis, long wallMillis, boolean doubted) {}

  /** What both clocks showed at one moment. */
  private record Moment(long millis, long nanos) {
    /** How far a later moment's wall clock is ahead of where this one's has come to. */
    long aheadMillis(Moment later) {
      return later.millis - millis - TimeUnit.NANOSECONDS.toMillis(later.nanos - nanos);
    }
  }

  private final LongSupplier millisClock;
  private final LongSupplier nanoClock;

  /** The last one that is believed without reserve. */
  private Moment steady;

  /** Where another time than that of {@link #steady} began that has lasted since. */
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
    this.steady = moment();
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
    long aheadMillis = steady.aheadMillis(now);
    if (isSmall(aheadMillis) || hasLasted(now)) {
      steady = now;
      stepped = null;
      doubt(false, aheadMillis);
      return new Reading(now.millis, now.millis, false);
    }
    if (aheadMillis < 0) {
      doubt(false, aheadMillis);
      return new Reading(now.millis, now.millis, false);
    }
    doubt(true, aheadMillis);
    return new Reading(now.millis - aheadMillis, now.millis, true);
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
    return now.nanos - since.nanos >= BELIEF.toNanos();
  }

  private void doubt(boolean doubted, long aheadMillis) {
    if (doubted && !doubting) {
      LOG.atWarn()
          .addKeyValue("aheadSeconds", TimeUnit.MILLISECONDS.toSeconds(aheadMillis))
          .addKeyValue("believedInHours", BELIEF.toHours())
          .log("The clock has stepped ahead: nothing is destroyed by age until it is believed.");
    } else if (!doubted && doubting) {
      LOG.atInfo()
          .addKeyValue("aheadSeconds", TimeUnit.MILLISECONDS.toSeconds(aheadMillis))
          .log("The clock is believed again.");
    }
    doubting = doubted;
  }
}
