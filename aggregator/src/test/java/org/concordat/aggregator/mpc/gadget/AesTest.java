package org.concordat.aggregator.mpc.gadget;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.concordat.aggregator.mpc.Seeds;
import org.junit.jupiter.api.Test;

/**
 * FIPS 197's vector, and the JDK's cipher on as many random blocks and keys as exercise a table.
 */
class AesTest {
  private static final int ROWS = 300;

  private final long seed = Seeds.seed();

  @Test
  void enciphersAsTheStandardAndTheJdkDo() throws Exception {
    byte[][] blocks = new byte[ROWS][16];
    byte[][] keys = new byte[ROWS][16];
    var random = new Random(seed);
    for (int row = 0; row < ROWS; row++) {
      random.nextBytes(blocks[row]);
      random.nextBytes(keys[row]);
    }
    // FIPS 197, appendix C.1.
    blocks[0] = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");
    keys[0] = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    var run = new SharedRun(seed, ROWS);
    Bits block = run.code(64, half(blocks, 0)).append(run.code(64, half(blocks, 1)));
    Bits key = run.code(64, half(keys, 0)).append(run.code(64, half(keys, 1)));
    Bits cipher = Aes.encrypt(run.builder, block, key);
    run.builder.output(cipher);
    Circuit circuit = run.run();
    long[] low = run.codes(cipher.slice(0, 64));
    long[] high = run.codes(cipher.slice(64, 128));
    for (int row = 0; row < ROWS; row++) {
      byte[] actual =
          ByteBuffer.allocate(16)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(low[row])
              .putLong(high[row])
              .array();
      assertThat(actual).as("row %d, seed %d", row, seed).isEqualTo(jdk(blocks[row], keys[row]));
    }
    assertThat(jdk(blocks[0], keys[0])).asHexString().isEqualTo("69C4E0D86A7B0430D8CDB78070B4C55A");
    assertThat(circuit.ands()).isEqualTo(200 * 34);
    assertThat(circuit.rounds()).isEqualTo(40);
  }

  @Test
  void aScheduledKeyGivesTheSameAndIsWrittenOnce() {
    var run = new SharedRun(seed, 1);
    Bits block = run.code(64, 0x7766554433221100L).append(run.code(64, 0xFFEEDDCCBBAA9988L));
    Bits key = run.code(64, 0x0706050403020100L).append(run.code(64, 0x0F0E0D0C0B0A0908L));
    Bits schedule = Aes.schedule(run.builder, key);
    int ofSchedule = run.builder.build().ands();
    Bits cipher = Aes.encryptScheduled(run.builder, block, schedule);
    run.builder.output(cipher);
    Circuit circuit = run.run();
    assertThat(run.codes(cipher.slice(0, 64))).containsExactly(0x30047B6AD8E0C469L);
    assertThat(run.codes(cipher.slice(64, 128))).containsExactly(0x5AC5B47080B7CDD8L);
    assertThat(schedule.width()).isEqualTo(Aes.SCHEDULE_BITS);
    assertThat(ofSchedule).isEqualTo(40 * 34);
    assertThat(circuit.ands() - ofSchedule).isEqualTo(160 * 34);
  }

  private static long[] half(byte[][] rows, int half) {
    long[] words = new long[rows.length];
    for (int row = 0; row < rows.length; row++) {
      words[row] = ByteBuffer.wrap(rows[row]).order(ByteOrder.LITTLE_ENDIAN).getLong(8 * half);
    }
    return words;
  }

  private static byte[] jdk(byte[] block, byte[] key) throws Exception {
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    return cipher.doFinal(block);
  }
}
