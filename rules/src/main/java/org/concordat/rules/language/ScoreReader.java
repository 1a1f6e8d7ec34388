package org.concordat.rules.language;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FeatureType;
import org.concordat.rules.feature.RuleFiles;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.model.ModelFile;
import org.concordat.rules.model.Score;
import org.concordat.rules.model.SecretScore;
import org.concordat.rules.model.SecretTreeScore;
import org.concordat.rules.model.TreeScore;
import org.concordat.rules.model.WeightedSum;
import org.concordat.rules.model.WeightsReader;
import org.concordat.rules.model.tree.TreeFile;
import org.concordat.rules.model.tree.TreeModel;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/**
 * Reads the {@code score} of a rule: weights inline or from a model file, or trees from a model
 * file; threshold and step.
 */
final class ScoreReader {
  /** The finest step, 10^-12 or 2^-40. */
  private static final int STEP_EXPONENT_MAX = 40;

  private static final int STEP_DECIMALS_MAX = 12;

  /** Weights of more bits would leave no room for a sum. */
  private static final int WIDTH_BITS_MAX = 48;

  /** Cut points of a told band (DESIGN 8). */
  private static final int CUTS_MAX = 4;

  private static final String BANK = "[a-z0-9-]{1,32}";
  private static final String TREES = "trees";
  private static final String FILE = "models/[A-Za-z0-9._-]{1,100}";

  private final FeatureContract contract;
  private final RuleFiles files;

  ScoreReader(FeatureContract contract, RuleFiles files) {
    this.contract = contract;
    this.files = files;
  }

  Optional<Rule.Body> read(Document score) {
    if (score.has("weights")
        && score.get("weights").has("secret")
        && contract.feature("secret").isEmpty()) {
      return secret(score).map(Rule.BySecretScore::new);
    }
    boolean isTrees = score.has("model") && score.get("model").text().equals(TREES);
    if (isTrees && score.has(TREES)) {
      return secretTrees(score).map(Rule.BySecretTrees::new);
    }
    return isTrees ? trees(score).map(Rule.ByTrees::new) : sum(score).map(Rule.ByScore::new);
  }

  private Optional<TreeScore> trees(Document score) {
    int before = score.problems().list().size();
    Document file = score.get("file");
    Map<String, String> renamed = renamed(score);
    BigDecimal step = step(score.get("step"));
    Document threshold = score.get("threshold");
    BigDecimal value = threshold.decimal();
    Optional<TreeModel> model =
        modelFile(file).flatMap(found -> TreeFile.read(found, score.problems()));
    if (model.isEmpty() || score.problems().list().size() > before) {
      return Optional.empty();
    }
    List<Feature> features = new ArrayList<>();
    for (String name : model.get().features()) {
      WeightsReader.feature(
              renamed.getOrDefault(name, name), contract, file.place(), score.problems())
          .ifPresent(features::add);
    }
    BigDecimal logit = slope(threshold, value, model.get().logitSlope());
    return score.problems().list().size() > before
        ? Optional.empty()
        : Optional.of(new TreeScore(model.get(), features, logit, step, score.place()));
  }

  private Optional<Score> sum(Document score) {
    int before = score.problems().list().size();
    Score.Kind kind = score.get("model").choice(Score.Kind.class).orElse(Score.Kind.LINEAR);
    Optional<WeightedSum> sum = score.has("file") ? fromFile(score, kind) : inline(score);
    BigDecimal step = step(score.get("step"));
    BigDecimal threshold = threshold(score.get("threshold"), kind);
    if (sum.isEmpty() || score.problems().list().size() > before) {
      return Optional.empty();
    }
    return Optional.of(new Score(kind, sum.get(), threshold, step, score.place()));
  }

  private Optional<SecretScore> secret(Document score) {
    int before = score.problems().list().size();
    Score.Kind kind = score.get("model").choice(Score.Kind.class).orElse(Score.Kind.LINEAR);
    Document weights = score.get("weights");
    requireSecret(weights, "Weights that aren't secret are written out.");
    String publisher = publisher(weights);
    int widthBits = (int) weights.get("widthBits").integer(2, WIDTH_BITS_MAX);
    List<Feature> features = new ArrayList<>();
    for (Document item : weights.get("features").items()) {
      WeightsReader.feature(item.text(), contract, item.place(), item.problems())
          .ifPresent(feature -> addWeighed(feature, features, item));
    }
    if (features.isEmpty()) {
      weights.add(Code.CDT_215, "A sum needs features.", "Write 'features: [...]'.");
    }
    BigDecimal step = step(score.get("step"));
    Optional<BigDecimal> bound = maybeSecret(score.get("threshold"), kind);
    return score.problems().list().size() > before
        ? Optional.empty()
        : Optional.of(
            new SecretScore(kind, features, publisher, widthBits, bound, step, score.place()));
  }

