package org.concordat.schemas.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecordBase;
import org.concordat.schemas.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What isn't exactly a record of the type is refused, cheaply and without a word of its bytes. */
class RecordCodecTest {
  private static final int HEAD_BYTES = 10;
  private static final AtRest RECORD =
      new AtRest(
          "key",
          bytes(4),
          bytes(12),
          ByteBuffer.wrap("secret payload".getBytes(StandardCharsets.US_ASCII)));

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** Avro's zig-zag variable-length form. */
  private static byte[] number(long value) {
    var out = new ByteArrayOutputStream();
    long rest = value << 1 ^ value >> 63;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return out.toByteArray();
  }

  private static void refused(Class<? extends SpecificRecordBase> type, byte[] bytes) {
    assertThatThrownBy(() -> RecordCodec.decode(type, bytes))
        .isInstanceOf(MalformedRecordException.class);
  }

  @Test
  void aRecordComesBackAndStartsWithMarkerAndFingerprint() {
    byte[] encoded = RecordCodec.encode(RECORD);
    assertThat(encoded).startsWith(0xC3, 0x01);
    assertThat(RecordCodec.decode(AtRest.class, encoded)).isEqualTo(RECORD);
    assertThat(RecordCodec.body(RECORD))
        .isEqualTo(Arrays.copyOfRange(encoded, HEAD_BYTES, encoded.length));
  }

  @Test
  void refusesEveryPrefixAndAnyByteMore() {
    byte[] encoded = RecordCodec.encode(RECORD);
    for (int length = 0; length < encoded.length; length++) {
      refused(AtRest.class, Arrays.copyOf(encoded, length));
    }
    refused(AtRest.class, Arrays.copyOf(encoded, encoded.length + 1));
  }

  @Test
  void refusesARecordWithoutAValue() {
    refused(AtRest.class, null);
  }

  @Test
  void refusesOtherTypesAndUnknownFingerprints() {
    byte[] encoded = RecordCodec.encode(RECORD);
    refused(Receipt.class, encoded);
    for (int i = 0; i < HEAD_BYTES; i++) {
      byte[] changed = encoded.clone();
      changed[i] ^= 1;
      refused(AtRest.class, changed);
    }
  }

  @Test
  void saysNothingOfTheBytes() {
    byte[] encoded = RecordCodec.encode(RECORD);
    assertThatThrownBy(() -> RecordCodec.decode(AtRest.class, Arrays.copyOf(encoded, 30)))
        .hasMessage("The bytes are not a record of type AtRest.");
  }

  @ParameterizedTest
  @ValueSource(
      longs = {-1, Long.MIN_VALUE, 100, 1 << 28, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE})
  void believesNoLengthBeyondTheRecord(long claimed) {
    byte[] head = Arrays.copyOf(RecordCodec.encode(RECORD), HEAD_BYTES);
    cheaply(AtRest.class, join(head, number(claimed), new byte[20]));
    cheaply(AtRest.class, join(head, number(1), new byte[] {'k'}, number(claimed), new byte[20]));

    var state =
        new PartitionState(
            1,
            0,
            0L,
            new Digest(new byte[32]),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(),
            0L,
            Map.of(),
            List.of(),
            null);
    byte[] maps = RecordCodec.encode(state);
    // Without the ends of four maps, a day, a map, a list and what is not there.
    cheaply(
        PartitionState.class,
        join(Arrays.copyOf(maps, maps.length - 8), number(claimed), new byte[20]));

    var payload = new BlockPayload(new Salt(new byte[32]), bytes(0), List.of());
    byte[] list = RecordCodec.encode(payload);
    byte[] start = Arrays.copyOf(list, list.length - 1);
    cheaply(BlockPayload.class, join(start, number(claimed), new byte[20]));
    // A negative count is followed by the items' bytes in all.
    cheaply(BlockPayload.class, join(start, number(-claimed), number(10), new byte[20]));
  }

  private static void cheaply(Class<? extends SpecificRecordBase> type, byte[] bytes) {
    refused(type, bytes);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    refused(type, bytes);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
  }

  @Test
  void refusesWhatIsLongerThanAnyRecord() {
    byte[] encoded = RecordCodec.encode(RECORD);
    // The length of the last field, 14 bytes so far, takes three bytes more at this size.
    int longest = RecordReader.RECORD_BYTES_MAX - encoded.length + 14 - 3;
    byte[] atTheLimit = RecordCodec.encode(sized(longest));
    assertThat(atTheLimit).hasSize(RecordReader.RECORD_BYTES_MAX);
    assertThat(RecordCodec.decode(AtRest.class, atTheLimit)).isEqualTo(sized(longest));
    refused(AtRest.class, RecordCodec.encode(sized(longest + 1)));
  }

  private static AtRest sized(int ciphertextBytes) {
    return new AtRest("key", bytes(4), bytes(12), bytes(ciphertextBytes));
  }

  /** No bytes at all lead to anything but a record or the one exception. */
  @Test
  void randomDamageIsRefusedOrIsAnotherRecord() {
    Random random = Seeds.random("damage");
    byte[] encoded = RecordCodec.encode(RECORD);
    for (int i = 0; i < 20_000; i++) {
      byte[] changed = encoded.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        changed[HEAD_BYTES + random.nextInt(changed.length - HEAD_BYTES)] = (byte) random.nextInt();
      }
      try {
        RecordCodec.decode(AtRest.class, changed);
      } catch (MalformedRecordException e) {
        assertThat(e).hasMessageNotContaining("secret");
      }
    }
  }
}
