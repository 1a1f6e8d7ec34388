package org.concordat.ops;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.publish.KafkaClients;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.SecretModel;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.ModelShare;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.ModelSealing;
import org.concordat.schemas.seal.Signed;
import org.concordat.schemas.share.Domain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "publish-model",
    mixinStandardHelpOptions = true,
    description = {
      "At the bank that a rule names as publisher: shares the rule's secret weights or trees among",
      "the aggregators and seals each one's part. No aggregator alone, and no other bank, learns",
      "any of it. They take effect when all aggregators have been restarted."
    })
final class PublishModelCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration WAIT = Duration.ofSeconds(30);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RulesCommand.Target target = new RulesCommand.Target();

  @Option(
      names = "--rule",
      required = true,
      paramLabel = "NAME",
      description = "Whose weights or trees.")
  private String rule = "";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "The model, as a rule's public model file would be.")
  private Path modelFile = Path.of("");

  @Option(
      names = "--threshold",
      paramLabel = "NUMBER",
      description = "The score's threshold, where the rule says 'threshold: secret'.")
  private Optional<BigDecimal> threshold = Optional.empty();

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The bank's agent.yaml: its charter, signing key and brokers.")
  private Path configFile = Path.of("");

  @Option(
      names = "--publication",
      paramLabel = "N",
      description = "Greater than any before; default: milliseconds since 1970.")
  private Optional<Long> publication = Optional.empty();

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    var problems = new Problems();
    AgentConfig config = AgentConfig.read(configFile, problems);
    problems.throwIfAny();
    Charter charter = Inputs.charter(config.charter());
    Optional<SigningKey> signing = KeyFiles.readSigningKey(config.keys().signing(), problems);
    RuleSet ruleSet = target.load();
    Optional<SecretModel> model =
        ruleSet.plan().secretModels().stream()
            .filter(m -> m.rule().equals(rule) && m.publisher().equals(config.bank()))
            .findFirst();
    if (model.isEmpty()) {
      problems.add(
          Code.CDT_246,
          Place.of(ruleSet.directory().toString()),
          "The rule '" + rule + "' has no secret weights of " + config.bank() + ".",
          Code.CDT_246.fix());
    }
    Optional<long[]> values =
        model.flatMap(m -> SecretModelOptions.read(ruleSet, m, modelFile, threshold, problems));
    problems.throwIfAny();
    Inputs.requireOwn(
        charter.bankKeys(),
        config.bank(),
        signing.orElseThrow(),
        config.charter(),
        config.keys().signing());
    var purpose =
        new ModelSealing.Purpose(
            config.bank(),
            new Digest(ruleSet.hash()),
            rule,
            model.orElseThrow().domain(),
            model.orElseThrow().values());
    Topics topics = charter.topics(config.kafka().topicPrefix());
    var clients = new KafkaClients(config.kafka());
    long number = publication.orElseGet(System::currentTimeMillis);
    List<ModelShare> shares =
        ModelSealing.seal(
            charter,
            purpose,
            number,
            values.orElseThrow(),
            keys(charter, topics, clients),
            signing.orElseThrow(),
            new SecureRandom());
    try (Producer<byte[], byte[]> producer = clients.producer("models")) {
      for (ModelShare share : shares) {
        byte[] key = purpose.key(share.getAggregator()).getBytes(StandardCharsets.UTF_8);
        producer
            .send(
                new ProducerRecord<>(
                    topics.models(config.bank()), 0, key, RecordCodec.encode(share)))
            .get();
      }
    }
    var out = spec.commandLine().getOut();
    out.printf(
        "%d %s of '%s' are published for %s under number %d.%n",
        purpose.values(),
        purpose.domain() == Domain.BOOLEAN ? "words" : "values",
        rule,
        ruleSet,
        number);
    out.flush();
    return Concordat.DONE;
  }

  /** The newest key in force of each aggregator. */
  private static List<HpkeKey> keys(Charter charter, Topics topics, KafkaClients clients) {
    Map<String, HpkeKey> newest = new HashMap<>();
    long end = System.nanoTime() + WAIT.toNanos();
    try (Consumer<byte[], byte[]> consumer = clients.consumer("keys")) {
      List<TopicPartition> partitions = List.of(new TopicPartition(topics.keys(), 0));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (newest.size() < charter.aggregators().size() && System.nanoTime() < end) {
        consumer.poll(POLL).forEach(record -> take(charter, record, newest));
      }
      // All that was there at once is read: a later key of the same owner replaces an earlier one.
      consumer.poll(POLL).forEach(record -> take(charter, record, newest));
    }
    List<HpkeKey> keys = new ArrayList<>();
    for (Charter.Aggregator aggregator : charter.aggregators()) {
      HpkeKey key = newest.get(aggregator.name());
      if (key == null) {
        throw new InvalidInputException(
            Code.CDT_426,
            Place.of(topics.keys()),
            "The aggregator " + aggregator.name() + " has no key in force.",
            "Start it first, or correct this machine's clock.");
      }
      keys.add(key);
    }
    return keys;
  }

  private static void take(
      Charter charter, ConsumerRecord<byte[], byte[]> record, Map<String, HpkeKey> newest) {
    if (record.value() == null) {
      return;
    }
    try {
      HpkeKey key = RecordCodec.decode(HpkeKey.class, record.value());
      int index = charter.aggregatorIndex(key.getOwner());
      boolean isGood =
          index >= 0
              && key.getCharter().equals(charter.hash())
              && key.getNotAfterMillis() > System.currentTimeMillis()
              && Signed.verify(key, charter.aggregators().get(index).verifyingKey());
      if (isGood) {
        newest.merge(
            key.getOwner(), key, (old, more) -> more.getEpoch() >= old.getEpoch() ? more : old);
      }
    } catch (MalformedRecordException e) {
      // Somebody else's record doesn't keep the aggregators' own from being found.
      return;
    }
  }
}
