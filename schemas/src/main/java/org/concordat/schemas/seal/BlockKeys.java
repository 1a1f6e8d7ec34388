package org.concordat.schemas.seal;

import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.SessionSetup;

/** The key schedule of blocks, the same at bank and aggregator. */
final class BlockKeys {
  /** What HPKE's exporter gives for a session. */
  static final int SECRET_BYTES = 32;

  /** Each key seals one message, so the nonce may be constant. */
  static final byte[] NONCE = new byte[Gcm.NONCE_BYTES];

  private BlockKeys() {}

  /** HPKE's info: nobody can be tricked into a session of other parties, keys or numbers. */
  static byte[] sessionInfo(
      Charter charter, String bank, String aggregator, String keyId, int epoch, long session) {
    return Hashes.info(
        "session",
        Hashes.number(Charter.PROTOCOL),
        charter.hash().bytes(),
        Hashes.text(bank),
        Hashes.text(aggregator),
        Hashes.text(keyId),
        Hashes.number(epoch),
        Hashes.number(session));
  }

  static byte[] sessionInfo(Charter charter, SessionSetup setup) {
    return sessionInfo(
        charter,
        setup.getBank(),
        setup.getAggregator(),
        setup.getKeyId(),
        setup.getEpoch(),
        setup.getSession());
  }

  static byte[] exporterContext() {
    return Hashes.text("concordat/block-secret");
  }

  static byte[] blockKey(byte[] secret, long session, int partition, long sequence) {
    return Hashes.expand(secret, position("block-key", session, partition, sequence));
  }

  /**
   * Binds a ciphertext to one key, which AES-GCM alone doesn't (PROTOCOLS 1): HKDF output under
   * another label is a binding commitment as far as SHA-256 is collision-resistant, and tells
   * nothing of the key.
   */
  static byte[] keyCommitment(byte[] blockKey) {
    return Hashes.expand(blockKey, Hashes.info("key-commitment"));
  }

  private static byte[] position(String label, long session, int partition, long sequence) {
    return Hashes.info(
        label, Hashes.number(session), Hashes.number(partition), Hashes.number(sequence));
  }

  /** Commits to the common part of a payload. */
  static byte[] commonCommitment(byte[] salt, byte[] transactionIds) {
    return Hashes.sha256("common-commitment", salt, transactionIds);
  }

  /** Commits to one component in the form in which it is sent. */
  static byte[] componentCommitment(byte[] salt, int component, boolean seeded, byte[] body) {
    return Hashes.sha256(
        "component-commitment",
        salt,
        Hashes.number(component),
        Hashes.number(seeded ? 1 : 0),
        body);
  }
}
