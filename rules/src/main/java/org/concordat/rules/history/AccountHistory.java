package org.concordat.rules.history;

import java.nio.ByteBuffer;
import org.concordat.rules.feature.HistoryWindow;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one account: panes of counts and sums, when it last paid, what it usually
 * pays. Holds values: prints its shape only. Not thread-safe.
 *
 * <p>The usual amount is the mean of the first {@value #USUAL_PAYMENTS} payments, from then on one
 * that moves by a sixteenth of the difference with each. A payment beyond {@value #USUAL_CLIP}
 * times the usual moves it as one at that limit would: one large payment doesn't make the next look
 * ordinary. All in integers: every JVM computes the same.
 */
public final class AccountHistory {
  /** With fewer payments nothing is usual. */
  static final int USUAL_PAYMENTS_MIN = 3;

  private static final int USUAL_PAYMENTS = 16;
  private static final int USUAL_CLIP = 10;
  private static final byte FORMAT = 1;

  private final HistoryShape shape;
  private final Panes[] windows;

  /** The usual amount times the payments that it is the mean of. */
  private final long[] usualTotals;

  private int payments;
  private long lastMillis = HistoryState.NEVER;
  private long acceptedMillis;

  AccountHistory(HistoryShape shape) {
    this.shape = shape;
    this.windows = new Panes[shape.windows()];
    for (int i = 0; i < windows.length; i++) {
      windows[i] = new Panes(shape.window(i), shape.amounts());
    }
    this.usualTotals = new long[shape.amounts()];
  }

  void remember(long eventMillis, long accepted, long[] amounts) {
    for (Panes panes : windows) {
      panes.add(eventMillis, amounts);
    }
    for (int i = 0; i < amounts.length; i++) {
      usualTotals[i] = usualTotal(usualTotals[i], amounts[i]);
    }
    // Beyond the mean's length only its being reached counts.
    payments = Math.min(USUAL_PAYMENTS, payments + 1);
    lastMillis = Math.max(lastMillis, eventMillis);
    acceptedMillis = Math.max(acceptedMillis, accepted);
  }

  private long usualTotal(long total, long amount) {
    long counted = amount;
    if (payments >= USUAL_PAYMENTS_MIN && total > 0) {
      counted = Math.min(amount, Math.max(1, total / payments * USUAL_CLIP));
    }
    return payments < USUAL_PAYMENTS ? total + counted : total - total / USUAL_PAYMENTS + counted;
  }

  long count(HistoryWindow window, long eventMillis) {
    return windows[shape.indexOf(window)].count(eventMillis);
  }

  long sum(HistoryWindow window, int amount, long eventMillis) {
    return windows[shape.indexOf(window)].sum(eventMillis, amount);
  }

  /** Event time of the last payment, or {@link HistoryState#NEVER}. */
  long lastMillis() {
    return lastMillis;
  }

  /** When the last payment was accepted. */
  public long acceptedMillis() {
    return acceptedMillis;
  }

  /**
   * How many times the usual amount this one is, rounded down, in units of {@code 1 / scale};
   * nothing while nothing is usual.
   *
   * @param scale at most 1,000, so that it fits with the largest amount
   */
  @Nullable Long ratio(int amount, long value, long scale) {
    return payments < USUAL_PAYMENTS_MIN || usualTotals[amount] <= 0
        ? null
        : (Long) (value * scale * payments / usualTotals[amount]);
  }

  /** Plaintext: to be encrypted before it is stored. */
  public byte[] encode() {
    int bytes = 1 + Integer.BYTES + (3 + usualTotals.length) * Varint.BYTES_MAX;
    for (Panes panes : windows) {
      bytes += panes.bytesMax();
    }
    var out = ByteBuffer.allocate(bytes);
    out.put(FORMAT).putInt(shape.fingerprint());
    Varint.put(out, payments);
    Varint.put(out, lastMillis);
    Varint.put(out, acceptedMillis);
    for (long total : usualTotals) {
      Varint.put(out, total);
    }
    for (Panes panes : windows) {
      panes.encode(out);
    }
    byte[] encoded = new byte[out.position()];
    out.flip().get(encoded);
    return encoded;
  }

  /** Reads what was encoded; nothing for what another contract remembered, which is of no use. */
  public static @Nullable AccountHistory decode(HistoryShape shape, byte[] encoded) {
    var in = ByteBuffer.wrap(encoded);
    if (in.get() != FORMAT || in.getInt() != shape.fingerprint()) {
      return null;
    }
    var history = new AccountHistory(shape);
    history.payments = (int) Varint.get(in);
    history.lastMillis = Varint.get(in);
    history.acceptedMillis = Varint.get(in);
    for (int i = 0; i < history.usualTotals.length; i++) {
      history.usualTotals[i] = Varint.get(in);
    }
    for (Panes panes : history.windows) {
      panes.decode(in);
    }
    return history;
  }

  @Override
  public String toString() {
    return "AccountHistory[" + shape + "]";
  }
}
