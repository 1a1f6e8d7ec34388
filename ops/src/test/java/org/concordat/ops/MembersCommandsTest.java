package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands for members refuse, and that what they make is complete. */
class MembersCommandsTest {
  @TempDir private Path temp;
  private Path folder = Path.of("");
  private Path charter = Path.of("");
  private Path next = Path.of("");

  @BeforeEach
  void aConsortiumOfTwoBanks() {
    folder = temp.resolve("pilot");
    charter = folder.resolve("charter.yaml");
    next = temp.resolve("next/charter.yaml");
    done("init", "--dir", folder, "--banks", "2", "--test");
  }

  private static Command run(Object... args) {
    return Command.run(args);
  }

  private static String done(Object... args) {
    Command command = run(args);
    assertThat(command.status()).as(command.err()).isEqualTo(Concordat.DONE);
    return command.out();
  }

  private static void refused(String message, Object... args) {
    Command command = run(args);
    assertThat(command.status()).as(command.out()).isEqualTo(Concordat.INVALID);
    assertThat(command.err()).contains(message);
  }

  private void join(String name) {
    done("member", "new", "--name", name, "--dir", folder, "--bootstrap", "localhost:1");
  }

  private Object[] certify(String request, String name, Path out) {
    return new Object[] {
      "member",
      "certify",
      "--name",
      name,
      "--request",
      folder.resolve(request),
      "--authority",
      folder.resolve("ca.crt"),
      "--authority-key",
      folder.resolve("ca/ca.key"),
      "--out",
      out
    };
  }

  private Object[] sign(Path from, String member, String keysOf) {
    return new Object[] {
      "charter",
      "sign",
      "--from",
      from,
      "--charter",
      next,
      "--member",
      member,
      "--key",
      folder.resolve(keysOf).resolve("signing.key")
    };
  }

  private void propose(Path from) {
    join("bank-c");
    done(
        "charter",
        "propose",
        "--from",
        from,
        "--add",
        folder.resolve("bank-c/member.yaml"),
        "--out",
        next);
  }

  @Test
  void aRevisionThatAllHaveSignedIsACharter() throws IOException {
    propose(charter);
    String before = Files.readString(folder.resolve("bank-c/member.yaml"));
    for (String member : List.of("agg-1", "agg-2", "agg-3", "bank-a", "bank-b", "bank-c")) {
      assertThat(run("charter", "show", "--charter", next).status()).isEqualTo(Concordat.FAILED);
      assertThat(done(sign(charter, member, member))).contains("bank bank-c joins", member);
    }
    assertThat(done("charter", "show", "--charter", next))
        .contains("Revision 2", "bank-a, bank-b, bank-c", "All members have signed it.");
    Charter first = Charter.read(charter, new Problems()).orElseThrow();
    Charter second = Charter.read(next, new Problems()).orElseThrow();
    assertThat(second.hash()).isEqualTo(first.hash());
    assertThat(second.revision()).isEqualTo(2);
    assertThat(second.banks()).hasSize(3).startsWith(first.banks().get(0));
    assertThat(before)
        .contains(second.bank("bank-c").orElseThrow().verifyingKey().toString())
        .doesNotContain(secret("bank-c/signing.key"));
  }

  private String secret(String file) throws IOException {
    return Files.readAllLines(folder.resolve(file)).getLast();
  }

  @Test
  void theSecretsAreTheOwnersAlone() throws IOException {
    join("bank-c");
    Path own = folder.resolve("bank-c");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
        .isEqualTo("rwx------");
    try (var files = Files.list(own)) {
      assertThat(files.filter(file -> file.toString().endsWith(".key")))
          .hasSize(5)
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
    assertThat(
            run("member", "new", "--name", "Bank C", "--dir", folder, "--bootstrap", "x:1")
                .status())
        .isEqualTo(Concordat.INVALID);
  }

  @Test
  void theAuthorityCertifiesTheNameThatItWasTold() throws IOException {
    join("bank-c");
    Path out = folder.resolve("bank-c/tls.crt");
    refused("CDT-510", certify("bank-c/tls.csr", "bank-d", out));
    refused("CDT-510", certify("bank-c/agent.yaml", "bank-c", out));
    refused("CDT-101", certify("bank-c/none", "bank-c", out));
    assertThat(out).doesNotExist();
    done(certify("bank-c/tls.csr", "bank-c", out));
    assertThat(Files.readString(out)).startsWith("-----BEGIN CERTIFICATE-----");
    Files.setPosixFilePermissions(
        folder.resolve("ca/ca.key"), PosixFilePermissions.fromString("rw-r--r--"));
    refused("CDT-501", certify("bank-c/tls.csr", "bank-c", temp.resolve("other.crt")));
  }

  @Test
  void nobodySignsForAnotherOrWhatDoesNotFollow() throws IOException {
    propose(charter);
    refused("CDT-506", sign(charter, "bank-a", "bank-b"));
    refused("Did you mean 'bank-a'?", sign(charter, "bank-aa", "bank-a"));
    String text = Files.readString(next);
    for (var change :
        List.of(
            List.of("revision: 2", "revision: 3", "can't follow revision 1"),
            List.of("partitions: 1", "partitions: 2", "changes 'partitions'"),
            List.of("operator: Operator of agg-1", "operator: x", "changes 'aggregators'"),
            List.of("mode: test", "mode: production", "changes 'mode'"),
            List.of("consortium: consortium", "consortium: other", "changes 'consortium'"),
            List.of("founding: ", "founding: '0' #", "CDT-105"))) {
      assertThat(text).contains(change.get(0));
      Files.writeString(next, text.replace(change.get(0), change.get(1)));
      refused(change.get(2), sign(charter, "bank-a", "bank-a"));
    }
    String founding = text.replaceFirst("(?s).*founding: ([0-9a-f]{64}).*", "$1");
    Files.writeString(next, text.replace(founding, "ab".repeat(32)));
    refused("another founding charter", sign(charter, "bank-a", "bank-a"));
  }

  @Test
  void whatIsProposedHasToHold() throws IOException {
    join("bank-c");
    Path entry = folder.resolve("bank-c/member.yaml");
    refused(
        "the quorum is 2",
        "charter",
        "propose",
        "--from",
        charter,
        "--remove",
        "bank-a",
        "--out",
        next);
    refused(
        "CDT-505", "charter", "propose", "--from", charter, "--remove", "bank-x", "--out", next);
    Files.writeString(entry, Files.readString(entry).replace("bank-c", "agg-1"));
    refused("CDT-509", "charter", "propose", "--from", charter, "--add", entry, "--out", next);
    assertThat(next).doesNotExist();
    done(
        "charter",
        "propose",
        "--from",
        charter,
        "--remove",
        "bank-a",
        "--quorum",
        "1",
        "--out",
        next);
    assertThat(Files.readString(next)).contains("quorum: 1").doesNotContain("name: bank-a");
    assertThat(done(sign(charter, "bank-b", "bank-b")))
        .contains("quorum changes from 2 to 1", "bank bank-a leaves");
  }
}
