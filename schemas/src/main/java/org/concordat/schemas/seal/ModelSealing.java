package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.ModelComponent;
import org.concordat.schemas.record.ModelCore;
import org.concordat.schemas.record.ModelPayload;
import org.concordat.schemas.record.ModelShare;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Salt;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.share.Domain;

/**
 * Shares a publisher's secret model among three aggregators and seals each one's part: values as
 * sums of three components mod 2^64, or their exclusive or, of which aggregator i gets i and i+1
 * (Araki et al., ePrint 2016/768, section 2.1); HPKE single shot (RFC 9180 section 6.1, base mode,
 * X-Wing) to each aggregator's key.
 *
 * <p>Hides the values from everyone but two aggregators that pool their parts; shape, publisher and
 * time are open. The core commits to each component under a salt of its own, and the bank signs it:
 * aggregators that hold the same core hold consistent shares. Does not protect once an aggregator's
 * key of that time is taken, nor against a publisher that shares something else than it says.
 */
public final class ModelSealing {
  /** A model of 2^21 bits, two components of it, and room: less than a message's MiB. */
  static final int SEALED_BYTES_MAX = 768 << 10;

  private static final int PARTIES = 3;
  private static final int ENCAPSULATION_BYTES = 1120;

  private ModelSealing() {}

  /**
   * What a model is for: its reader's own knowledge, which a record has to match.
   *
   * @param domain how values are shared; it follows from the rule set
   */
  public record Purpose(String publisher, Digest ruleSet, String rule, Domain domain, int values) {
    /** The key of an aggregator's record on the bus: later publications replace earlier ones. */
    public String key(String aggregator) {
      return HexFormat.of().formatHex(ruleSet.bytes()) + "/" + rule + "/" + aggregator;
    }
  }

  /** A model's record, read or refused. */
  public sealed interface Opening {}

  /**
   * One aggregator's part.
   *
   * @param core SHA-256 of what is the same in every copy
   */
  public record Opened(long publication, Digest core, Part part) implements Opening {
    /** For whoever seals it again for itself. */
    public byte[] encode() {
      ByteBuffer bytes =
          ByteBuffer.allocate(
              Long.BYTES + core.bytes().length + 2 * part.first.length * Long.BYTES);
      bytes.putLong(publication).put(core.bytes());
      for (long[] words : List.of(part.first, part.second)) {
        for (long word : words) {
          bytes.putLong(word);
        }
      }
      return bytes.array();
    }

    /** What {@link #encode} gave; nothing where it is of another length. */
    public static Optional<Opened> decode(byte[] encoded, int values) {
      byte[] core = new byte[32];
      if (encoded.length != Long.BYTES + core.length + 2 * values * Long.BYTES) {
        return Optional.empty();
      }
      ByteBuffer bytes = ByteBuffer.wrap(encoded);
      long publication = bytes.getLong();
      bytes.get(core);
      long[][] words = new long[2][values];
      for (long[] component : words) {
        for (int i = 0; i < values; i++) {
          component[i] = bytes.getLong();
        }
      }
      return Optional.of(new Opened(publication, new Digest(core), new Part(words[0], words[1])));
    }
  }

  /** Why not. */
  public record Refused(Code code) implements Opening {}

  /** Components i and i+1 of aggregator i. */
  public static final class Part {
    private final long[] first;
    private final long[] second;

    Part(long[] first, long[] second) {
      this.first = first;
      this.second = second;
    }

    public long[] first() {
      return first.clone();
    }

    public long[] second() {
      return second.clone();
    }

    @Override
    public String toString() {
      return "Part[values=" + first.length + "]";
    }
  }

