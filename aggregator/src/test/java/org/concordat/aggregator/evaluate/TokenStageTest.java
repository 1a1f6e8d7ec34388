package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.Test;

/** Pseudonyms against the JDK's AES under the rebuilt key; values against their range. */
class TokenStageTest {
  private static final long MAX = 1_000;
  private static final long[] SUBMITTED = {
    0, 1, MAX - 1, MAX, MAX + 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 62, -MAX, 7
  };
  private static final ShareLayout LAYOUT =
      new ShareLayout(
          List.of(
              ShareField.bits(3),
              ShareField.bits(64),
              ShareField.bits(64),
              ShareField.arithmetic(),
              ShareField.bits(64),
              ShareField.bits(64)));

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  private static LinkSpec spec(int linkageBits) {
    return new LinkSpec(
        linkageBits,
        100,
        List.of(new LinkSpec.EntityField("payee", 4), new LinkSpec.EntityField("payer", 1)),
        -1,
        List.of(
            new LinkSpec.ValueField("amount", 3, MAX),
            new LinkSpec.ValueField("amount", 3, 1, MAX - 1, true)),
        List.of(),
        List.of(),
        Optional.empty(),
        List.of());
  }

  private List<LinkageKey> draw(long keySeed) {
    var parties = new Rep3Parties(keySeed);
    var network = new MemoryNetwork(3);
    return network.run(party -> () -> LinkageKey.draw(parties.suite(network, party), new Steps()));
  }

  private List<Tokens> tokens(LinkSpec spec, List<LinkageKey> keys, Batch batch) {
    return tokens(spec, keys, batch, new MemoryNetwork(3));
  }

  private List<Tokens> tokens(
      LinkSpec spec, List<LinkageKey> keys, Batch batch, MemoryNetwork network) {
    var parties = new Rep3Parties(seed + 1);
    var stage = new TokenStage(spec, LAYOUT);
    return network.run(
        party ->
            () ->
                stage.evaluate(
                    parties.suite(network, party),
                    new Steps(),
                    keys.get(party),
                    batch.byParty().get(party)));
  }

  private Batch batch(int... blockRows) {
    var rows = new ArrayList<long[][]>();
    int at = 0;
    for (int count : blockRows) {
      long[][] block = new long[count][];
      for (int row = 0; row < count; row++) {
        long amount = SUBMITTED[at++ % SUBMITTED.length];
        block[row] =
            new long[] {5, random.nextLong(), random.nextLong(), amount, random.nextLong(), at % 3};
      }
      rows.add(block);
    }
    return Batch.share(LAYOUT, rows);
  }

  /** The AES key that three parties' components are of. */
  static byte[] rebuilt(List<LinkageKey> keys) {
    byte[] key = new byte[16];
    for (LinkageKey part : keys) {
      ByteBuffer first = part.bytes();
      for (int i = 0; i < key.length; i++) {
        key[i] ^= first.get(i);
      }
    }
    return key;
  }

  static long jdk(byte[] key, long low, long high) throws Exception {
    return cipher(key, low, high).getLong();
  }

