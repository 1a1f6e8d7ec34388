package org.concordat.schemas.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.concordat.schemas.identity.Charter.Aggregator;
import org.concordat.schemas.identity.Charter.Bank;
import org.concordat.schemas.identity.Charter.Caps;
import org.concordat.schemas.identity.Charter.Mode;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;
import org.jspecify.annotations.Nullable;

/** Reads {@code charter.yaml} and the members' signatures in {@code charter.signatures.yaml}. */
public final class CharterFile {
  public static final int BANKS_MAX = 1_000;
  static final int AGGREGATORS = 3;
  public static final int PARTITIONS_MAX = 1_024;
  public static final int CONTRACT_VERSIONS_MAX = 64;
  static final int REVISION_MAX = 1_000_000;

  /** A thousand banks take less than two of them. */
  static final int FILE_BYTES_MAX = 4 << 20;

  public static final String SIGNATURE_LABEL = "charter";
  private static final String NAME = "[a-z0-9-]{1,32}";

  private final Set<String> names = new HashSet<>();
  private final Set<VerifyingKey> verifyingKeys = new HashSet<>();
  private final Set<String> alertKeys = new HashSet<>();

  private CharterFile() {}

  /** Where the signatures of a charter stand. */
  public static Path signaturesOf(Path charter) {
    return charter.resolveSibling("charter.signatures.yaml");
  }

  /** SHA-256 of a file's bytes. */
  static Digest hash(byte[] bytes) {
    try {
      return new Digest(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  /** The charter, or nothing where {@code problems} has grown. */
  public static Optional<Charter> read(Path file, Problems problems) {
    Optional<Charter> charter = readUnsigned(file, problems);
    if (charter.isPresent()) {
      List<String> missing = unsigned(charter.get(), file, problems);
      for (String member : missing) {
        problems.add(
            Code.CDT_503,
            Place.of(signaturesOf(file).toString()),
            "There is no valid signature of '" + member + "' over the charter.",
            "Let '" + member + "' sign this very charter.");
      }
      return missing.isEmpty() ? charter : Optional.empty();
    }
    return charter;
  }

  /** A charter that members have still to sign, or nothing where {@code problems} has grown. */
  public static Optional<Charter> readUnsigned(Path file, Problems problems) {
    int before = problems.list().size();
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(FILE_BYTES_MAX + 1);
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(file.toString())));
      return Optional.empty();
    }
    if (bytes.length > FILE_BYTES_MAX) {
      problems.add(
          Code.CDT_106,
          Place.of(file.toString()),
          "The charter is longer than " + FILE_BYTES_MAX + " bytes.",
          "Name the charter itself.");
      return Optional.empty();
    }
    Document document =
        Document.parse(file.toString(), new String(bytes, StandardCharsets.UTF_8), problems);
    Charter charter = new CharterFile().parse(document, hash(bytes));
    return problems.list().size() > before ? Optional.empty() : Optional.of(charter);
  }

  /** A bank's entry, in a file of its own as the bank sends it. */
  public static Optional<Bank> readBank(Path file, Problems problems) {
    int before = problems.list().size();
    Bank bank = new CharterFile().bank(Document.read(file, problems));
    return problems.list().size() > before ? Optional.empty() : Optional.ofNullable(bank);
  }

  private Charter parse(Document document, Digest hash) {
    document.get("charter").integer(1, 1);
    int revision = (int) document.maybe("revision").integer(1, REVISION_MAX, 1);
    Digest founding = founding(document.maybe("founding"), revision, hash);
    String consortium = name(document.get("consortium"));
    Mode mode = document.maybe("mode").choice(Mode.class).orElse(Mode.PRODUCTION);
    Document suite = document.get("suite");
    if (suite.isPresent() && !suite.text().equals("rep3")) {
      suite.add(Code.CDT_504, "The suite is not known.", "Write rep3.");
    }
    int partitions = (int) document.get("partitions").integer(1, PARTITIONS_MAX);
    boolean bankOperated = document.maybe("bankOperatedAggregators").bool(false);
    int epochDays = (int) document.maybe("epochDays").integer(1, 366, Charter.EPOCH_DAYS_DEFAULT);
    boolean unverifiedLinkage = document.maybe("allowUnverifiedLinkage").bool(false);
    Set<Integer> versions = contractVersions(document.get("contractVersions"));
    Document caps = document.get("caps");
    Caps limits =
        new Caps(
            (int) caps.get("linkageBits").integer(0, 64),
            (int) caps.get("bitsPerAlert").integer(1, 4096),
            (int) caps.get("flagsPerBankAndDay").integer(1, Integer.MAX_VALUE),
            (int) caps.get("comparisonsPerScore").integer(1, 1024));
    List<Bank> banks = banks(document.get("banks"));
    Set<String> forbiddenOperators = bankOperated ? Set.of() : Set.copyOf(names);
    List<Aggregator> aggregators = aggregators(document.get("aggregators"), forbiddenOperators);
    int listed = document.get("banks").items().size();
    int quorum = (int) document.get("quorum").integer(1, Math.max(1, listed));
    document.finish();
    return new Charter(
        founding,
        revision,
        hash,
        consortium,
        mode,
        "rep3",
        partitions,
        quorum,
        bankOperated,
        epochDays,
        unverifiedLinkage,
        versions,
        limits,
        aggregators,
        banks);
  }