  /**
   * Shares and seals a model.
   *
   * @param publication greater than that of any earlier one for the same rule set and rule
   * @param keys by aggregator index, their signatures already verified
   * @return a record for each aggregator, in the charter's order
   */
  public static List<ModelShare> seal(
      Charter charter,
      Purpose purpose,
      long publication,
      long[] values,
      List<HpkeKey> keys,
      SigningKey signingKey,
      SecureRandom random) {
    if (values.length != purpose.values()
        || keys.size() != PARTIES
        || charter.aggregators().size() != PARTIES) {
      throw new IllegalArgumentException("values or keys");
    }
    List<ModelComponent> components = components(purpose.domain(), values, random);
    byte[] core =
        RecordCodec.encode(
            new ModelCore(
                Charter.PROTOCOL,
                charter.hash(),
                purpose.publisher(),
                purpose.ruleSet(),
                purpose.rule(),
                publication,
                values.length,
                components.stream().map(c -> new Digest(commitment(c))).toList()));
    List<ModelShare> shares = new ArrayList<>();
    for (int party = 0; party < PARTIES; party++) {
      String aggregator = charter.aggregators().get(party).name();
      HpkeKey key = keys.get(party);
      if (!key.getOwner().equals(aggregator) || !key.getCharter().equals(charter.hash())) {
        throw new IllegalArgumentException("The key belongs to someone else.");
      }
      var payload =
          new ModelPayload(List.of(components.get(party), components.get((party + 1) % PARTIES)));
      shares.add(
          Signed.sign(
              new ModelShare(
                  ByteBuffer.wrap(core),
                  aggregator,
                  key.getKeyId(),
                  ByteBuffer.wrap(sealed(charter, purpose.publisher(), core, key, payload)),
                  new Signature(new byte[64])),
              signingKey));
    }
    return shares;
  }

  private static List<ModelComponent> components(
      Domain domain, long[] values, SecureRandom random) {
    long[] rest = values.clone();
    List<ModelComponent> components = new ArrayList<>();
    for (int component = 0; component < PARTIES; component++) {
      byte[] words = new byte[values.length * Long.BYTES];
      var buffer = ByteBuffer.wrap(words).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
      if (component + 1 < PARTIES) {
        random.nextBytes(words);
        for (int i = 0; i < rest.length; i++) {
          rest[i] =
              switch (domain) {
                case ARITHMETIC -> rest[i] - buffer.get(i);
                case BOOLEAN -> rest[i] ^ buffer.get(i);
              };
        }
      } else {
        buffer.put(rest);
      }
      byte[] salt = new byte[32];
      random.nextBytes(salt);
      components.add(new ModelComponent(component, new Salt(salt), ByteBuffer.wrap(words)));
    }
    return components;
  }

  static byte[] sealed(
      Charter charter, String publisher, byte[] core, HpkeKey key, ModelPayload payload) {
    byte[] plain = RecordCodec.encode(payload);
    var recipient = new SealingPublicKey(Hashes.bytesOf(key.getPublicKey()));
    try {
      byte[][] sealed =
          SealingPublicKey.hpke()
              .seal(
                  recipient.key(),
                  info(charter, publisher, key.getOwner(), key.getKeyId()),
                  associated(core),
                  plain,
                  null,
                  null,
                  null);
      // Bouncy Castle gives the ciphertext first.
      return ByteBuffer.allocate(sealed[1].length + sealed[0].length)
          .put(sealed[1])
          .put(sealed[0])
          .array();
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("Sealing has no bad input.", e);
    } finally {
      Gcm.wipe(plain);
    }
  }

  /**
   * Opens an aggregator's part, or says why not. Never throws for what a bank or broker can send.
   *
   * @param after publications up to this one are refused
   * @param keys this aggregator's, by id
   */
  public static Opening open(
      byte[] record,
      Charter charter,
      String aggregator,
      Purpose purpose,
      long after,
      Function<String, Optional<SealingKeyPair>> keys) {
    try {
      return open(
          RecordCodec.decode(ModelShare.class, record), charter, aggregator, purpose, after, keys);
    } catch (MalformedRecordException e) {
      return new Refused(Code.CDT_420);
    }
  }

