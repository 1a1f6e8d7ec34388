package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/**
 * What a bank's own reference leads to: a row under its transaction id, or a refusal.
 *
 * @param referenceId keyed hash of the reference
 * @param id the transaction id; of a refused row a keyed hash of its bytes
 * @param refusal why there is no row
 * @param millis when it was accepted or refused
 */
public record Reference(Id referenceId, Id id, @Nullable Code refusal, long millis) {
  byte[] name() {
    return ByteBuffer.allocate(2 * Id.BYTES).put(referenceId.bytes()).put(id.bytes()).array();
  }

  byte[] value() {
    byte[] code = refusal == null ? new byte[0] : refusal.name().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + code.length).putLong(millis).put(code).array();
  }

  /**
   * @param rest of the name after the reference's id
   */
  static Reference of(Id referenceId, byte[] rest, byte[] value) {
    long millis = ByteBuffer.wrap(value).getLong();
    var code =
        new String(Arrays.copyOfRange(value, Long.BYTES, value.length), StandardCharsets.UTF_8);
    return new Reference(
        referenceId, Id.of(rest), code.isEmpty() ? null : Code.valueOf(code), millis);
  }
}
