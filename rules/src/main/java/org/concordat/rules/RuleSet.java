package org.concordat.rules;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.concordat.rules.feature.Canonical;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.RateTable;
import org.concordat.rules.feature.RuleFiles;
import org.concordat.rules.language.Links;
import org.concordat.rules.language.Rule;
import org.concordat.rules.language.RulesFile;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.plan.Compiler;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SignatureFile;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * A versioned directory of rules: {@code contract.yaml}, {@code rules.yaml}, {@code rates.yaml}
 * where amounts come in several currencies, {@code models/}. Read, checked and compiled as a whole.
 * {@code signatures.yaml} and {@code mapping.yaml} lie beside them and aren't part of its hash.
 */
public final class RuleSet {
  /** What banks sign a rule set's hash with. */
  public static final String SIGNATURE_LABEL = "rule-set";

  /** By which a record may be late and still be right. */
  private static final int LATENESS_MINUTES = LinkRows.DAY_MINUTES;

  private final RulesFile file;
  private final FeatureContract contract;
  private final RateTable rates;
  private final byte[] hash;
  private final byte[] ratesHash;
  private final Compiler.Compiled compiled;
  private final Path directory;

  private RuleSet(
      RulesFile file,
      FeatureContract contract,
      RateTable rates,
      byte[] hash,
      byte[] ratesHash,
      Compiler.Compiled compiled,
      Path directory) {
    this.file = file;
    this.contract = contract;
    this.rates = rates;
    this.hash = hash;
    this.ratesHash = ratesHash;
    this.compiled = compiled;
    this.directory = directory;
  }

  /**
   * Reads and compiles a directory.
   *
   * @throws org.concordat.schemas.problem.InvalidInputException with all that is wrong
   */
  public static RuleSet load(Path directory) {
    var problems = new Problems();
    Optional<RuleSet> ruleSet = load(directory, problems);
    problems.throwIfAny();
    return ruleSet.orElseThrow();
  }

  /**
   * Reads and compiles a directory.
   *
   * @return nothing where {@code problems} has grown
   */
  public static Optional<RuleSet> load(Path directory, Problems problems) {
    int before = problems.list().size();
    RuleFiles files = RuleFiles.read(directory, problems);
    return problems.list().size() > before ? Optional.empty() : load(files, problems);
  }

  /**
   * Compiles what was read of a directory.
   *
   * @return nothing where {@code problems} has grown
   */
  static Optional<RuleSet> load(RuleFiles files, Problems problems) {
    int before = problems.list().size();
    Optional<FeatureContract> contract =
        FeatureContract.read(files.file("contract.yaml"), problems);
    if (contract.isEmpty()) {
      return Optional.empty();
    }
    String currency = contract.get().currency();
    RateTable rates =
        files.hasRates()
            ? RateTable.read(files.rates(), currency, problems)
            : RateTable.none(currency);
    Optional<RulesFile> rules = RulesFile.read(files, contract.get(), problems);
    byte[] hash = files.hash();
    byte[] ratesHash = Canonical.sha256("rates", files.rates().bytes());
    if (problems.list().size() > before || rules.isEmpty()) {
      return Optional.empty();
    }
    return Compiler.compile(rules.get(), contract.get(), hash, problems)
        .map(
            compiled ->
                new RuleSet(
                    rules.get(),
                    contract.get(),
                    rates,
                    hash,
                    ratesHash,
                    compiled,
                    files.directory()));
  }

  public String name() {
    return file.ruleSet();
  }

  public int version() {
    return file.version();
  }

  /** SHA-256 of all that decides what is flagged. */
  public byte[] hash() {
    return hash.clone();
  }

  public FeatureContract contract() {
    return contract;
  }

  public RateTable rates() {
    return rates;
  }

  public Plan plan() {
    return compiled.plan();
  }

  /** In the order of the plan's outputs. */
  public List<Rule> rules() {
    return file.rules();
  }

  /** What the rules link; nothing where they look at single payments alone. */
  public Optional<Links> links() {
    return file.links();
  }

  /** What is odd without being wrong. */
  public List<Problem> warnings() {
    return compiled.warnings();
  }

  public Path directory() {
    return directory;
  }

  /** Bits that an alert of a rule opens to the bank concerned: of the score, and the reasons. */
  public int bitsPerAlert(int output) {
    return compiled.scoreBits().get(output) + plan().outputs().get(output).reasons().size();
  }

