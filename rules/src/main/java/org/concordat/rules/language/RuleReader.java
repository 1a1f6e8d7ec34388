package org.concordat.rules.language;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.RuleFiles;
import org.concordat.rules.language.Rule.Body;
import org.concordat.rules.language.Rule.Reason;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/** Reads one rule. */
final class RuleReader {
  /** A reason is a bit of a word. */
  static final int REASONS_MAX = 64;

  static final int TITLE_CHARS_MAX = 200;

  /** Earlier records that one flagged row alerts. */
  static final int MEMBERS_MAX = 256;

  private static final int MEMBERS_DEFAULT = 32;
  private static final String NAME = "[a-z0-9-]{1,64}";

  private enum Mode {
    LIVE,
    SHADOW
  }

  private enum ScoreTold {
    EXACT,
    BAND,
    NONE
  }

  private final ConditionReader conditions;
  private final ScoreReader scores;

  RuleReader(FeatureContract contract, RuleFiles files) {
    this.conditions = new ConditionReader(contract);
    this.scores = new ScoreReader(contract, files);
  }

  private static boolean hidesThreshold(Body body) {
    return switch (body) {
      case Rule.BySecretScore(var score) -> score.threshold().isEmpty();
      case Rule.BySecretTrees(var score) -> score.threshold().isEmpty();
      default -> false;
    };
  }

  Optional<Rule> read(Document rule) {
    Document name = rule.get("rule");
    if (name.isPresent() && !name.text().matches(NAME)) {
      name.add(Code.CDT_106, "A rule's name is 1 to 64 of a-z, 0-9 and -.", "Write such a name.");
    }
    String title = line(rule.maybe("title"), name.text());
    boolean live = rule.maybe("mode").choice(Mode.class).orElse(Mode.LIVE) == Mode.LIVE;
    Document tell = rule.maybe("tell");
    Document toldScore = tell.maybe("score");
    Optional<ScoreTold> wanted = toldScore.choice(ScoreTold.class);
    boolean tellsReasons = tell.maybe("reasons").bool(true);
    Optional<Body> body = body(rule);
    boolean isSecret =
        body.isPresent()
            && (body.get() instanceof Rule.BySecretScore
                || body.get() instanceof Rule.BySecretTrees);
    ScoreTold told = wanted.orElse(isSecret ? ScoreTold.NONE : ScoreTold.EXACT);
    if (isSecret && told == ScoreTold.EXACT) {
      toldScore.add(Code.CDT_244, Code.CDT_244.cause(), Code.CDT_244.fix());
    }
    List<Rule.Cut> cuts = List.of();
    if (told == ScoreTold.BAND) {
      Document list = tell.get("cuts");
      cuts = body.map(b -> scores.cuts(list, b)).orElse(List.of());
      if (body.filter(RuleReader::hidesThreshold).isPresent()) {
        // It is part of the published values: what cut points are compared with is less by it.
        toldScore.add(
            Code.CDT_244,
            "Cut points of a band can't be compared beside a secret threshold.",
            "Write a public threshold, or 'tell: {score: none}'.");
      }
    }
    List<Reason> reasons = List.of();
    if (rule.has("reasons")) {
      reasons = reasons(rule.get("reasons"));
    } else if (tellsReasons
        && body.isPresent()
        && body.get() instanceof Rule.ByCondition byCondition) {
      reasons = defaultReasons(byCondition.condition());
    }
    List<Reason> toldReasons = tellsReasons ? reasons : List.of();
    checkCount(toldReasons.size() + cuts.size(), rule);
    List<Rule.Cut> toldCuts = cuts;
    int membersMax = membersMax(rule);
    return body.map(
        b ->
            new Rule(
                name.text(),
                title,
                live,
                b,
                told == ScoreTold.EXACT && !(b instanceof Rule.ByCondition),
                toldCuts,
                toldReasons,
                membersMax,
                name.place()));
  }