  private Optional<SecretTreeScore> secretTrees(Document score) {
    int before = score.problems().list().size();
    Document shape = score.get(TREES);
    requireSecret(shape, "Trees that aren't secret are in a model file.");
    String publisher = publisher(shape);
    int count = (int) shape.get("count").integer(1, SecretTreeScore.TREES_MAX);
    int depth = (int) shape.get("depth").integer(1, SecretTreeScore.DEPTH_MAX);
    int leafBits = (int) shape.get("leafBits").integer(2, WIDTH_BITS_MAX);
    Score.Kind kind =
        shape.get("probability").bool(false) ? Score.Kind.LOGISTIC : Score.Kind.LINEAR;
    List<Feature> features = new ArrayList<>();
    for (Document item : shape.get("features").items()) {
      WeightsReader.feature(item.text(), contract, item.place(), item.problems())
          .ifPresent(feature -> addOnce(feature, features, item));
    }
    if (features.isEmpty() || features.size() > SecretTreeScore.FEATURES_MAX) {
      shape.add(
          Code.CDT_215,
          "Secret trees are offered 1 to " + SecretTreeScore.FEATURES_MAX + " features.",
          "Write 'features: [...]'.");
    }
    if (score.has("file")) {
      score.get("file").text();
      score.get("file").add(Code.CDT_215, "Secret trees are in no file here.", "Remove 'file'.");
    }
    BigDecimal step = step(score.get("step"));
    Optional<BigDecimal> bound = maybeSecret(score.get("threshold"), kind);
    return score.problems().list().size() > before
        ? Optional.empty()
        : Optional.of(
            new SecretTreeScore(
                kind, features, publisher, count, depth, leafBits, bound, step, score.place()));
  }

  private static void requireSecret(Document shape, String otherwise) {
    Document secret = shape.get("secret");
    if (!secret.bool(false)) {
      secret.add(Code.CDT_215, otherwise, "Write 'true'.");
    }
  }

  private static String publisher(Document shape) {
    Document publisher = shape.get("publisher");
    if (publisher.isPresent() && !publisher.text().matches(BANK)) {
      publisher.add(Code.CDT_106, "A bank is 1 to 32 of a-z, 0-9 and -.", "Name one.");
    }
    return publisher.text();
  }

  /** A threshold in the score's unit; nothing where it is secret. */
  private static Optional<BigDecimal> maybeSecret(Document threshold, Score.Kind kind) {
    boolean isPublic = !threshold.isText() || !threshold.text().equals("secret");
    return isPublic ? Optional.of(threshold(threshold, kind)) : Optional.empty();
  }

  private static void addOnce(Feature feature, List<Feature> features, Document item) {
    if (features.contains(feature)) {
      item.add(Code.CDT_107, "'" + feature.name() + "' is listed twice.", "Name it once.");
    } else {
      features.add(feature);
    }
  }

  private static void addWeighed(Feature feature, List<Feature> features, Document item) {
    if (feature.type().kind() == FeatureType.Kind.BINS) {
      item.add(Code.CDT_212, "'" + feature.name() + "' has bins, not numbers.", "Weigh a number.");
    } else if (features.contains(feature)) {
      item.add(Code.CDT_107, "'" + feature.name() + "' is weighed twice.", "Name it once.");
    } else {
      features.add(feature);
    }
  }