  /** Checks that a quorum of the charter's banks has signed this rule set's hash. */
  public void verifyQuorum(Charter charter, Problems problems) {
    verifyQuorum(directory, hash, toString(), charter, problems);
  }

  /**
   * Checks that a quorum of banks has signed what was read of a directory, before anything of it is
   * taken for rules.
   *
   * @return whether it has; {@code problems} has grown where it hasn't
   */
  static boolean isSigned(RuleFiles files, Charter charter, Problems problems) {
    int before = problems.list().size();
    Path directory = files.directory();
    verifyQuorum(directory, files.hash(), "in " + directory, charter, problems);
    return problems.list().size() == before;
  }

  private static void verifyQuorum(
      Path directory, byte[] hash, String name, Charter charter, Problems problems) {
    Path signatures = directory.resolve("signatures.yaml");
    Set<String> valid =
        Files.exists(signatures)
            ? SignatureFile.read(signatures, problems)
                .valid(SIGNATURE_LABEL, hash, charter.bankKeys())
            : Set.of();
    if (valid.size() < charter.quorum()) {
      problems.add(
          Code.CDT_224,
          Place.of(signatures.toString()),
          valid.size()
              + " of "
              + charter.quorum()
              + " banks have signed the rule set "
              + name
              + ".",
          Code.CDT_224.fix());
    }
  }

  /** Checks the charter's caps: bits per alert, comparisons of one score, linkage. */
  public void verifyCaps(Charter charter, Problems problems) {
    int bitsMax = charter.caps().bitsPerAlert();
    for (int output = 0; output < rules().size(); output++) {
      int bits = bitsPerAlert(output);
      if (bits > bitsMax) {
        problems.add(
            Code.CDT_222,
            rules().get(output).place(),
            "An alert tells " + bits + " bits, the charter allows " + bitsMax + ".",
            "Write 'tell: {score: none}', a coarser step, or fewer reasons.");
      }
    }
    verifyComparisons(charter.caps().comparisonsPerScore(), problems);
    file.links().ifPresent(links -> verifyLinkage(links, charter, problems));
  }

  private static void verifyLinkage(Links links, Charter charter, Problems problems) {
    int bits = links.spec().linkageBits();
    if (bits > charter.caps().linkageBits()) {
      problems.add(
          Code.CDT_241,
          links.place(),
          "The rules open "
              + bits
              + " bits of a pseudonym, the charter allows "
              + charter.caps().linkageBits()
              + ".",
          "Write 'linkageBits: " + bits + "' in the charter's next revision, if members agree.");
    }
    if (!charter.allowUnverifiedLinkage()) {
      problems.add(
          Code.CDT_242,
          links.place(),
          "The suite " + charter.suite() + " can't verify before a pseudonym is opened.",
          Code.CDT_242.fix());
    }
    if (charter.partitions() > 1) {
      problems.add(
          Code.CDT_243,
          links.place(),
          "The charter has "
              + charter.partitions()
              + " partitions; what windows and paths remember lies in one.",
          Code.CDT_243.fix());
    }
    verifyEpochs(links, charter, problems);
    if (charter.banks().size() > LinkSpec.BANKS_MAX) {
      problems.add(
          Code.CDT_241,
          links.place(),
          "Windows tell " + LinkSpec.BANKS_MAX + " banks apart, the charter has more.",
          "Link payments of fewer banks.");
    }
  }

  /** What reaches back further than an epoch would tell less at an epoch's beginning. */
  private static void verifyEpochs(Links links, Charter charter, Problems problems) {
    long epochMinutes = (long) charter.epochDays() * LinkRows.DAY_MINUTES;
    int longest = Math.max(links.spec().carriedMinutes(), links.spec().pathMinutes());
    if (longest + LATENESS_MINUTES > epochMinutes) {
      problems.add(
          Code.CDT_248,
          links.place(),
          "The longest path or carried window reaches back "
              + longest
              + " minutes, and a day for late records; epochs have "
              + charter.epochDays()
              + " days.",
          Code.CDT_248.fix());
    }
  }

