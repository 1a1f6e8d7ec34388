package org.concordat.agent.ingest;

import java.util.List;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.jspecify.annotations.Nullable;

/** One record of a source, or why it isn't one. Holds plaintext: prints its place only. */
public final class SourceRecord {
  private final Place place;
  private final byte[] raw;
  private final List<String> cells;
  private final @Nullable Problem refusal;
  private final long endBytes;
  private final long lines;

  SourceRecord(
      Place place,
      byte[] raw,
      List<String> cells,
      @Nullable Problem refusal,
      long endBytes,
      long lines) {
    this.place = place;
    this.raw = raw;
    this.cells = cells;
    this.refusal = refusal;
    this.endBytes = endBytes;
    this.lines = lines;
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

  /** Offset of the first byte after the record. */
  public long endBytes() {
    return endBytes;
  }

  /** Lines of the source up to the record's end. */
  public long lines() {
    return lines;
  }

  @Override
  public String toString() {
    return "SourceRecord[" + place + "]";
  }
}
