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
  public static final int PARTITIONS_MAX = 1_024;
  public static final String SIGNATURE_LABEL = "charter";
  private static final String NAME = "[a-z0-9-]{1,32}";

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
    int before = problems.list().size();
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(file.toString())));
      return Optional.empty();
    }
    Document document =
        Document.parse(file.toString(), new String(bytes, StandardCharsets.UTF_8), problems);
    Charter charter = parse(document, hash(bytes), problems);
    if (problems.list().size() > before) {
      return Optional.empty();
    }
    verify(charter, file, bytes, problems);
    return problems.list().size() > before ? Optional.empty() : Optional.of(charter);
  }

  private static Charter parse(Document document, Digest hash, Problems problems) {
    document.get("charter").integer(1, 1);
    String consortium = name(document.get("consortium"));
    Mode mode = document.maybe("mode").choice(Mode.class).orElse(Mode.PRODUCTION);
    Document suite = document.get("suite");
    if (suite.isPresent() && !suite.text().equals("rep3")) {
      suite.add(Code.CDT_504, "The suite is not known.", "Write rep3.");
    }
    int partitions = (int) document.get("partitions").integer(1, PARTITIONS_MAX);
    Document quorum = document.get("quorum");
    boolean bankOperated = document.maybe("bankOperatedAggregators").bool(false);
    int epochDays = (int) document.maybe("epochDays").integer(1, 366, 35);
    Set<Integer> versions = new LinkedHashSet<>();
    document
        .get("contractVersions")
        .items()
        .forEach(v -> versions.add((int) v.integer(1, Integer.MAX_VALUE)));
    Document caps = document.get("caps");
    Caps limits =
        new Caps(
            (int) caps.get("linkageBits").integer(0, 64),
            (int) caps.get("bitsPerAlert").integer(1, 4096),
            (int) caps.get("flagsPerBankAndDay").integer(1, Integer.MAX_VALUE),
            (int) caps.get("comparisonsPerScore").integer(1, 1024));
    Set<String> names = new HashSet<>();
    List<Aggregator> aggregators = aggregators(document.get("aggregators"), names);
    List<Bank> banks = banks(document.get("banks"), names);
    if (aggregators.size() != 3 && document.has("aggregators")) {
      document
          .get("aggregators")
          .add(
              Code.CDT_504,
              "The suite rep3 has 3 aggregators, not " + aggregators.size() + ".",
              "List three.");
    }
    if (!bankOperated) {
      aggregators.stream()
          .filter(a -> names.contains(a.operator()))
          .forEach(
              a ->
                  document
                      .get("aggregators")
                      .add(
                          Code.CDT_504,
                          "The bank '" + a.operator() + "' operates '" + a.name() + "'.",
                          "Name another operator, or allow bankOperatedAggregators."));
    }
    int needed = (int) quorum.integer(1, Math.max(1, banks.size()));
    document.finish();
    return new Charter(
        hash,
        consortium,
        mode,
        "rep3",
        partitions,
        needed,
        bankOperated,
        epochDays,
        versions,
        limits,
        aggregators,
        banks);
  }

  private static List<Aggregator> aggregators(Document list, Set<String> names) {
    List<Aggregator> aggregators = new ArrayList<>();
    Set<String> operators = new HashSet<>();
    for (Document item : list.items()) {
      String name = unique(item.get("name"), names);
      Document operator = item.get("operator");
      if (operator.isPresent() && !operators.add(operator.text())) {
        operator.add(
            Code.CDT_504,
            "One operator runs two aggregators and could rebuild every value.",
            "Let independent operators run them.");
      }
      VerifyingKey key = key(item.get("verifyingKey"), VerifyingKey::new);
      item.finish();
      if (key != null) {
        aggregators.add(new Aggregator(name, operator.text(), key));
      }
    }
    return aggregators;
  }

  private static List<Bank> banks(Document list, Set<String> names) {
    List<Bank> banks = new ArrayList<>();
    for (Document item : list.items()) {
      String name = unique(item.get("name"), names);
      VerifyingKey verifyingKey = key(item.get("verifyingKey"), VerifyingKey::new);
      SealingPublicKey alertKey = key(item.get("alertKey"), SealingPublicKey::new);
      item.finish();
      if (verifyingKey != null && alertKey != null) {
        banks.add(new Bank(name, verifyingKey, alertKey));
      }
    }
    if (banks.size() > BANKS_MAX) {
      list.add(Code.CDT_106, "More than " + BANKS_MAX + " banks.", "Split the consortium.");
    }
    return banks;
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

  private static String unique(Document at, Set<String> names) {
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

  private static void verify(Charter charter, Path file, byte[] bytes, Problems problems) {
    Path beside = signaturesOf(file);
    Set<String> valid =
        SignatureFile.read(beside, problems).valid(SIGNATURE_LABEL, bytes, charter.memberKeys());
    for (String member : charter.memberKeys().keySet()) {
      if (!valid.contains(member)) {
        problems.add(
            Code.CDT_503,
            Place.of(beside.toString()),
            "There is no valid signature of '" + member + "' over the charter.",
            "Let '" + member + "' sign this very charter.");
      }
    }
  }
}
