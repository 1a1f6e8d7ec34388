package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.concordat.ops.Concordat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the three processes of {@code bench engine} open is what plain big integers say, from the
 * seed alone; says nothing of speed.
 */
class EngineIT {
  private static final int ROWS = 20_003;
  private static final long SEED = 7;
  private static final BigInteger WORDS = BigInteger.TWO.pow(64);
  private static final BigInteger GAMMA = hex("9E3779B97F4A7C15");
  private static final BigInteger FIRST_FACTOR = hex("BF58476D1CE4E5B9");
  private static final BigInteger SECOND_FACTOR = hex("94D049BB133111EB");
  private static final BigInteger MIDDLE = BigInteger.ONE.shiftLeft(31);
  private static final String TIER = System.getProperty("concordat.tier", "4");

  private static final List<BigInteger> WEIGHTS =
      IntStream.range(0, 32).mapToObj(EngineIT::weight).toList();
  private static final long[] LEAVES =
      IntStream.range(0, 64 * 100).mapToLong(i -> value(65, i, 16).longValue()).toArray();
  private static final long[] CUTS =
      IntStream.range(0, 3_200).mapToLong(i -> Math.max(1, value(66, i, 32).longValue())).toArray();

  @TempDir private Path temp;

  /** AES and loops over columns repay what the second compiler takes. */
  @BeforeEach
  void compileFully() {
    System.setProperty("concordat.tier", "4");
  }

  @AfterAll
  static void compileAsOthers() {
    System.setProperty("concordat.tier", TIER);
  }

  @Test
  void opensWhatPlainArithmeticSays() throws Exception {
    Map<String, JsonNode> figures = measure("--rows", "" + ROWS, "--runs", "1", "--warm-up", "0");
    assertThat(figures.get("compare64").get("checksum").asText())
        .isEqualTo(bits(row -> value(0, row, 62).compareTo(value(1, row, 62)) < 0));
    assertThat(figures.get("compare32").get("checksum").asText())
        .isEqualTo(bits(row -> value(0, row, 31).compareTo(value(1, row, 31)) < 0));
    assertThat(figures.get("score32").get("checksum").asText()).isEqualTo(bits(this::flagged));
    assertThat(figures.get("score32-single").get("checksum").asText())
        .isEqualTo(bits(1, this::flagged));
    assertThat(figures.get("equal64").get("checksum").asText())
        .isEqualTo(bits(row -> value(0, row, 64).equals(value(1, row, 64))));
    assertThat(figures.get("trees100x6").get("checksum").asText())
        .isEqualTo(bits(row -> forest(row, 7)));
    assertThat(figures.get("trees100x6-raw32").get("checksum").asText())
        .isEqualTo(bits(row -> forest(row, 32)));
    assertThat(figures.get("aes128").get("checksum").asText()).isEqualTo(ciphers());
    assertThat(figures.get("multiply").get("checksum").asText()).isEqualTo(products());
    assertThat(figures.get("and").get("checksum").asText())
        .isEqualTo(
            bits(
                row ->
                    value(0, row / 64, 64).testBit(row % 64)
                        && value(1, row / 64, 64).testBit(row % 64)));
    assertThat(figures.get("multiply").get("bytesPerRow").asDouble()).isBetween(24.0, 25.0);
    assertThat(figures.get("score32-single").get("millis").asDouble()).isPositive();
    // A result alone would be 8 bytes; frames and rounds take a little, whatever they carry.
    assertThat(figures.get("multiply").get("allocatedBytesPerRow").asDouble()).isLessThan(8);
    for (String op : List.of("compare64", "compare32", "multiply", "score32")) {
      double counted = figures.get(op).get("loopbackBytesPerRow").asDouble();
      // Other processes of the machine may use the interface as well: it can only count more.
      assertThat(figures.get(op).get("bytesPerRow").asDouble()).as(op).isLessThan(counted);
    }
  }

  @Test
  void aSlowerNetworkChangesNoResult() throws Exception {
    // A few thousand rows don't.
    System.setProperty("concordat.tier", TIER);
    Map<String, JsonNode> figures =
        measure(
            "--op=compare64,multiply",
            "--rows=5000",
            "--runs=1",
            "--warm-up=0",
            "--delay=4",
            "--bandwidth=100");
    assertThat(figures.get("compare64").get("checksum").asText())
        .isEqualTo(bits(5000, row -> value(0, row, 62).compareTo(value(1, row, 62)) < 0));
    // Eight rounds of 2 ms one way, and the agreement before and after.
    assertThat(figures.get("compare64").get("perSecond").asDouble()).isLessThan(5000 / 0.016);
  }

