package org.concordat.agent.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** What a request was answered. Prints its status only. */
public final class Answer {
  /** An answer to the largest request is far shorter. */
  private static final int BODY_BYTES_MAX = 64 << 20;

  private final int status;
  private final String mediaType;
  private final byte[] body;

  /**
   * @param body not copied, not to be changed
   */
  public Answer(int status, String mediaType, byte[] body) {
    this.status = status;
    this.mediaType = mediaType;
    this.body = body;
  }

  public int status() {
    return status;
  }

  public String mediaType() {
    return mediaType;
  }

  /** Not copied, not to be changed. */
  public byte[] body() {
    return body;
  }

  byte[] encode() {
    byte[] type = mediaType.getBytes(StandardCharsets.US_ASCII);
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(8 + type.length).putInt(status).putInt(type.length).put(type).array());
    var deflater = new Deflater(Deflater.BEST_SPEED);
    try (var deflated = new DeflaterOutputStream(out, deflater)) {
      deflated.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
    return out.toByteArray();
  }

  static Answer decode(byte[] encoded) {
    var in = ByteBuffer.wrap(encoded);
    int status = in.getInt();
    byte[] type = new byte[in.getInt()];
    in.get(type);
    try (var inflated =
        new InflaterInputStream(
            new java.io.ByteArrayInputStream(encoded, in.position(), in.remaining()))) {
      byte[] body = inflated.readNBytes(BODY_BYTES_MAX);
      return new Answer(status, new String(type, StandardCharsets.US_ASCII), body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "Answer[" + status + "]";
  }
}