  private static Opening open(
      ModelShare share,
      Charter charter,
      String aggregator,
      Purpose purpose,
      long after,
      Function<String, Optional<SealingKeyPair>> keys) {
    byte[] coreBytes = Hashes.bytesOf(share.getCore());
    ModelCore core = RecordCodec.decode(ModelCore.class, coreBytes);
    if (core.getProtocol() != Charter.PROTOCOL || !core.getCharter().equals(charter.hash())) {
      return new Refused(Code.CDT_421);
    }
    Optional<Charter.Bank> bank = charter.bank(purpose.publisher());
    if (bank.isEmpty()
        || !core.getPublisher().equals(purpose.publisher())
        || !Signed.verify(share, bank.get().verifyingKey())) {
      return new Refused(Code.CDT_422);
    }
    if (!core.getRuleSet().equals(purpose.ruleSet())) {
      return new Refused(Code.CDT_423);
    }
    if (!core.getRule().equals(purpose.rule())
        || core.getValues() != purpose.values()
        || core.getComponentCommitments().size() != PARTIES) {
      return new Refused(Code.CDT_424);
    }
    if (!share.getAggregator().equals(aggregator)) {
      return new Refused(Code.CDT_425);
    }
    if (core.getPublication() <= after) {
      return new Refused(Code.CDT_428);
    }
    Optional<ModelPayload> payload =
        keys.apply(share.getKeyId()).flatMap(key -> unsealed(share, charter, core, coreBytes, key));
    if (payload.isEmpty()) {
      return new Refused(Code.CDT_426);
    }
    return part(payload.get(), core, charter.aggregatorIndex(aggregator))
        .<Opening>map(
            part ->
                new Opened(
                    core.getPublication(), new Digest(Hashes.sha256().digest(coreBytes)), part))
        .orElse(new Refused(Code.CDT_427));
  }

  private static Optional<ModelPayload> unsealed(
      ModelShare share, Charter charter, ModelCore core, byte[] coreBytes, SealingKeyPair key) {
    byte[] sealed = Hashes.bytesOf(share.getSealed());
    if (sealed.length <= ENCAPSULATION_BYTES + Gcm.TAG_BYTES || sealed.length > SEALED_BYTES_MAX) {
      return Optional.empty();
    }
    try {
      byte[] plain =
          SealingPublicKey.hpke()
              .open(
                  Arrays.copyOf(sealed, ENCAPSULATION_BYTES),
                  key.pair(),
                  info(charter, core.getPublisher(), share.getAggregator(), share.getKeyId()),
                  associated(coreBytes),
                  Arrays.copyOfRange(sealed, ENCAPSULATION_BYTES, sealed.length),
                  null,
                  null,
                  null);
      return Optional.of(RecordCodec.decode(ModelPayload.class, plain));
    } catch (InvalidCipherTextException
        | MalformedRecordException
        | IllegalArgumentException
        | IllegalStateException e) {
      // Bouncy Castle throws the last two for encapsulations of a wrong length or a zero agreement.
      return Optional.empty();
    }
  }

  private static Optional<Part> part(ModelPayload payload, ModelCore core, int party) {
    if (payload.getComponents().size() != 2) {
      return Optional.empty();
    }
    long[][] words = new long[2][core.getValues()];
    for (int position = 0; position < 2; position++) {
      ModelComponent component = payload.getComponents().get(position);
      int expected = (party + position) % PARTIES;
      byte[] committed = core.getComponentCommitments().get(expected).bytes();
      ByteBuffer given = component.getWords().duplicate();
      if (component.getComponent() != expected
          || given.remaining() != core.getValues() * Long.BYTES
          || !MessageDigest.isEqual(commitment(component), committed)) {
        return Optional.empty();
      }
      given.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words[position]);
    }
    return Optional.of(new Part(words[0], words[1]));
  }

  private static byte[] commitment(ModelComponent component) {
    return Hashes.sha256(
        "model-component",
        component.getSalt().bytes(),
        Hashes.number(component.getComponent()),
        Hashes.bytesOf(component.getWords()));
  }

  private static byte[] info(Charter charter, String publisher, String aggregator, String keyId) {
    return Hashes.info(
        "model",
        Hashes.number(Charter.PROTOCOL),
        charter.hash().bytes(),
        Hashes.text(publisher),
        Hashes.text(aggregator),
        Hashes.text(keyId));
  }

  private static byte[] associated(byte[] core) {
    return Hashes.info("model-share", Hashes.sha256().digest(core));
  }
}