  /** The public cut points of a told band, in the unit of the score's threshold. */
  List<Rule.Cut> cuts(Document list, Rule.Body body) {
    List<Rule.Cut> cuts = new ArrayList<>();
    for (Document item : list.items()) {
      BigDecimal written = item.decimal();
      BigDecimal bound =
          switch (body) {
            case Rule.ByCondition unused -> {
              list.add(Code.CDT_215, "A condition has no score.", "Remove 'score: band'.");
              yield written;
            }
            case Rule.ByScore(Score score) -> threshold(item, score.kind());
            case Rule.BySecretScore(SecretScore score) -> threshold(item, score.kind());
            case Rule.BySecretTrees(SecretTreeScore score) -> threshold(item, score.kind());
            case Rule.ByTrees(TreeScore score) -> slope(item, written, score.model().logitSlope());
          };
      if (!cuts.isEmpty() && cuts.getLast().bound().compareTo(bound) >= 0) {
        item.add(Code.CDT_219, "Cut points ascend.", "Order them, each once.");
      }
      cuts.add(new Rule.Cut(bound, written.toPlainString()));
    }
    if (list.isSequence() && (cuts.isEmpty() || cuts.size() > CUTS_MAX)) {
      list.add(Code.CDT_220, "A band has 1 to " + CUTS_MAX + " cut points.", "Correct the list.");
    }
    return cuts;
  }

  private static BigDecimal slope(Document threshold, BigDecimal value, double slope) {
    return slope == 0
        ? value
        : probability(threshold, value).divide(new BigDecimal(slope), MathContext.DECIMAL64);
  }

  private Optional<WeightedSum> inline(Document score) {
    BigDecimal intercept = score.maybe("intercept").decimal();
    var terms = WeightsReader.read(score.get("weights"), contract);
    return terms.isEmpty() ? Optional.empty() : Optional.of(new WeightedSum(intercept, terms));
  }

  private Optional<WeightedSum> fromFile(Document score, Score.Kind kind) {
    Document file = score.get("file");
    for (String key : new String[] {"weights", "intercept"}) {
      if (score.has(key)) {
        score.get(key).keys().forEach(score.get(key)::maybe);
        score
            .get(key)
            .add(Code.CDT_215, "The model file has the weights.", "Remove '" + key + "'.");
      }
    }
    Map<String, String> renamed = renamed(score);
    return modelFile(file)
        .flatMap(model -> ModelFile.read(model, kind, renamed, contract, score.problems()));
  }

  private static Map<String, String> renamed(Document score) {
    Map<String, String> renamed = new HashMap<>();
    Document features = score.maybe("features");
    features.keys().forEach(name -> renamed.put(name, features.get(name).text()));
    return renamed;
  }

  private Optional<SourceFile> modelFile(Document file) {
    if (!file.text().matches(FILE)) {
      file.add(
          Code.CDT_218,
          "A model file lies in the rule set's folder 'models'.",
          "Write 'models/' and the file's name.");
      return Optional.empty();
    }
    if (!files.has(file.text())) {
      file.add(Code.CDT_101, "There is no file '" + file.text() + "' beside the rules.", "Add it.");
      return Optional.empty();
    }
    return Optional.of(files.file(file.text()));
  }

  private static BigDecimal step(Document step) {
    BigDecimal value = step.decimal().stripTrailingZeros();
    boolean isPowerOfTen =
        value.unscaledValue().bitLength() == 1
            && value.signum() > 0
            && value.scale() >= 0
            && value.scale() <= STEP_DECIMALS_MAX;
    if (step.isPresent() && !isPowerOfTen && !isPowerOfTwo(value)) {
      step.add(
          Code.CDT_219,
          "A step is 1 or a negative power of ten or two.",
          "Write one such as 0.001, or 0.0009765625.");
    }
    return value;
  }

  private static boolean isPowerOfTwo(BigDecimal value) {
    BigDecimal power = BigDecimal.ONE;
    for (int i = 0; i <= STEP_EXPONENT_MAX; i++) {
      if (power.compareTo(value) == 0) {
        return true;
      }
      power = power.divide(BigDecimal.TWO);
    }
    return false;
  }

  private static BigDecimal threshold(Document threshold, Score.Kind kind) {
    BigDecimal value = threshold.decimal();
    if (kind == Score.Kind.LINEAR || !threshold.isPresent()) {
      return value;
    }
    return probability(threshold, value);
  }

  /** The logit of a probability. */
  private static BigDecimal probability(Document threshold, BigDecimal value) {
    double probability = value.doubleValue();
    if (probability <= 0 || probability >= 1) {
      threshold.add(
          Code.CDT_219,
          "A logistic score's threshold is a probability.",
          "Write one above 0 and below 1.");
      return BigDecimal.ZERO;
    }
    // StrictMath gives the same bits on every machine, so that all parties compile the same plan.
    double logit = StrictMath.log(probability) - StrictMath.log1p(-probability);
    return new BigDecimal(logit);
  }
}