  private static ByteBuffer cipher(byte[] key, long low, long high) throws Exception {
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    ByteBuffer block = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    block.putLong(low).putLong(high);
    return ByteBuffer.wrap(cipher.doFinal(block.array())).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void pseudonymsAreTheJdksAesUnderTheRebuiltKey() throws Exception {
    List<LinkageKey> keys = draw(seed);
    byte[] key = rebuilt(keys);
    for (int bits : new int[] {64, 17}) {
      long mask = bits == 64 ? -1L : (1L << bits) - 1;
      Batch batch = batch(3, 64, 65, 1);
      List<Tokens> parties = tokens(spec(bits), keys, batch);
      int at = 0;
      for (long[][] block : batch.rows()) {
        for (long[] row : block) {
          for (Tokens tokens : parties) {
            assertThat(tokens.pseudonyms()[0][at]).isEqualTo(jdk(key, row[4], row[5]) & mask);
            assertThat(tokens.pseudonyms()[1][at]).isEqualTo(jdk(key, row[1], row[2]) & mask);
          }
          at++;
        }
      }
      assertThat(parties.getFirst().pseudonyms()[0]).hasSize(at);
    }
  }

  @Test
  void ofHiddenEntitiesTheNextBitsStayShared() throws Exception {
    List<LinkageKey> keys = draw(seed);
    byte[] key = rebuilt(keys);
    LinkSpec named = spec(9);
    var hidden =
        new LinkSpec(
            9,
            100,
            100,
            named.entities(),
            -1,
            named.values(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            Optional.of(new LinkSpec.Hidden(16, 8_192, 1)),
            false);
    Batch batch = batch(3, 65);
    List<Tokens> parties = tokens(hidden, keys, batch);
    int at = 0;
    for (long[][] block : batch.rows()) {
      for (long[] row : block) {
        ByteBuffer payee = cipher(key, row[4], row[5]);
        long low = payee.getLong();
        long shared = 0;
        for (int party = 0; party < 3; party++) {
          assertThat(parties.get(party).pseudonyms()[0][at]).isEqualTo(low & 511);
          long[][][] kept = parties.get(party).values();
          shared ^= kept[0][2][at];
          assertThat(parties.get((party + 2) % 3).values()[1][2][at]).isEqualTo(kept[0][2][at]);
          assertThat(kept[0].length).isEqualTo(4);
        }
        assertThat(shared).isEqualTo(low >>> 9 | payee.getLong() << 55);
        at++;
      }
    }
  }

  @Test
  void valuesOutOfRangeCountAsZero() {
    Batch batch = batch(SUBMITTED.length, 70);
    List<Tokens> parties = tokens(spec(64), draw(seed), batch);
    int at = 0;
    for (long[][] block : batch.rows()) {
      for (long[] row : block) {
        long sum = 0;
        long count = 0;
        for (int party = 0; party < 3; party++) {
          long[][][] values = parties.get(party).values();
          sum += values[0][0][at];
          count += values[0][1][at];
          assertThat(parties.get((party + 2) % 3).values()[1][0][at]).isEqualTo(values[0][0][at]);
        }
        assertThat(sum).isEqualTo(row[3] >= 0 && row[3] <= MAX ? row[3] : 0);
        assertThat(count).isEqualTo(row[3] > 0 && row[3] < MAX ? 1 : 0);
        at++;
      }
    }
  }

  @Test
  void aKeyIsDrawnAnewAndComesBackFromItsBytes() {
    List<LinkageKey> keys = draw(seed);
    Batch batch = batch(9);
    long[] pseudonyms = tokens(spec(64), keys, batch).getFirst().pseudonyms()[0];
    List<LinkageKey> stored = keys.stream().map(key -> LinkageKey.of(key.bytes())).toList();
    assertThat(tokens(spec(64), stored, batch).getFirst().pseudonyms()[0]).isEqualTo(pseudonyms);
    assertThat(tokens(spec(64), draw(seed + 2), batch).getFirst().pseudonyms()[0])
        .doesNotContain(pseudonyms);
    assertThat(keys.getFirst()).hasToString("LinkageKey");
    stored.getFirst().destroy();
    ByteBuffer destroyed = stored.getFirst().bytes();
    while (destroyed.hasRemaining()) {
      assertThat(destroyed.get()).isZero();
    }
    assertThatIllegalArgumentException().isThrownBy(() -> LinkageKey.of(ByteBuffer.allocate(0)));
    assertThatIllegalArgumentException().isThrownBy(() -> LinkageKey.of(ByteBuffer.allocate(16)));
  }

  @Test
  void aPartyWithAnotherKeyIsFoundBeforeAnythingElseIsSent() {
    List<LinkageKey> keys = draw(seed);
    List<LinkageKey> others = draw(seed + 2);
    for (int party = 0; party < 3; party++) {
      var mixed = new ArrayList<>(keys);
      mixed.set(party, others.get(party));
      var steps = new ArrayList<String>();
      var network =
          new MemoryNetwork(
              3,
              (from, to, step, words) -> {
                synchronized (steps) {
                  steps.add(step.path());
                }
                return words;
              });
      ProtocolAbortException abort =
          catchThrowableOfType(
              ProtocolAbortException.class, () -> tokens(spec(64), mixed, batch(5), network));
      assertThat(abort.fault()).isEqualTo(Fault.HELD_DIFFER);
      assertThat(steps).isNotEmpty().doesNotContain("tokens0/open").contains("linkage/key");
    }
  }

  @Test
  void nothingOfAPaddingSlotIsOpened() {
    Batch batch = batch(3);
    // A bank fills the slots after its rows with what it would like to see enciphered.
    int from = LAYOUT.offset(4, 3);
    for (List<BlockShares> ofParty : batch.byParty()) {
      for (int position = 0; position < 2; position++) {
        long[] words = ofParty.getFirst().component(position);
        Arrays.setAll(words, i -> i >= from ? words[i] | -1L << 3 : words[i]);
      }
    }
    var opened = new ArrayList<long[]>();
    var network =
        new MemoryNetwork(
            3,
            (from1, to, step, words) -> {
              if (step.path().endsWith("/open") && words.length > 4) {
                synchronized (opened) {
                  opened.add(words.clone());
                }
              }
              return words;
            });
    tokens(spec(64), draw(seed), batch, network);
    assertThat(opened).hasSize(3);
    for (long[] words : opened) {
      for (long word : words) {
        assertThat(word & -1L << 3).isZero();
      }
    }
  }

  @Test
  void refusesFieldsThatAreNoEntities() {
    LinkSpec wrong =
        new LinkSpec(
            64,
            100,
            List.of(new LinkSpec.EntityField("payee", 3)),
            -1,
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of());
    assertThatIllegalArgumentException().isThrownBy(() -> new TokenStage(wrong, LAYOUT));
  }
}
