package org.concordat.schemas.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.concordat.schemas.FixedRandom;

/** A charter of three aggregators and two banks, to be written as it is or with changes. */
final class CharterText {
  final Map<String, SigningKey> members = new LinkedHashMap<>();
  final Map<String, SealingKeyPair> alertKeys = new LinkedHashMap<>();
  private String text;

  CharterText() {
    var random = new FixedRandom("charter");
    var written =
        new StringBuilder(
            """
            charter: 1
            consortium: demo
            mode: test
            suite: rep3
            partitions: 4
            quorum: 2
            contractVersions: [1, 2]
            caps:
              linkageBits: 0
              bitsPerAlert: 64
              flagsPerBankAndDay: 100
              comparisonsPerScore: 4
            aggregators:
            """);
    for (int i = 1; i <= 3; i++) {
      written.append("  - name: agg-").append(i).append('\n');
      written.append("    operator: operator ").append(i).append('\n');
      written.append("    verifyingKey: ").append(member("agg-" + i, random)).append('\n');
    }
    written.append("banks:\n");
    for (String bank : new String[] {"bank-a", "bank-b"}) {
      alertKeys.put(bank, SealingKeyPair.generate(random));
      written.append("  - name: ").append(bank).append('\n');
      written.append("    verifyingKey: ").append(member(bank, random)).append('\n');
      written.append("    alertKey: ").append(alertKey(bank)).append('\n');
    }
    text = written.toString();
  }

  private String member(String name, FixedRandom random) {
    members.put(name, SigningKey.generate(random));
    return verifyingKey(name);
  }

  String verifyingKey(String member) {
    return base64(members.get(member).verifier().bytes());
  }

  String alertKey(String bank) {
    return base64(alertKeys.get(bank).publicKey().bytes());
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  String text() {
    return text;
  }

  CharterText replace(String part, String by) {
    if (!text.contains(part)) {
      throw new IllegalArgumentException(part);
    }
    text = text.replace(part, by);
    return this;
  }

  /** Writes the charter and every member's signature over it. */
  Path write(Path folder) throws IOException {
    Path file = folder.resolve("charter.yaml");
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Files.write(file, bytes);
    SignatureFile signatures = SignatureFile.empty();
    for (var member : members.entrySet()) {
      byte[] signature = member.getValue().sign(CharterFile.SIGNATURE_LABEL, bytes);
      signatures = signatures.with(member.getKey(), signature);
    }
    signatures.write(CharterFile.signaturesOf(file));
    return file;
  }
}
