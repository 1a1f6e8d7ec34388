package org.concordat.aggregator.peer;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;
import javax.security.auth.DestroyFailedException;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.pqc.crypto.xwing.XWingKEMExtractor;
import org.bouncycastle.pqc.crypto.xwing.XWingKEMGenerator;
import org.bouncycastle.pqc.crypto.xwing.XWingKeyGenerationParameters;
import org.bouncycastle.pqc.crypto.xwing.XWingKeyPairGenerator;
import org.bouncycastle.pqc.crypto.xwing.XWingPrivateKeyParameters;
import org.bouncycastle.pqc.crypto.xwing.XWingPublicKeyParameters;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Digest;
import org.jspecify.annotations.Nullable;

/**
 * The exchange inside TLS that makes a link's keys. Both ends say hello with an X-Wing key of this
 * link alone, each encapsulates to the other's, and both derive
 *
 * <pre>
 * transcript = SHA-256(label, hellos, certificates, ciphertexts; the dialer's first, each with its length)
 * extracted  = HKDF-Extract(transcript, TLS exporter || dialer's secret || acceptor's secret)
 * </pre>
 *
 * from which {@link LinkKeys} come. Each end proves with a MAC that it has them before the link
 * counts as up.
 *
 * <p>Both ends contribute, so neither can force a key to repeat. Who the peer is rests on TLS and
 * its certificates, and the exporter ties these keys to that very TLS connection; that recordings
 * stay closed rests on X25519 or ML-KEM-768. Does NOT protect against an impostor who can forge
 * P-256 signatures at the time of the handshake, nor against one who reads a party's memory.
 */
final class Handshake {
  private static final String LABEL = "concordat peer link 1";
  private static final int MESSAGE_BYTES_MAX = 4_096;
  private static final int CIPHERTEXT_BYTES = 1_120;
  private static final int HELLO = 1;
  private static final int REFUSAL = 2;
  private static final int CIPHERTEXT = 3;
  private static final int PROOF = 4;

