package org.concordat.agent.api;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * The token file: names, roles, and the SHA-256 of each token. A token is 256 random bits, so that
 * its plain hash tells nothing of it.
 */
public final class Tokens {
  /** Entries of a token file. */
  static final int TOKENS_MAX = 256;

  /** Longer ones aren't looked at. */
  static final int TOKEN_CHARS_MAX = 256;

  private static final int TOKEN_BYTES = 32;

  private static final class Entry {
    private final Caller caller;
    private final byte[] hash;

    Entry(Caller caller, byte[] hash) {
      this.caller = caller;
      this.hash = hash;
    }
  }

  private final List<Entry> entries;

  private Tokens(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Reads a token file; what is wrong goes to {@code problems}. */
  public static Tokens read(Path file, Problems problems) {
    Document top = Document.read(file, problems);
    top.get("format").integer(1, 1);
    var entries = new ArrayList<Entry>();
    var names = new HashSet<String>();
    List<Document> items = top.get("tokens").items();
    if (items.size() > TOKENS_MAX) {
      top.get("tokens")
          .add(Code.CDT_106, "More than " + TOKENS_MAX + " tokens.", Code.CDT_106.fix());
    }
    for (Document item : items) {
      Document name = item.get("name");
      if (!name.text().matches("[a-zA-Z0-9._-]{1,64}")) {
        name.add(
            Code.CDT_106,
            "A token's name has 1 to 64 letters, digits, dots, underscores and hyphens.",
            "Write such a name.");
      } else if (!names.add(name.text())) {
        name.add(Code.CDT_107, "The name is used twice.", Code.CDT_107.fix());
      }
      Set<Role> roles = EnumSet.noneOf(Role.class);
      for (Document role : item.get("roles").items()) {
        role.choice(Role.class).ifPresent(roles::add);
      }
      entries.add(new Entry(new Caller(name.text(), Set.copyOf(roles)), hash(item.get("sha256"))));
      item.finish();
    }
    top.finish();
    return new Tokens(entries);
  }

  private static byte[] hash(Document at) {
    if (at.text().matches("[0-9a-f]{64}")) {
      return HexFormat.of().parseHex(at.text());
    }
    if (at.isPresent()) {
      at.add(
          Code.CDT_106,
          "A token's SHA-256 has 64 hexadecimal digits.",
          "Write what this prints: printf %s TOKEN | sha256sum");
    }
    return new byte[0];
  }

  /** Whose token this is. Takes as long whichever entry fits. */
  Optional<Caller> caller(String token) {
    if (token.length() > TOKEN_CHARS_MAX) {
      return Optional.empty();
    }
    byte[] hash = sha256(token);
    @Nullable Caller found = null;
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(entry.hash, hash)) {
        found = entry.caller;
      }
    }
    return Optional.ofNullable(found);
  }

  /** A new token. */
  public static String generate(SecureRandom random) {
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The lines of a token file for one token. */
  public static String entry(String name, Set<Role> roles, String token) {
    return "  - name: %s\n    roles: %s\n    sha256: %s\n"
        .formatted(
            name,
            roles.stream().map(role -> role.name().toLowerCase(Locale.ROOT)).sorted().toList(),
            HexFormat.of().formatHex(sha256(token)));
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing.", e);
    }
  }

  @Override
  public String toString() {
    return "Tokens[" + entries.size() + "]";
  }
}
