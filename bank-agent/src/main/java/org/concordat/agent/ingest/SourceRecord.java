package org.concordat.agent.ingest;

import java.util.List;
import org.concordat.agent.store.Notice;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.jspecify.annotations.Nullable;

/** One record of a source, or why it isn't one. Holds plaintext: prints its place only. */
public final class SourceRecord {
  private final Place place;
  private final byte[] raw;
  private final List<String> cells;
  private final @Nullable Problem refusal;
  private final @Nullable Bookmark bookmark;
  private final @Nullable Notice notice;

  /**
   * @param cells in the order of the source's columns; empty where the record is refused
   * @param refusal why the record can't be read
   */
  public SourceRecord(
      Place place,
      byte[] raw,
      List<String> cells,
      @Nullable Problem refusal,
      @Nullable Bookmark bookmark) {
    this(place, raw, cells, refusal, bookmark, null);
  }

  private SourceRecord(
      Place place,
      byte[] raw,
      List<String> cells,
      @Nullable Problem refusal,
      @Nullable Bookmark bookmark,
      @Nullable Notice notice) {
    this.place = place;
    this.raw = raw;
    this.cells = cells;
    this.refusal = refusal;
    this.bookmark = bookmark;
    this.notice = notice;
  }

  /**
   * A record that says something of another payment.
   *
   * @param cells of them only those that name the payment
   */
  public static SourceRecord notice(Place place, byte[] raw, List<String> cells, Notice notice) {
    return new SourceRecord(place, raw, cells, null, null, notice);
  }

  public Place place() {
    return place;
  }

  /** The record's bytes as they stand in the source; not copied, not to be changed. */
  public byte[] raw() {
    return raw;
  }

  /** Empty where the record is refused. */
  public List<String> cells() {
    return cells;
  }

  /** Why the record can't be read. */
  public @Nullable Problem refusal() {
    return refusal;
  }

  /** What becomes durable with the record, if anything does. */
  public @Nullable Bookmark bookmark() {
    return bookmark;
  }

  /** What the record says of another payment, if it is no payment itself. */
  public @Nullable Notice notice() {
    return notice;
  }

  /** The same record with something else to become durable with it. */
  public SourceRecord with(Bookmark other) {
    return new SourceRecord(place, raw, cells, refusal, other, notice);
  }

  @Override
  public String toString() {
    return "SourceRecord[" + place + "]";
  }
}
