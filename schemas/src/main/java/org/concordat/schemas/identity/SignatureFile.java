package org.concordat.schemas.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/**
 * Members' signatures over one thing, in a YAML file beside it: {@code signatures: {name: base64}}.
 */
public final class SignatureFile {
  private final Map<String, byte[]> signatures;

  private SignatureFile(Map<String, byte[]> signatures) {
    this.signatures = signatures;
  }

  public static SignatureFile empty() {
    return new SignatureFile(new LinkedHashMap<>());
  }

  /** Reads a file; what is wrong goes to {@code problems}. */
  public static SignatureFile read(Path file, Problems problems) {
    Document document = Document.read(file, problems);
    Document list = document.get("signatures");
    Map<String, byte[]> signatures = new LinkedHashMap<>();
    for (String name : list.keys()) {
      Document entry = list.get(name);
      try {
        signatures.put(name, Base64.getDecoder().decode(entry.text()));
      } catch (IllegalArgumentException e) {
        entry.add(Code.CDT_105, "A signature in base64 is expected here.", "Have it signed again.");
      }
    }
    document.finish();
    return new SignatureFile(signatures);
  }

  /** Adds a signature, or replaces that of the same name. */
  public SignatureFile with(String name, byte[] signature) {
    Map<String, byte[]> more = new LinkedHashMap<>(signatures);
    more.put(name, signature.clone());
    return new SignatureFile(more);
  }

  public void write(Path file) throws IOException {
    var text = new StringBuilder("signatures:\n");
    signatures.forEach(
        (name, signature) ->
            text.append("  ")
                .append(name)
                .append(": ")
                .append(Base64.getEncoder().encodeToString(signature))
                .append('\n'));
    Files.writeString(file, text, StandardCharsets.US_ASCII);
  }

  /** The names among {@code keys} whose signature over the labelled bytes is valid. */
  public Set<String> valid(String label, byte[] bytes, Map<String, VerifyingKey> keys) {
    Set<String> valid = new LinkedHashSet<>();
    keys.forEach(
        (name, key) -> {
          byte[] signature = signatures.get(name);
          if (signature != null && key.verify(label, bytes, signature)) {
            valid.add(name);
          }
        });
    return valid;
  }
}