  /** 0 where earlier records aren't alerted. */
  private static int membersMax(Document rule) {
    boolean wanted = rule.maybe("members").bool(false);
    Document max = rule.maybe("membersMax");
    int count = (int) max.integer(1, MEMBERS_MAX, MEMBERS_DEFAULT);
    if (!wanted && max.isPresent()) {
      max.add(
          Code.CDT_106, "It bounds 'members', which isn't asked for.", "Write 'members: true'.");
    }
    return wanted ? count : 0;
  }

  private Optional<Body> body(Document rule) {
    boolean hasCondition = rule.has("condition");
    boolean hasScore = rule.has("score");
    if (hasCondition == hasScore) {
      rule.add(
          Code.CDT_215,
          hasScore ? "The rule has a condition and a score." : "The rule has nothing that flags.",
          "Write either 'condition' or 'score'.");
    }
    Optional<Body> condition =
        hasCondition
            ? conditions.read(rule.get("condition")).map(Rule.ByCondition::new)
            : Optional.empty();
    Optional<Body> score = hasScore ? scores.read(rule.get("score")) : Optional.empty();
    return hasCondition ? condition : score;
  }

  private List<Reason> reasons(Document list) {
    List<Reason> reasons = new ArrayList<>();
    Set<String> codes = new HashSet<>();
    for (Document item : list.items()) {
      Document code = item.get("code");
      if (code.isPresent() && !code.text().matches(NAME)) {
        code.add(
            Code.CDT_106, "A reason's code is 1 to 64 of a-z, 0-9 and -.", "Write such a one.");
      }
      if (code.text().startsWith(Rule.BAND)) {
        code.add(
            Code.CDT_106, "Codes that start with 'band-' tell a score's band.", "Write another.");
      }
      if (code.text().equals(Rule.EARLIER)) {
        code.add(Code.CDT_106, "The code tells an earlier payment of a pattern.", "Write another.");
      }
      if (!codes.add(code.text())) {
        code.add(Code.CDT_107, "The code '" + code.text() + "' is used twice.", "Write another.");
      }
      Optional<Condition> when = conditions.read(item.get("when"));
      String text = item.has("text") ? line(item.get("text"), "") : "";
      when.ifPresent(
          condition ->
              reasons.add(
                  new Reason(
                      code.text(), text.isEmpty() ? shortened(condition) : text, condition)));
      item.finish();
    }
    return reasons;
  }

  /** The conditions that a person would name first: those at the top. */
  private static List<Reason> defaultReasons(Condition condition) {
    List<Condition> top =
        switch (condition) {
          case Condition.All all -> all.conditions();
          case Condition.Any any -> any.conditions();
          case Condition.AtLeast atLeast -> atLeast.conditions();
          case Condition.Not unused -> List.of(condition);
          case Condition.Within unused -> List.of(condition);
          case Condition.Member unused -> List.of(condition);
          case Condition.Compared unused -> List.of(condition);
          case Condition.Missing unused -> List.of(condition);
          case Condition.SumWithin unused -> List.of(condition);
        };
    List<Reason> reasons = new ArrayList<>();
    for (Condition each : top) {
      reasons.add(new Reason("c" + (reasons.size() + 1), shortened(each), each));
    }
    return reasons;
  }

  private static void checkCount(int reasons, Document place) {
    if (reasons > REASONS_MAX) {
      place.add(
          Code.CDT_220,
          "There are " + reasons + " reasons; an alert carries " + REASONS_MAX + ".",
          "List fewer under 'reasons', or write 'tell: {reasons: false}'.");
    }
  }

  private static String shortened(Condition condition) {
    String text = Wording.of(condition);
    return text.length() <= TITLE_CHARS_MAX ? text : text.substring(0, TITLE_CHARS_MAX - 3) + "...";
  }

  private static String line(Document document, String whenMissing) {
    String text = document.text(whenMissing);
    if (text.length() > TITLE_CHARS_MAX || text.chars().anyMatch(Character::isISOControl)) {
      document.add(
          Code.CDT_106,
          "One line of at most " + TITLE_CHARS_MAX + " characters is expected.",
          "Shorten it.");
      return text.substring(0, Math.min(text.length(), 20)).toLowerCase(Locale.ROOT);
    }
    return text;
  }
}
