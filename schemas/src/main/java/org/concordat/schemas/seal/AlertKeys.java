package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.AlertShare;

/** The key schedule and the form of sealed alert details, the same at aggregator and bank. */
final class AlertKeys {
  /** The first byte of what is sealed; a later form has another. */
  static final byte FORMAT = 1;

  static final int ENCAPSULATION_BYTES = 1120;

  /** Form, encapsulation and the share's number in its session. */
  static final int PREFIX_BYTES = 1 + ENCAPSULATION_BYTES + Long.BYTES;

  /** What is sealed is longer than the padded detail by so much. */
  static final int OVERHEAD_BYTES = PREFIX_BYTES + Integer.BYTES + Gcm.TAG_BYTES;

  private static final int SECRET_BYTES = 32;

  private AlertKeys() {}

  /** HPKE's info: nobody can be tricked into a session of other parties. */
  static byte[] sessionInfo(byte[] charter, String bank, String aggregator) {
    return Hashes.info(
        "alert-session",
        Hashes.number(Charter.PROTOCOL),
        charter,
        Hashes.text(bank),
        Hashes.text(aggregator));
  }

  static byte[] sessionInfo(AlertShare share) {
    return sessionInfo(share.getCharter().bytes(), share.getBank(), share.getAggregator());
  }

  static byte[] secret(HPKEContext context) {
    return context.export(Hashes.text("concordat/alert-secret"), SECRET_BYTES);
  }

  /** A key of one share; a session gives no number twice, so its nonce may be constant. */
  static byte[] shareKey(byte[] secret, long number) {
    return Hashes.expand(secret, Hashes.info("alert-key", Hashes.number(number)));
  }

  static byte[] associated(AlertShare share) {
    return Hashes.info(
        "alert-share",
        share.getAlertId().bytes(),
        Hashes.number(share.getPartition()),
        Hashes.number(share.getBatch()),
        Hashes.number(share.getAttempt()),
        share.getCut().bytes(),
        share.getRuleSet().bytes());
  }

  static byte[] join(byte[] encapsulation, long number, byte[] ciphertext) {
    return ByteBuffer.allocate(PREFIX_BYTES + ciphertext.length)
        .put(FORMAT)
        .put(encapsulation)
        .putLong(number)
        .put(ciphertext)
        .array();
  }
}