  private final SSLSocket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final @Nullable PeerSettings dialers;
  private final boolean dialer;
  private final Charter charter;
  private final X509Certificate own;
  private final X509Certificate peer;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param dialers settings of the side that dials; the other side's follow from what it is told
   */
  Handshake(SSLSocket socket, Charter charter, X509Certificate own, @Nullable PeerSettings dialers)
      throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
    this.dialers = dialers;
    this.dialer = dialers != null;
    this.charter = charter;
    this.own = own;
    this.peer = (X509Certificate) socket.getSession().getPeerCertificates()[0];
  }

  /** Whom the certificate names; the TLS handshake has checked that it is an aggregator. */
  int party() {
    return charter.aggregatorIndex(PeerTls.nameIn(peer));
  }

  /**
   * What the exchange came to.
   *
   * @param protocol the newest that both ends speak
   * @param view that both ends have
   */
  record Outcome(LinkKeys keys, long epoch, int protocol, Digest view) {}

  /** What this side is ready for. */
  interface Reception {
    /** What a caller with a view is answered. */
    PeerSettings settings(Digest view) throws LinkFault;

    /** Refuses a peer, by its epoch, before any key is made. */
    void checkEpoch(Digest view, int party, long epoch) throws LinkFault;
  }

  /** Runs the exchange; a refusal is told to the peer as a code. */
  Outcome run(Reception reception) throws IOException, LinkFault {
    try {
      return exchange(reception);
    } catch (LinkFault e) {
      if (e.code() != Code.CDT_564 && e.code() != Code.CDT_655) {
        refuse(e.code());
      }
      throw e;
    }
  }

  private Outcome exchange(Reception reception) throws IOException, LinkFault {
    AsymmetricCipherKeyPair pair = ephemeral();
    byte[] key = ((XWingPublicKeyParameters) pair.getPublic()).getEncoded();
    byte[] peerHello = dialers == null ? read(HELLO) : new byte[0];
    PeerSettings settings =
        dialers == null ? reception.settings(new Digest(Hello.decode(peerHello).view())) : dialers;
    Hello hello = hello(settings, key);
    byte[] ownHello = hello.encode();
    write(HELLO, ownHello);
    if (dialers != null) {
      peerHello = read(HELLO);
    }
    Hello theirs = Hello.decode(peerHello);
    hello.check(theirs, party());
    reception.checkEpoch(settings.view(), party(), theirs.epoch());

    byte[] ownSecret;
    byte[] ownCiphertext;
    byte[] peerSecret;
    byte[] peerCiphertext;
    try {
      SecretWithEncapsulation made =
          new XWingKEMGenerator(random)
              .generateEncapsulated(new XWingPublicKeyParameters(theirs.key()));
      ownSecret = made.getSecret();
      ownCiphertext = made.getEncapsulation();
      made.destroy();
      write(CIPHERTEXT, ownCiphertext);
      peerCiphertext = read(CIPHERTEXT);
      if (peerCiphertext.length != CIPHERTEXT_BYTES) {
        throw new LinkFault(Code.CDT_557);
      }
      peerSecret =
          new XWingKEMExtractor((XWingPrivateKeyParameters) pair.getPrivate())
              .extractSecret(peerCiphertext);
    } catch (IllegalArgumentException | IllegalStateException e) {
      // Bouncy Castle refuses keys and ciphertexts that no honest peer makes.
      throw new LinkFault(Code.CDT_557);
    } catch (DestroyFailedException e) {
      throw new IllegalStateException("Bouncy Castle's secrets can be destroyed.", e);
    }
    byte[] transcript =
        dialer
            ? transcript(ownHello, peerHello, own, peer, ownCiphertext, peerCiphertext)
            : transcript(peerHello, ownHello, peer, own, peerCiphertext, ownCiphertext);
    byte[] secrets =
        join(exported(), dialer ? ownSecret : peerSecret, dialer ? peerSecret : ownSecret);
    byte[] extracted = Hkdf.extract(transcript, secrets);
    Arrays.fill(secrets, (byte) 0);
    Arrays.fill(ownSecret, (byte) 0);
    Arrays.fill(peerSecret, (byte) 0);
    try {
      prove(extracted, transcript);
      return new Outcome(
          new LinkKeys(extracted, dialer),
          theirs.epoch(),
          hello.protocol().common(theirs.protocol()),
          settings.view());
    } finally {
      Arrays.fill(extracted, (byte) 0);
    }
  }

  private AsymmetricCipherKeyPair ephemeral() {
    var generator = new XWingKeyPairGenerator();
    generator.init(new XWingKeyGenerationParameters(random));
    return generator.generateKeyPair();
  }

  private Hello hello(PeerSettings settings, byte[] key) {
    byte[] nonce = new byte[32];
    random.nextBytes(nonce);
    return new Hello(
        PeerSettings.PROTOCOL,
        settings.planFormats(),
        settings.party(),
        settings.parties(),
        settings.epoch(),
        settings.charter().revisionHash().bytes(),
        settings.ruleSetHash().bytes(),
        sha256(encoded(own)),
        sha256(encoded(peer)),
        nonce,
        key,
        settings.view().bytes());
  }

  private void prove(byte[] extracted, byte[] transcript) throws IOException, LinkFault {
    byte[] dialersProof = mac(Hkdf.expand(extracted, "proof of the dialer"), transcript);
    byte[] acceptorsProof = mac(Hkdf.expand(extracted, "proof of the acceptor"), transcript);
    write(PROOF, dialer ? dialersProof : acceptorsProof);
    if (!MessageDigest.isEqual(dialer ? acceptorsProof : dialersProof, read(PROOF))) {
      throw new LinkFault(Code.CDT_557);
    }
  }

  private byte[] exported() throws IOException {
    return ((ExtendedSSLSession) socket.getSession())
        .exportKeyingMaterialData("EXPERIMENTAL concordat peer link", new byte[0], Hkdf.KEY_BYTES);
  }

  private void write(int kind, byte[] body) throws IOException {
    out.write(
        ByteBuffer.allocate(3 + body.length)
            .put((byte) kind)
            .putShort((short) body.length)
            .put(body)
            .array());
  }

  private byte[] read(int kind) throws IOException, LinkFault {
    int actual = in.readUnsignedByte();
    int length = in.readUnsignedShort();
    if (length > MESSAGE_BYTES_MAX) {
      throw new LinkFault(Code.CDT_557);
    }
    byte[] body = new byte[length];
    in.readFully(body);
    if (actual == REFUSAL) {
      throw new LinkFault(told(body));
    }
    if (actual != kind) {
      throw new LinkFault(Code.CDT_557);
    }
    return body;
  }

  /**
   * What a peer's refusal comes to. Most of it stands in the peer's log; that this process seems to
   * be the older one is for its own operator to see, whose clock may be behind.
   */
  private static Code told(byte[] body) {
    byte[] older = Code.CDT_556.label().getBytes(StandardCharsets.US_ASCII);
    return Arrays.equals(body, older) ? Code.CDT_564 : Code.CDT_655;
  }

  /** Tells the peer why, and lets it read that before the connection goes. */
  private void refuse(Code code) {
    try {
      write(REFUSAL, code.label().getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      in.readNBytes(MESSAGE_BYTES_MAX);
    } catch (IOException e) {
      // The peer has gone, perhaps because it refuses this side too.
    }
  }

  private static byte[] transcript(
      byte[] dialerHello,
      byte[] acceptorHello,
      X509Certificate dialer,
      X509Certificate acceptor,
      byte[] dialerCiphertext,
      byte[] acceptorCiphertext) {
    byte[][] parts = {
      LABEL.getBytes(StandardCharsets.US_ASCII),
      dialerHello,
      acceptorHello,
      encoded(dialer),
      encoded(acceptor),
      dialerCiphertext,
      acceptorCiphertext
    };
    MessageDigest digest = sha256();
    for (byte[] part : parts) {
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
      digest.update(part);
    }
    return digest.digest();
  }

  private static byte[] join(byte[] first, byte[] second, byte[] third) {
    byte[] joined =
        ByteBuffer.allocate(first.length + second.length + third.length)
            .put(first)
            .put(second)
            .put(third)
            .array();
    Arrays.fill(first, (byte) 0);
    return joined;
  }

  private static byte[] mac(byte[] key, byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has HMAC.", e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("A parsed certificate has an encoding.", e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    return sha256().digest(bytes);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}
