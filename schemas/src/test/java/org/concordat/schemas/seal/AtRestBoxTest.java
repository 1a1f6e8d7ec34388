package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Set;
import org.concordat.schemas.FixedRandom;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.record.AtRest;
import org.concordat.schemas.record.RecordCodec;
import org.junit.jupiter.api.Test;

/** What was sealed at rest opens under the same wrapping key, at its own place only. */
class AtRestBoxTest {
  private static final byte[] PLAIN = "state of a partition".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] POSITION = {1, 2, 3};

  private final FixedRandom random = new FixedRandom("at rest");
  private final SymmetricKey key = SymmetricKey.generate(random);
  private final AtRestBox box = new AtRestBox(key, random);

  private byte[] sealed() {
    return box.seal("votes", 1, "vote", POSITION, PLAIN);
  }

  private static void refused(AtRestBox box, byte[] record) {
    assertRefused(() -> box.open("votes", 1, "vote", POSITION, record));
  }

  private static void assertRefused(Runnable open) {
    assertThatThrownBy(open::run)
        .isInstanceOfSatisfying(
            InvalidInputException.class,
            e -> assertThat(e.problems().getFirst().code()).isEqualTo(Code.CDT_507));
  }

  @Test
  void opensInThisProcessAndInALaterOne() {
    assertThat(box.open("votes", 1, "vote", POSITION, sealed())).isEqualTo(PLAIN);
    AtRestBox later = new AtRestBox(key, random);
    assertThat(later.open("votes", 1, "vote", POSITION, sealed())).isEqualTo(PLAIN);
  }

  @Test
  void aSpentDataKeyIsFollowedByAnother() {
    AtRestBox small = new AtRestBox(key, random, 3);
    var keys = new ArrayList<String>();
    for (int i = 0; i < 7; i++) {
      byte[] record = small.seal("votes", 1, "vote", POSITION, PLAIN);
      keys.add(RecordCodec.decode(AtRest.class, record).getKeyId());
      assertThat(small.open("votes", 1, "vote", POSITION, record)).isEqualTo(PLAIN);
      assertThat(box.open("votes", 1, "vote", POSITION, record)).isEqualTo(PLAIN);
    }
    assertThat(keys.subList(0, 3)).containsOnly(keys.get(0));
    assertThat(keys.subList(3, 6)).containsOnly(keys.get(3));
    assertThat(Set.of(keys.get(0), keys.get(3), keys.get(6))).hasSize(3);
  }

  @Test
  void theSameContentIsSealedToOtherBytesEachTime() {
    assertThat(sealed()).isNotEqualTo(sealed());
    assertThat(new String(sealed(), StandardCharsets.ISO_8859_1)).doesNotContain("partition");
  }

  @Test
  void anotherPlaceDoesNotOpen() {
    byte[] record = sealed();
    assertRefused(() -> box.open("state", 1, "vote", POSITION, record));
    assertRefused(() -> box.open("votes", 2, "vote", POSITION, record));
    assertRefused(() -> box.open("votes", 1, "state", POSITION, record));
    assertRefused(() -> box.open("votes", 1, "vote", new byte[] {1, 2}, record));
    assertRefused(() -> box.open("votes1", 1, "vote", POSITION, record));
  }

  @Test
  void anotherWrappingKeyDoesNotOpen() {
    refused(new AtRestBox(SymmetricKey.generate(random), random), sealed());
  }

  @Test
  void whatWasChangedDoesNotOpen() {
    AtRest record = RecordCodec.decode(AtRest.class, sealed());
    AtRestBox later = new AtRestBox(key, random);
    byte[] ciphertext = Hashes.bytesOf(record.getCiphertext());
    ciphertext[0] ^= 1;
    refused(later, encoded(AtRest.newBuilder(record).setCiphertext(ByteBuffer.wrap(ciphertext))));
    refused(later, encoded(AtRest.newBuilder(record).setCiphertext(ByteBuffer.allocate(0))));
    refused(later, encoded(AtRest.newBuilder(record).setNonce(ByteBuffer.allocate(12))));
    refused(later, encoded(AtRest.newBuilder(record).setNonce(ByteBuffer.allocate(11))));
    AtRestBox fresh = new AtRestBox(key, random);
    byte[] wrapped = Hashes.bytesOf(record.getWrappedKey());
    wrapped[20] ^= 1;
    refused(fresh, encoded(AtRest.newBuilder(record).setWrappedKey(ByteBuffer.wrap(wrapped))));
    refused(fresh, encoded(AtRest.newBuilder(record).setWrappedKey(ByteBuffer.allocate(5))));
    refused(fresh, encoded(AtRest.newBuilder(record).setKeyId("other")));
    refused(fresh, Arrays.copyOf(sealed(), 40));
    refused(fresh, new byte[0]);
  }

  private static byte[] encoded(AtRest.Builder record) {
    return RecordCodec.encode(record.build());
  }

  @Test
  void manyEarlierProcessesAreRead() {
    AtRestBox later = new AtRestBox(key, random);
    for (int i = 0; i <= AtRestBox.EARLIER_KEYS_MAX; i++) {
      byte[] record = new AtRestBox(key, random).seal("votes", 1, "vote", POSITION, PLAIN);
      assertThat(later.open("votes", 1, "vote", POSITION, record)).isEqualTo(PLAIN);
    }
  }
}
