package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;

/** A refused row. Holds the bank's plaintext: it prints place and code only. */
public final class DeadLetter {
  /** Longer raw rows are cut off. */
  public static final int RAW_BYTES_MAX = 64 << 10;

  private final Place place;
  private final Code code;
  private final String reason;
  private final String fix;
  private final byte[] raw;
  private final long refusedMillis;

  public DeadLetter(
      Place place, Code code, String reason, String fix, byte[] raw, long refusedMillis) {
    this.place = place;
    this.code = code;
    this.reason = reason;
    this.fix = fix;
    this.raw = raw.length > RAW_BYTES_MAX ? java.util.Arrays.copyOf(raw, RAW_BYTES_MAX) : raw;
    this.refusedMillis = refusedMillis;
  }

  public Place place() {
    return place;
  }

  public Code code() {
    return code;
  }

  public String reason() {
    return reason;
  }

  public String fix() {
    return fix;
  }

  /** The row's bytes as they stood in the source. */
  public byte[] raw() {
    return raw.clone();
  }

  public long refusedMillis() {
    return refusedMillis;
  }

  @Override
  public String toString() {
    return "DeadLetter[" + place + ", " + code.label() + "]";
  }

  byte[] encode() {
    byte[] source = place.source().getBytes(StandardCharsets.UTF_8);
    byte[] codeName = code.name().getBytes(StandardCharsets.UTF_8);
    byte[] reasonBytes = reason.getBytes(StandardCharsets.UTF_8);
    byte[] fixBytes = fix.getBytes(StandardCharsets.UTF_8);
    var out =
        ByteBuffer.allocate(
            36
                + source.length
                + codeName.length
                + reasonBytes.length
                + fixBytes.length
                + raw.length);
    out.putLong(refusedMillis).putInt(place.line()).putInt(place.column());
    for (byte[] part : new byte[][] {source, codeName, reasonBytes, fixBytes, raw}) {
      out.putInt(part.length).put(part);
    }
    return out.array();
  }

  static DeadLetter decode(byte[] plain) {
    var in = ByteBuffer.wrap(plain);
    long refusedMillis = in.getLong();
    int line = in.getInt();
    int column = in.getInt();
    String source = text(in);
    Code code = Code.valueOf(text(in));
    String reason = text(in);
    String fix = text(in);
    return new DeadLetter(
        new Place(source, line, column), code, reason, fix, part(in), refusedMillis);
  }

  private static String text(ByteBuffer in) {
    return new String(part(in), StandardCharsets.UTF_8);
  }

  private static byte[] part(ByteBuffer in) {
    byte[] bytes = new byte[in.getInt()];
    in.get(bytes);
    return bytes;
  }
}
