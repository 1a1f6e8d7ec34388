package org.concordat.schemas.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * Files that hold one private key each: a line that names the kind, a line of base64. Only their
 * owner may read them: a file that a group or others can read is refused, since nobody knows who
 * has read it already.
 */
public final class KeyFiles {
  private static final String SIGNING = "concordat ed25519 signing key";
  private static final String SEALING = "concordat x-wing sealing key";
  private static final String SYMMETRIC = "concordat 256-bit key";

  /** Key files and PEM files are far shorter. */
  private static final int FILE_BYTES_MAX = 64 << 10;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private static final Set<PosixFilePermission> OF_OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  private KeyFiles() {}

  public static void write(Path file, SigningKey key) throws IOException {
    write(file, SIGNING, key.seed());
  }

  public static void write(Path file, SealingKeyPair key) throws IOException {
    write(file, SEALING, key.seed());
  }

  public static void write(Path file, SymmetricKey key) throws IOException {
    write(file, SYMMETRIC, key.live());
  }

  public static Optional<SigningKey> readSigningKey(Path file, Problems problems) {
    return read(file, SIGNING, SigningKey::new, problems);
  }

  public static Optional<SealingKeyPair> readSealingKey(Path file, Problems problems) {
    return read(file, SEALING, SealingKeyPair::new, problems);
  }

  public static Optional<SymmetricKey> readSymmetricKey(Path file, Problems problems) {
    return read(file, SYMMETRIC, SymmetricKey::new, problems);
  }

  /** Creates a file that only its owner can read; it must not exist yet. */
  public static void writePrivate(Path file, byte[] content) throws IOException {
    Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    Files.write(file, content, StandardOpenOption.WRITE);
  }

  /** Whether nobody but its owner can read a file; says so in {@code problems} if not. */
  public static boolean isPrivate(Path file, Problems problems) {
    try {
      Set<PosixFilePermission> given = Files.getPosixFilePermissions(file);
      if (Collections.disjoint(given, OF_OTHERS)) {
        return true;
      }
      problems.add(
          Code.CDT_501,
          Place.of(file.toString()),
          "The private key's permissions are " + PosixFilePermissions.toString(given) + ".",
          "Replace the key if others may have read it, then run: chmod 600 " + file);
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(file.toString())));
    }
    return false;
  }

  private static void write(Path file, String kind, byte[] secret) throws IOException {
    String text = kind + "\n" + Base64.getEncoder().encodeToString(secret) + "\n";
    writePrivate(file, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static <T> Optional<T> read(
      Path file, String kind, Function<byte[], T> key, Problems problems) {
    if (!isPrivate(file, problems)) {
      return Optional.empty();
    }
    try (var in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(FILE_BYTES_MAX), StandardCharsets.US_ASCII);
      List<String> lines = text.lines().toList();
      if (lines.size() == 2 && lines.get(0).equals(kind)) {
        byte[] secret = Base64.getDecoder().decode(lines.get(1));
        try {
          return Optional.of(key.apply(secret));
        } finally {
          Arrays.fill(secret, (byte) 0);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      // Falls through to one message: what is wrong with a key must not show any of it.
    }
    problems.add(
        Code.CDT_502,
        Place.of(file.toString()),
        "The file doesn't hold a " + kind + ".",
        Code.CDT_502.fix());
    return Optional.empty();
  }
}
