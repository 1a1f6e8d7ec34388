package org.concordat.agent;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.concordat.agent.api.Tokens;
import org.concordat.agent.config.AgentConfig;
import org.concordat.rules.LaterRuleSets;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.CharterFile;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.process.Beside;

/** What an agent reads before it starts. Holds the bank's keys: prints nothing. */
final class Setup {
  final AgentConfig config;
  final Charter charter;
  final RuleSet ruleSet;

  /** The same and those that follow. */
  final LaterRuleSets ruleSets;

  final SigningKey signingKey;
  final SealingKeyPair alertKey;
  final SymmetricKey transactionIdKey;
  final SymmetricKey storeKey;

  /** Who may call the API; nothing where there is none. */
  final Optional<Tokens> tokens;

  private Setup(
      AgentConfig config,
      Charter charter,
      LaterRuleSets ruleSets,
      SigningKey signingKey,
      SealingKeyPair alertKey,
      SymmetricKey transactionIdKey,
      SymmetricKey storeKey,
      Optional<Tokens> tokens) {
    this.config = config;
    this.charter = charter;
    this.ruleSet = ruleSets.known().getFirst();
    this.ruleSets = ruleSets;
    this.signingKey = signingKey;
    this.alertKey = alertKey;
    this.transactionIdKey = transactionIdKey;
    this.storeKey = storeKey;
    this.tokens = tokens;
  }

  /**
   * Reads everything and reports everything that is wrong with it.
   *
   * @throws org.concordat.schemas.problem.InvalidInputException with all problems
   */
  static Setup read(AgentConfig config, Problems problems) {
    // Files that a wrong configuration doesn't name would only add noise.
    problems.throwIfAny();
    AgentConfig.Keys files = config.keys();
    var ofRules = new Problems();
    Beside<Optional<RuleSet>> rules =
        Beside.begin("rules", () -> RuleSet.load(config.rules(), ofRules));
    Optional<Charter> charter = CharterFile.read(config.charter(), problems);
    Optional<RuleSet> ruleSet = rules.await();
    problems.add(ofRules);
    Optional<SigningKey> signing = KeyFiles.readSigningKey(files.signing(), problems);
    Optional<SealingKeyPair> alert = KeyFiles.readSealingKey(files.alert(), problems);
    Optional<SymmetricKey> transactionId =
        KeyFiles.readSymmetricKey(files.transactionId(), problems);
    Optional<SymmetricKey> store = KeyFiles.readSymmetricKey(files.store(), problems);
    Optional<Tokens> tokens = config.api().map(api -> Tokens.read(api.tokens(), problems));
    if (charter.isPresent()) {
      if (ruleSet.isPresent()) {
        ruleSet.get().verifyQuorum(charter.get(), problems);
        ruleSet.get().verifyCaps(charter.get(), problems);
        var later = new LaterRuleSets(config.laterRules(), ruleSet.get(), charter.get());
        later.look();
        verifyDesk(config, later.known(), problems);
      }
      verifyMembership(config, charter.get(), signing, alert, problems);
    }
    problems.throwIfAny();
    return new Setup(
        config,
        charter.orElseThrow(),
        new LaterRuleSets(config.laterRules(), ruleSet.orElseThrow(), charter.orElseThrow()),
        signing.orElseThrow(),
        alert.orElseThrow(),
        transactionId.orElseThrow(),
        store.orElseThrow(),
        tokens);
  }

  private static void verifyDesk(AgentConfig config, List<RuleSet> ruleSets, Problems problems) {
    List<String> known =
        ruleSets.stream()
            .flatMap(ruleSet -> ruleSet.rules().stream())
            .map(Rule::name)
            .distinct()
            .toList();
    for (String rule : config.alerts().desk().rules().keySet()) {
      if (!known.contains(rule)) {
        String near = Problems.closest(rule, known);
        problems.add(
            Code.CDT_711,
            Place.of(config.rules().toString()),
            "[alerts.desk.rules] The rule set has no rule '" + rule + "'.",
            near.isEmpty() ? Code.CDT_711.fix() : "Did you mean '" + near + "'?");
      }
    }
  }

  private static void verifyMembership(
      AgentConfig config,
      Charter charter,
      Optional<SigningKey> signing,
      Optional<SealingKeyPair> alert,
      Problems problems) {
    Optional<Charter.Bank> bank = charter.bank(config.bank());
    if (bank.isEmpty()) {
      problems.add(
          Code.CDT_505,
          Place.of(config.charter().toString()),
          "The charter has no bank '" + config.bank() + "'.",
          Code.CDT_505.fix());
      return;
    }
    if (signing.isPresent() && !signing.get().verifier().equals(bank.get().verifyingKey())) {
      problems.add(
          Code.CDT_506,
          Place.of(config.keys().signing().toString()),
          Code.CDT_506.cause(),
          Code.CDT_506.fix());
    }
    if (alert.isPresent()
        && !Arrays.equals(alert.get().publicKey().bytes(), bank.get().alertKey().bytes())) {
      problems.add(
          Code.CDT_506,
          Place.of(config.keys().alert().toString()),
          Code.CDT_506.cause(),
          Code.CDT_506.fix());
    }
  }

  @Override
  public String toString() {
    return "Setup";
  }
}
