package org.concordat.aggregator.peer;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with SHA-256 (RFC 5869), 32 bytes at a time. */
final class Hkdf {
  static final int KEY_BYTES = 32;

  private Hkdf() {}

  static byte[] extract(byte[] salt, byte[] secret) {
    return derive(HKDFParameterSpec.ofExtract().addSalt(salt).addIKM(secret).extractOnly());
  }

  static byte[] expand(byte[] key, String label) {
    return expand(key, label.getBytes(StandardCharsets.US_ASCII));
  }

  static byte[] expand(byte[] key, byte[] info) {
    return derive(
        HKDFParameterSpec.expandOnly(new SecretKeySpec(key, "HKDF-SHA256"), info, KEY_BYTES));
  }

  private static byte[] derive(HKDFParameterSpec parameters) {
    try {
      return KDF.getInstance("HKDF-SHA256").deriveData(parameters);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has HKDF.", e);
    }
  }
}
