package org.concordat.rules.model.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.concordat.rules.Seeds;
import org.concordat.rules.model.tree.TreeFile.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are written as Latin-1 here; {@code _} is a zero byte. */
class UbjsonTest {
  private static byte[] bytes(String text) {
    return text.replace('_', '\0').getBytes(StandardCharsets.ISO_8859_1);
  }

  private static JsonNode read(String text) throws RefusedException {
    return Ubjson.read(bytes(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "{};{}",
        "{#i_;{}",
        "{i\1ai\5};{\"a\":5}",
        "{#i\1i\1ai\5;{\"a\":5}",
        "{i\1ai\u00ff};{\"a\":-1}",
        "{i\1aU\u00ff};{\"a\":255}",
        "{i\1aI\1_};{\"a\":256}",
        "{i\1al___\7};{\"a\":7}",
        "{i\1aL_______\7};{\"a\":7}",
        "{i\1ad?\u00c0__};{\"a\":1.5}",
        "{i\1aD?\u00f8______};{\"a\":1.5}",
        "{i\1aT};{\"a\":true}",
        "{i\1aF};{\"a\":false}",
        "{i\1aZ};{\"a\":null}",
        "{L_______\1aSi\2hi};{\"a\":\"hi\"}",
        "{i\1a[i\1i\2]};{\"a\":[1,2]}",
        "{i\1a[#i\2i\1Si\1x};{\"a\":[1,\"x\"]}",
        "{i\1a[$U#i\2\1\2};{\"a\":[1,2]}",
        "{i\1a[$d#L_______\1?\u00c0__};{\"a\":[1.5]}",
        "{i\1a[$l#i_};{\"a\":[]}",
        "{i\1a{i\1b[]}};{\"a\":{\"b\":[]}}"
      })
  void reads(String file, String json) throws Exception {
    assertThat(read(file).toString()).isEqualTo(new ObjectMapper().readTree(json).toString());
    for (int length = 0; length < file.length(); length++) {
      String cut = file.substring(0, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(RefusedException.class);
    }
    assertThatThrownBy(() -> read(file + "x"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("after its end");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{i\1aH", // a long number
        "{i\1aN", // no operation
        "{i\1aC", // a character
        "{i\1ai\1i\1ai\2}", // a key twice
        "{$i#i\1i\1a\5", // an object of one type
        "{i\u00ffa", // a negative length
        "{d?\u00c0__a", // a length that is no whole number
        "{i\1a[$T#i\2", // values without bytes
        "{i\1a[$i\1", // a type and no length
        "{i\1a[$d#l\177\u00ff\u00ff\u00ff", // longer than the file
        "{i\1a[#L\177\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
        "{i\1aSL\177\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
        "{i\2\u00ff\u00ffi\1}" // no UTF-8
      })
  void refuses(String file) {
    assertThatThrownBy(() -> read(file)).isInstanceOf(RefusedException.class);
  }

  @Test
  void depthIsLimited() throws RefusedException {
    String open = "[".repeat(Ubjson.DEPTH_MAX);
    String close = "]".repeat(Ubjson.DEPTH_MAX);
    assertThat(read(open + close).isArray()).isTrue();
    assertThatThrownBy(() -> read("[" + open + close + "]"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("deep");
    assertThatThrownBy(() -> read("[".repeat(1_000_000)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("deep");
  }

  @Test
  void valuesAreLimited() throws RefusedException {
    // With the array itself.
    assertThat(Ubjson.read(array(Ubjson.VALUES_MAX - 1))).hasSize(Ubjson.VALUES_MAX - 1);
    assertThatThrownBy(() -> Ubjson.read(array(Ubjson.VALUES_MAX)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("values");
  }

  private static byte[] array(int length) {
    byte[] array = new byte[9 + length];
    byte[] head = bytes("[$i#l____");
    System.arraycopy(head, 0, array, 0, head.length);
    for (int i = 0; i < Integer.BYTES; i++) {
      array[5 + i] = (byte) (length >>> (24 - 8 * i));
    }
    return array;
  }

  @Test
  void randomFilesAreReadOrRefused() throws JsonProcessingException {
    long seed = Seeds.seed();
    var random = new Random(seed);
    String alphabet = "{}[]$#iUIlLdDSTFZ\0\1\2ab\u00ff";
    int refused = 0;
    for (int run = 0; run < 20_000; run++) {
      var file = new StringBuilder("{");
      int length = random.nextInt(40);
      for (int i = 0; i < length; i++) {
        file.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        read(file.toString());
      } catch (RefusedException e) {
        refused++;
      }
    }
    assertThat(refused).as("seed %d", seed).isGreaterThan(10_000);
  }
}
