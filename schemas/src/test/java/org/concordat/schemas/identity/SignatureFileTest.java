package org.concordat.schemas.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.concordat.schemas.FixedRandom;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures beside a file come back, and only those of known names over these bytes count. */
class SignatureFileTest {
  private static final byte[] BYTES = {1, 2, 3};

  private final FixedRandom random = new FixedRandom("signatures");
  private final Map<String, SigningKey> signers = new LinkedHashMap<>();
  private final Map<String, VerifyingKey> keys = new LinkedHashMap<>();

  @TempDir private Path folder;

  SignatureFileTest() {
    // YAML reads the last three as something else than text unless asked for the text.
    for (String name : new String[] {"bank-a", "bank-b", "null", "12", "yes"}) {
      signers.put(name, SigningKey.generate(random));
      keys.put(name, signers.get(name).verifier());
    }
  }

  private Path written() throws IOException {
    SignatureFile file = SignatureFile.empty();
    for (var signer : signers.entrySet()) {
      file = file.with(signer.getKey(), signer.getValue().sign("rules", BYTES));
    }
    Path path = folder.resolve("signatures.yaml");
    file.write(path);
    return path;
  }

  @Test
  void signaturesComeBack() throws IOException {
    var problems = new Problems();
    SignatureFile read = SignatureFile.read(written(), problems);
    assertThat(problems.list()).isEmpty();
    assertThat(read.valid("rules", BYTES, keys)).isEqualTo(keys.keySet());
    assertThat(read.valid("charter", BYTES, keys)).isEmpty();
    assertThat(read.valid("rules", new byte[] {1, 2}, keys)).isEmpty();
    keys.remove("bank-a");
    assertThat(read.valid("rules", BYTES, keys)).doesNotContain("bank-a").hasSize(4);
  }

  @Test
  void aLaterSignatureReplacesAnEarlierOne() throws IOException {
    SignatureFile read = SignatureFile.read(written(), new Problems());
    assertThat(read.with("bank-a", new byte[64]).valid("rules", BYTES, keys))
        .doesNotContain("bank-a");
  }

  @Test
  void whatIsNoSignatureIsNamedByPlace() throws IOException {
    Path path = folder.resolve("signatures.yaml");
    Files.writeString(path, "signatures:\n  bank-a: '?'\n");
    var problems = new Problems();
    SignatureFile.read(path, problems);
    assertThat(problems.list())
        .singleElement()
        .matches(p -> p.code() == Code.CDT_105 && p.place().line() == 2);
    for (String text : new String[] {"", "signature: {}\n", "signatures: {a: A, a: B}\n"}) {
      Files.writeString(path, text);
      var more = new Problems();
      SignatureFile.read(path, more);
      assertThat(more.list()).as(text).isNotEmpty();
    }
  }
}
