package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The search that the leak tests stand on finds every form it claims to find, at any position. */
class CanariesTest {
  private static final String NAME = "Quillon Zwetschgenbaum";
  private final Canaries canaries =
      new Canaries().text(NAME).amount("918273645546.37", 91827364554637L);

  @Test
  void findsEveryForm() throws Exception {
    byte[] utf8 = NAME.getBytes(StandardCharsets.UTF_8);
    for (Charset charset :
        List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)) {
      assertThat(found(hidden(NAME.getBytes(charset)))).isNotEmpty();
    }
    assertThat(found(hidden(ascii(HexFormat.of().formatHex(utf8))))).isNotEmpty();
    for (int shift = 0; shift < 3; shift++) {
      byte[] inside =
          ("{\"a\":" + "x".repeat(shift) + NAME + "\"}").getBytes(StandardCharsets.UTF_8);
      assertThat(found(hidden(ascii(Base64.getEncoder().encodeToString(inside)))))
          .as("shift %d", shift)
          .isNotEmpty();
    }
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      byte[] number = ByteBuffer.allocate(8).order(order).putLong(91827364554637L).array();
      assertThat(found(hidden(number))).as("%s", order).isNotEmpty();
    }
    assertThat(found(hidden(ascii("918273645546.37")))).isNotEmpty();
  }

  /** Its own zeros can't be told from those around it. */
  @Test
  void findsANumberAmongZerosFromTheFirstToTheLastByte() throws Exception {
    byte[] zeros = new byte[(2 << 20) + 5];
    assertThat(found(zeros)).isEmpty();
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      byte[] number = ByteBuffer.allocate(8).order(order).putLong(91827364554637L).array();
      for (int at : List.of(0, (1 << 20) - 3, zeros.length - number.length)) {
        byte[] file = zeros.clone();
        System.arraycopy(number, 0, file, at, number.length);
        assertThat(found(file)).as("%s at %d", order, at).hasSize(1);
      }
    }
  }

  @Test
  void findsNothingInNoise() throws Exception {
    byte[] noise = new byte[8 << 20];
    new Random(1).nextBytes(noise);
    assertThat(found(noise)).isEmpty();
  }

  /** What is found, the same in one piece and read chunk by chunk. */
  private TreeSet<String> found(byte[] bytes) throws Exception {
    TreeSet<String> whole = canaries.foundIn(bytes);
    assertThat(canaries.foundIn(new ByteArrayInputStream(bytes))).isEqualTo(whole);
    return whole;
  }

  /** Needle across a chunk boundary, with noise around it. */
  private static byte[] hidden(byte[] needle) {
    byte[] noise = new byte[(1 << 20) - 3];
    new Random(2).nextBytes(noise);
    var out = new ByteArrayOutputStream();
    out.writeBytes(noise);
    out.writeBytes(needle);
    out.writeBytes(noise);
    return out.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