  /** What the first revision is, and what each later one has to name. */
  private static Digest founding(Document at, int revision, Digest hash) {
    if (revision == 1) {
      if (at.isPresent()) {
        at.add(
            Code.CDT_504,
            "The founding charter can't name one before it.",
            "Leave the line out, or write which revision this is.");
      }
      return hash;
    }
    if (!at.isPresent()) {
      at.add(
          Code.CDT_504,
          "Revision " + revision + " doesn't name the founding charter.",
          "Write founding: and the SHA-256 of the first revision's file.");
      return hash;
    }
    if (!at.text().matches("[0-9a-f]{64}")) {
      at.add(
          Code.CDT_105, "A SHA-256 in 64 hexadecimal digits is expected here.", "Copy it whole.");
      return hash;
    }
    return new Digest(HexFormat.of().parseHex(at.text()));
  }

  private static Set<Integer> contractVersions(Document list) {
    Set<Integer> versions = new LinkedHashSet<>();
    for (Document item : list.items()) {
      if (!versions.add((int) item.integer(1, Integer.MAX_VALUE))) {
        item.add(Code.CDT_107, "The version is listed twice.", "List it once.");
      }
    }
    if (list.isPresent() && (versions.isEmpty() || versions.size() > CONTRACT_VERSIONS_MAX)) {
      list.add(
          Code.CDT_106,
          "There are 1 to " + CONTRACT_VERSIONS_MAX + " accepted versions of a contract.",
          "List those that agents use.");
    }
    return versions;
  }

  private List<Aggregator> aggregators(Document list, Set<String> forbiddenOperators) {
    List<Document> items = list.items();
    List<Aggregator> aggregators = new ArrayList<>();
    Set<String> operators = new HashSet<>();
    for (Document item : items) {
      String name = unique(item.get("name"));
      Document operator = item.get("operator");
      if (operator.isPresent() && !operators.add(operator.text())) {
        operator.add(
            Code.CDT_504,
            "One operator runs two aggregators and could rebuild every value.",
            "Let independent operators run them.");
      }
      if (forbiddenOperators.contains(operator.text())) {
        operator.add(
            Code.CDT_504,
            "The bank '" + operator.text() + "' operates an aggregator.",
            "Name another operator, or allow bankOperatedAggregators.");
      }
      VerifyingKey key = verifyingKey(item.get("verifyingKey"));
      item.finish();
      if (key != null) {
        aggregators.add(new Aggregator(name, operator.text(), key));
      }
    }
    if (list.isPresent() && items.size() != AGGREGATORS) {
      list.add(
          Code.CDT_504,
          "The suite rep3 has 3 aggregators, not " + items.size() + ".",
          "List three.");
    }
    return aggregators;
  }

  private List<Bank> banks(Document list) {
    List<Document> items = list.items();
    if (list.isPresent() && (items.isEmpty() || items.size() > BANKS_MAX)) {
      list.add(Code.CDT_106, "A consortium has 1 to " + BANKS_MAX + " banks.", "List its members.");
      return List.of();
    }
    List<Bank> banks = new ArrayList<>();
    for (Document item : items) {
      Bank bank = bank(item);
      if (bank != null) {
        banks.add(bank);
      }
    }
    return banks;
  }

  private @Nullable Bank bank(Document item) {
    String name = unique(item.get("name"));
    VerifyingKey verifyingKey = verifyingKey(item.get("verifyingKey"));
    Document sealing = item.get("alertKey");
    SealingPublicKey alertKey = key(sealing, SealingPublicKey::new);
    if (alertKey != null && !alertKeys.add(sealing.text())) {
      sealing.add(Code.CDT_504, "Two banks have one alert key.", "Let each bank make its own key.");
    }
    item.finish();
    return verifyingKey == null || alertKey == null ? null : new Bank(name, verifyingKey, alertKey);
  }

  /** Two members with one key would be one member that counts twice in a quorum. */
  private @Nullable VerifyingKey verifyingKey(Document at) {
    VerifyingKey key = key(at, VerifyingKey::new);
    if (key != null && !verifyingKeys.add(key)) {
      at.add(
          Code.CDT_504,
          "Two members have one verifying key.",
          "Let each member make a key of its own.");
    }
    return key;
  }

  private static String name(Document at) {
    String name = at.text();
    if (at.isPresent() && !name.matches(NAME)) {
      at.add(
          Code.CDT_106,
          "A name has 1 to 32 of a-z, 0-9 and '-'.",
          "Choose a name of these characters.");
    }
    return name;
  }

  private String unique(Document at) {
    String name = name(at);
    if (at.isPresent() && !names.add(name)) {
      at.add(Code.CDT_107, "The name '" + name + "' is used twice.", Code.CDT_107.fix());
    }
    return name;
  }

  private static <T> @Nullable T key(Document at, Function<byte[], T> key) {
    if (at.isPresent()) {
      try {
        return key.apply(Base64.getDecoder().decode(at.text()));
      } catch (IllegalArgumentException e) {
        at.add(Code.CDT_105, "A public key in base64 is expected here.", "Copy the member's key.");
      }
    }
    return null;
  }

  /** The members whose valid signature over these very bytes is missing. */
  public static List<String> unsigned(Charter charter, Path file, Problems problems) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(file.toString())));
      return List.copyOf(charter.memberKeys().keySet());
    }
    Set<String> valid =
        hash(bytes).equals(charter.revisionHash())
            ? SignatureFile.read(signaturesOf(file), problems)
                .valid(SIGNATURE_LABEL, bytes, charter.memberKeys())
            : Set.of();
    return charter.memberKeys().keySet().stream().filter(name -> !valid.contains(name)).toList();
  }
}