  /**
   * Checks that processes can take up this rule set without a restart where they were started with
   * another one: blocks and what is remembered of entities have to mean the same under both.
   */
  public void verifyFollows(RuleSet first, Problems problems) {
    if (!Arrays.equals(plan().contractHash(), first.plan().contractHash())) {
      follows(problems, "contract.yaml", "It reads rows by another contract than ", first);
    }
    if (!Arrays.equals(ratesHash, first.ratesHash)) {
      follows(
          problems, "rates.yaml", "Its rates, by which agents convert, aren't those of ", first);
    }
    boolean linksAlike =
        plan().link().equals(first.plan().link())
            && plan().namesMembers() == first.plan().namesMembers();
    if (!linksAlike) {
      follows(
          problems, "rules.yaml", "What it remembers of payments isn't what is kept for ", first);
    }
    if (!plan().secretModels().isEmpty()) {
      follows(
          problems,
          "rules.yaml",
          "It has secret models, which are read at a start alone; running is ",
          first);
    }
  }

  private void follows(Problems problems, String file, String reason, RuleSet first) {
    problems.add(
        Code.CDT_251,
        Place.of(directory.resolve(file).toString()),
        reason + first + ".",
        Code.CDT_251.fix());
  }

  /** Checks that the publishers of secret weights are banks of the charter. */
  public void verifyPublishers(Charter charter, Problems problems) {
    for (Rule rule : rules()) {
      switch (rule.body()) {
        case Rule.BySecretScore(var score) ->
            verifyPublisher(score.publisher(), score.place(), charter, problems);
        case Rule.BySecretTrees(var score) ->
            verifyPublisher(score.publisher(), score.place(), charter, problems);
        default -> {
          // Has no secret model.
        }
      }
    }
  }

  private static void verifyPublisher(
      String publisher, Place place, Charter charter, Problems problems) {
    if (charter.bank(publisher).isEmpty()) {
      problems.add(
          Code.CDT_505,
          place,
          "The charter lists no bank '" + publisher + "'.",
          Code.CDT_505.fix());
    }
  }

  private void verifyComparisons(int comparisonsMax, Problems problems) {
    Map<List<Object>, Set<Integer>> comparisons = new HashMap<>();
    for (int output = 0; output < rules().size(); output++) {
      boolean exceeds = false;
      for (int node : reachable(plan().outputs().get(output))) {
        List<Object> score =
            switch (plan().nodes().get(node)) {
              case Node.Negative negative -> score(negative.input());
              case Node.CodeAtLeast compared -> score(compared.input());
              default -> List.of();
            };
        if (!score.isEmpty()) {
          Set<Integer> same = comparisons.computeIfAbsent(score, unused -> new HashSet<>());
          exceeds |= same.add(node) && same.size() > comparisonsMax;
        }
      }
      if (exceeds) {
        problems.add(
            Code.CDT_223,
            rules().get(output).place(),
            "With this rule a score is compared more than " + comparisonsMax + " times.",
            "Use fewer thresholds on it.");
      }
    }
  }

  /** What makes a compared sum the same score as another; empty for what is no score. */
  private List<Object> score(int compared) {
    Node node = plan().nodes().get(compared);
    if (node instanceof Node.Linear sum && sum.inputs().size() > 1) {
      return signless(sum);
    }
    if (node instanceof Node.Linear shifted && shifted.inputs().size() == 1) {
      node = plan().nodes().get(shifted.inputs().getFirst());
    }
    return switch (node) {
      case Node.SecretSum secret -> List.of(secret);
      case Node.SecretForest secret -> List.of(secret);
      case Node.Forest forest -> leafless(forest);
      default -> List.of();
    };
  }

  /** What makes two forests the same score: their splits. Another step changes every leaf. */
  private static List<Object> leafless(Node.Forest forest) {
    List<Object> same = new ArrayList<>();
    same.add(forest.tests());
    forest.trees().forEach(tree -> same.add(List.of(tree.tests(), tree.left(), tree.right())));
    return same;
  }

  /** What makes two sums the same score: their features and weights, not sign and constant. */
  private static List<Object> signless(Node.Linear sum) {
    boolean flip = sum.weights().getFirst() < 0;
    return List.of(
        sum.inputs(), flip ? sum.weights().stream().map(w -> -w).toList() : sum.weights());
  }

  private Set<Integer> reachable(RuleOutput output) {
    Set<Integer> found = new HashSet<>();
    List<Integer> open = new ArrayList<>();
    open.add(output.flag());
    output.score().ifPresent(open::add);
    output.reasons().forEach(reason -> open.add(reason.bit()));
    while (!open.isEmpty()) {
      int node = open.removeLast();
      if (found.add(node)) {
        open.addAll(plan().nodes().get(node).operands());
      }
    }
    return found;
  }

  @Override
  public String toString() {
    return name() + "@" + version();
  }
}
