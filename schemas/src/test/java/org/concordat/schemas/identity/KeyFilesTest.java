package org.concordat.schemas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import org.concordat.schemas.FixedRandom;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Private keys come back as they were written, from files that are their owner's alone. */
class KeyFilesTest {
  private final FixedRandom random = new FixedRandom("key files");
  private final SigningKey signingKey = SigningKey.generate(random);

  @TempDir private Path folder;

  private Path written() throws IOException {
    Path file = folder.resolve("signing.key");
    KeyFiles.write(file, signingKey);
    return file;
  }

  private static Code problem(Path file) {
    var problems = new Problems();
    assertThat(KeyFiles.readSigningKey(file, problems)).isEmpty();
    assertThat(problems.list()).hasSize(1);
    return problems.list().getFirst().code();
  }

  @Test
  void everyKindOfKeyComesBack() throws IOException {
    var problems = new Problems();
    assertThat(KeyFiles.readSigningKey(written(), problems).orElseThrow().verifier())
        .isEqualTo(signingKey.verifier());

    Path sealing = folder.resolve("sealing.key");
    SealingKeyPair pair = SealingKeyPair.generate(random);
    KeyFiles.write(sealing, pair);
    assertThat(KeyFiles.readSealingKey(sealing, problems).orElseThrow().publicKey().bytes())
        .isEqualTo(pair.publicKey().bytes());

    Path symmetric = folder.resolve("store.key");
    SymmetricKey key = SymmetricKey.generate(random);
    KeyFiles.write(symmetric, key);
    assertThat(KeyFiles.readSymmetricKey(symmetric, problems).orElseThrow().forAlgorithm("AES"))
        .isEqualTo(key.forAlgorithm("AES"));
    assertThat(problems.list()).isEmpty();
  }

  @Test
  void aFileIsWrittenForItsOwnerAndNeverOver() throws IOException {
    Path file = written();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThatThrownBy(this::written).isInstanceOf(FileAlreadyExistsException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw--w----", "rw----r--", "rw---x---", "rwxrwxrwx"})
  void aKeyThatOthersCanReachIsRefused(String permissions) throws IOException {
    Path file = written();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    assertThat(problem(file)).isEqualTo(Code.CDT_501);
  }

  @ParameterizedTest
  @ValueSource(strings = {"r--------", "rw-------", "rwx------"})
  void whatTheOwnerMayDoIsTheOwners(String permissions) throws IOException {
    Path file = written();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    assertThat(KeyFiles.readSigningKey(file, new Problems())).isPresent();
  }

  @Test
  void whatIsNoSuchKeyIsRefusedWithoutShowingIt() throws IOException {
    Path file = written();
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    String kind = text.substring(0, text.indexOf('\n') + 1);
    String secret = text.substring(kind.length());
    for (String wrong :
        new String[] {
          "",
          kind,
          kind.replace("signing", "sealing") + secret,
          kind + secret.substring(4),
          kind + "?" + secret,
          kind + secret + secret,
          kind + "A".repeat(100_000) + "\n"
        }) {
      Files.writeString(file, wrong, StandardCharsets.US_ASCII);
      var problems = new Problems();
      assertThat(KeyFiles.readSigningKey(file, problems)).isEmpty();
      assertThat(problems.list())
          .singleElement()
          .matches(problem -> problem.code() == Code.CDT_502)
          .matches(problem -> !problem.toString().contains(secret.substring(4, 20)));
    }
    assertThat(problem(folder.resolve("missing.key"))).isEqualTo(Code.CDT_101);
  }

  @Test
  void aKeyOfAnotherKindIsRefused() throws IOException {
    var problems = new Problems();
    assertThat(KeyFiles.readSymmetricKey(written(), problems)).isEmpty();
    assertThat(problems.list()).singleElement().matches(p -> p.code() == Code.CDT_502);
  }

  @Test
  void noKeyIsPrinted() {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) 'k');
    String base64 = Base64.getEncoder().encodeToString(seed);
    assertThat(new SigningKey(seed).toString()).doesNotContain(base64).doesNotContain("kkkk");
    assertThat(new SealingKeyPair(seed)).hasToString("SealingKeyPair");
    assertThat(new SymmetricKey(seed)).hasToString("SymmetricKey");
  }

  @Test
  void aDestroyedKeyIsGone() {
    SymmetricKey key = SymmetricKey.generate(random);
    key.destroy();
    assertThat(key.isDestroyed()).isTrue();
    assertThatThrownBy(() -> key.forAlgorithm("AES")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void keysOfAWrongLengthAreNone() {
    for (int length : new int[] {0, 31, 33}) {
      byte[] bytes = new byte[length];
      refused(() -> new SigningKey(bytes));
      refused(() -> new SealingKeyPair(bytes));
      refused(() -> new SymmetricKey(bytes));
      refused(() -> new VerifyingKey(bytes));
    }
    refused(() -> new SealingPublicKey(new byte[SealingPublicKey.KEY_BYTES - 1]));
    refused(() -> new SealingPublicKey(new byte[SealingPublicKey.KEY_BYTES]));
    byte[] smallOrder = new byte[32];
    smallOrder[0] = 1;
    refused(() -> new VerifyingKey(smallOrder));
  }

  private static void refused(Runnable key) {
    assertThatThrownBy(key::run).isInstanceOf(IllegalArgumentException.class);
  }
}