  private Map<String, JsonNode> measure(String... options) throws Exception {
    List<String> args = new ArrayList<>(List.of("bench", "engine", "--json", "--seed=" + SEED));
    args.addAll(List.of(options));
    List<String> lines =
        Runs.command(temp.resolve("engine.log"), Concordat.DONE, args.toArray(new String[0]));
    Map<String, JsonNode> figures = new HashMap<>();
    for (String line : lines) {
      if (line.startsWith("{")) {
        JsonNode figure = new ObjectMapper().readTree(line);
        figures.put(figure.get("op").asText(), figure);
      }
    }
    return figures;
  }

  /** The upper bits of SplitMix64's output for a stream's word, in big integers. */
  private static BigInteger value(int stream, int index, int widthBits) {
    BigInteger position =
        BigInteger.valueOf(stream).shiftLeft(40).add(BigInteger.valueOf(index + 1L));
    BigInteger z = BigInteger.valueOf(SEED).add(position.multiply(GAMMA));
    z = z.mod(WORDS);
    z = z.xor(z.shiftRight(30)).multiply(FIRST_FACTOR).mod(WORDS);
    z = z.xor(z.shiftRight(27)).multiply(SECOND_FACTOR).mod(WORDS);
    return z.xor(z.shiftRight(31)).shiftRight(64 - widthBits);
  }

  private static BigInteger hex(String digits) {
    return new BigInteger(digits, 16);
  }

  /** 32 features of 32 bits against a threshold of the features' middle. */
  private boolean flagged(int row) {
    BigInteger margin = BigInteger.ZERO;
    for (int feature = 0; feature < 32; feature++) {
      BigInteger weight = WEIGHTS.get(feature);
      margin = margin.add(weight.multiply(value(feature, row, 32).subtract(MIDDLE)));
    }
    return margin.signum() >= 0;
  }

  private static BigInteger weight(int feature) {
    return value(64, feature, 64).mod(hex("8000")).subtract(hex("4000"));
  }

  /** Walks down each tree. */
  private static boolean forest(int row, int widthBits) {
    long[] features = new long[32];
    for (int feature = 0; feature < features.length; feature++) {
      features[feature] = value(feature, row, widthBits).longValue();
    }
    long sum = 0;
    for (int tree = 0; tree < 100; tree++) {
      int node = 0;
      while (node < 63) {
        int test = (63 * tree + node) * 1657 % 3200;
        node = 2 * node + (features[test / 100] < cut(test, widthBits) ? 1 : 2);
      }
      sum += LEAVES[64 * tree + node - 63];
    }
    return sum >= 100 * 32_768;
  }

  private static long cut(int test, int widthBits) {
    return widthBits == 7 ? test % 100 + 1 : CUTS[test];
  }

  private static String bits(IntPredicate result) throws Exception {
    return bits(ROWS, result);
  }

  private static String bits(int rows, IntPredicate result) throws Exception {
    // Big integers take long: on all processors.
    boolean[] results = new boolean[rows];
    IntStream.range(0, rows).parallel().forEach(row -> results[row] = result.test(row));
    var set = new BitSet(rows);
    for (int row = 0; row < rows; row++) {
      set.set(row, results[row]);
    }
    byte[] bytes = new byte[(rows + 63) / 64 * 8];
    System.arraycopy(set.toByteArray(), 0, bytes, 0, set.toByteArray().length);
    return sha256(bytes);
  }

  private static String products() throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(ROWS * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < ROWS; row++) {
      bytes.putLong(value(0, row, 64).multiply(value(1, row, 64)).longValue());
    }
    return sha256(bytes.array());
  }

  /** The JDK's AES; a block is two words, then its key is two. */
  private static String ciphers() throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(ROWS * 16);
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    for (int row = 0; row < ROWS; row++) {
      ByteBuffer words = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
      for (int stream = 0; stream < 4; stream++) {
        words.putLong(value(stream, row, 64).longValue());
      }
      cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(words.array(), 16, 16, "AES"));
      bytes.put(cipher.doFinal(words.array(), 0, 16));
    }
    return sha256(bytes.array());
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
