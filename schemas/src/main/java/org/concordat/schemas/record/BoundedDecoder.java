package org.concordat.schemas.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;

/**
 * Avro's binary decoder over an array, which believes no length that the array can't hold. Avro's
 * own allocates what a text or a byte field claims before it looks: ten bytes from a stranger would
 * take two gigabytes.
 */
final class BoundedDecoder extends Decoder {
  private final BinaryDecoder in;

  BoundedDecoder(byte[] bytes, int offset, int length) {
    this.in = DecoderFactory.get().binaryDecoder(bytes, offset, length, null);
  }

  boolean isEnd() throws IOException {
    return in.isEnd();
  }

  @Override
  public int remainingBytes() {
    return in.remainingBytes();
  }

  private int length() throws IOException {
    long claimed = in.readLong();
    if (claimed < 0 || claimed > in.remainingBytes()) {
      throw new AvroRuntimeException("A length is beyond the end of the record.");
    }
    return (int) claimed;
  }

  /** No item of our records takes less than a byte. */
  private long items(long claimed) {
    if (claimed > in.remainingBytes()) {
      throw new AvroRuntimeException("A count is beyond the end of the record.");
    }
    return claimed;
  }

  private byte[] content() throws IOException {
    byte[] content = new byte[length()];
    in.readFixed(content, 0, content.length);
    return content;
  }

  @Override
  public Utf8 readString(Utf8 old) throws IOException {
    return new Utf8(content());
  }

  @Override
  public String readString() throws IOException {
    return new String(content(), StandardCharsets.UTF_8);
  }

  @Override
  public void skipString() throws IOException {
    in.skipFixed(length());
  }

  @Override
  public ByteBuffer readBytes(ByteBuffer old) throws IOException {
    return ByteBuffer.wrap(content());
  }

  @Override
  public void skipBytes() throws IOException {
    in.skipFixed(length());
  }

  @Override
  public long readArrayStart() throws IOException {
    return items(in.readArrayStart());
  }

  @Override
  public long arrayNext() throws IOException {
    return items(in.arrayNext());
  }

  @Override
  public long skipArray() throws IOException {
    return items(in.skipArray());
  }

  @Override
  public long readMapStart() throws IOException {
    return items(in.readMapStart());
  }

  @Override
  public long mapNext() throws IOException {
    return items(in.mapNext());
  }

  @Override
  public long skipMap() throws IOException {
    return items(in.skipMap());
  }

  @Override
  public void readNull() throws IOException {
    in.readNull();
  }

  @Override
  public boolean readBoolean() throws IOException {
    return in.readBoolean();
  }

  @Override
  public int readInt() throws IOException {
    return in.readInt();
  }

  @Override
  public long readLong() throws IOException {
    return in.readLong();
  }

  @Override
  public float readFloat() throws IOException {
    return in.readFloat();
  }

  @Override
  public double readDouble() throws IOException {
    return in.readDouble();
  }

  @Override
  public void readFixed(byte[] target, int start, int length) throws IOException {
    in.readFixed(target, start, length);
  }

  @Override
  public void skipFixed(int length) throws IOException {
    in.skipFixed(length);
  }

  @Override
  public int readEnum() throws IOException {
    return in.readEnum();
  }

  @Override
  public int readIndex() throws IOException {
    return in.readIndex();
  }
}
