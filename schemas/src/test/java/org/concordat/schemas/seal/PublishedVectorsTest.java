package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Properties;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.pqc.crypto.xwing.XWingKEMExtractor;
import org.bouncycastle.pqc.crypto.xwing.XWingKEMGenerator;
import org.bouncycastle.pqc.crypto.xwing.XWingPrivateKeyParameters;
import org.concordat.schemas.GoldenFile;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SigningKey;
import org.junit.jupiter.api.Test;

/** The libraries below compute what the standards publish. */
class PublishedVectorsTest {
  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static Properties vector(String name) throws IOException {
    var vector = new Properties();
    vector.load(new StringReader(new GoldenFile(PublishedVectorsTest.class, name).text()));
    return vector;
  }

  @Test
  void xWing() throws IOException {
    Properties vector = vector("x-wing.properties");
    for (int i = 0; i < 3; i++) {
      byte[] seed = hex(vector.getProperty("seed" + i));
      var pair = new SealingKeyPair(seed);
      assertThat(hex(pair.publicKey().bytes()))
          .startsWith(vector.getProperty("publicKeyStart" + i, ""))
          .endsWith(vector.getProperty("publicKeyEnd" + i, ""));
      SecretWithEncapsulation sent =
          new XWingKEMGenerator(new GivenRandom(hex(vector.getProperty("randomness" + i))))
              .generateEncapsulated(pair.publicKey().key());
      assertThat(hex(sent.getEncapsulation()))
          .startsWith(vector.getProperty("ciphertextStart" + i, ""))
          .endsWith(vector.getProperty("ciphertextEnd" + i, ""));
      assertThat(hex(sent.getSecret())).isEqualTo(vector.getProperty("sharedSecret" + i));
      byte[] received =
          new XWingKEMExtractor(new XWingPrivateKeyParameters(seed))
              .extractSecret(sent.getEncapsulation());
      assertThat(received).isEqualTo(sent.getSecret());
    }
  }

  /** Gives the bytes of a vector once. */
  private static final class GivenRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final byte[] given;
    private int used;

    GivenRandom(byte[] given) {
      super(null, null);
      this.given = given;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(given, used, bytes, 0, bytes.length);
      used += bytes.length;
    }
  }

  @Test
  void hpkeWithXWing() throws Exception {
    Properties vector = vector("hpke-x-wing.properties");
    var pair = new SealingKeyPair(hex(vector.getProperty("privateKey")));
    assertThat(hex(pair.publicKey().bytes()))
        .startsWith(vector.getProperty("publicKeyStart"))
        .endsWith(vector.getProperty("publicKeyEnd"));
    HPKEContext context =
        new HPKE(HPKE.mode_base, HPKE.kem_X_WING, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305)
            .setupBaseR(
                hex(vector.getProperty("encapsulation")),
                pair.pair(),
                hex(vector.getProperty("info")));
    assertThat(hex(context.export(hex(vector.getProperty("exporterContext")), 32)))
        .isEqualTo(vector.getProperty("exported"));
    byte[] plain =
        context.open(hex(vector.getProperty("associated")), hex(vector.getProperty("ciphertext")));
    assertThat(hex(plain)).isEqualTo(vector.getProperty("plaintext"));
  }

  @Test
  void hpkeOfRfc9180() throws Exception {
    Properties vector = vector("rfc9180-a1.properties");
    var hpke =
        new HPKE(
            HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM128);
    var pair =
        hpke.deserializePrivateKey(
            hex(vector.getProperty("privateKey")), hex(vector.getProperty("publicKey")));
    HPKEContext context =
        hpke.setupBaseR(
            hex(vector.getProperty("encapsulation")), pair, hex(vector.getProperty("info")));
    assertThat(hex(context.export(new byte[0], 32))).isEqualTo(vector.getProperty("exported"));
    assertThat(hex(context.export(new byte[1], 32))).isEqualTo(vector.getProperty("exportedFor00"));
    assertThat(hex(context.export(Hashes.text("TestContext"), 32)))
        .isEqualTo(vector.getProperty("exportedForTestContext"));
    for (int i = 0; i < 3; i++) {
      byte[] plain =
          context.open(
              hex(vector.getProperty("associated" + i)), hex(vector.getProperty("ciphertext" + i)));
      assertThat(hex(plain)).isEqualTo(vector.getProperty("plaintext"));
    }
  }

  /** RFC 5869, Appendix A.1; the first 32 bytes of its output are what we take. */
  @Test
  void hkdf() {
    byte[] key = hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    assertThat(hex(Hashes.expand(key, hex("f0f1f2f3f4f5f6f7f8f9"))))
        .isEqualTo("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
  }

  /** FIPS 197, Appendix C.3; counter mode over zeros gives the cipher itself. */
  @Test
  void aes256() throws Exception {
    Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(
            hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"), "AES"),
        new IvParameterSpec(hex("00112233445566778899aabbccddeeff")));
    assertThat(hex(cipher.doFinal(new byte[16]))).isEqualTo("8ea2b7ca516745bfeafc49904b496089");
  }

  /** Test case 16 of McGrew and Viega, The Galois/Counter Mode of Operation, Appendix B. */
  @Test
  void aes256Gcm() {
    byte[] key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    byte[] nonce = hex("cafebabefacedbaddecaf888");
    byte[] associated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    byte[] plain =
        hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    byte[] sealed = Gcm.seal(key, nonce, associated, plain);
    assertThat(hex(sealed))
        .isEqualTo(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b");
    assertThat(Gcm.open(key, nonce, associated, sealed)).hasValue(plain);
    sealed[0] ^= 1;
    assertThat(Gcm.open(key, nonce, associated, sealed)).isEmpty();
    assertThat(Gcm.open(key, nonce, associated, Arrays.copyOf(sealed, 15))).isEmpty();
  }

  /** RFC 8032, section 7.1, test 2. */
  @Test
  void ed25519() {
    byte[] seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    assertThat(hex(new SigningKey(seed).verifier().bytes()))
        .isEqualTo("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    var signer = new Ed25519Signer();
    signer.init(true, new Ed25519PrivateKeyParameters(seed));
    signer.update((byte) 0x72);
    assertThat(hex(signer.generateSignature()))
        .isEqualTo(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  }
}
