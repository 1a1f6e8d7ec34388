package org.concordat.aggregator.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.aggregator.evaluate.ModelShares;
import org.concordat.aggregator.keys.ModelFiles;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.SecretModel;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.ModelSealing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds this aggregator's parts of the secret models that the rule set in force declares: its own
 * copies, or a later publication on the bus. Reads until it has them all and has read what was on
 * the bus when it started; what is published later is for the next start, since all aggregators
 * have to change together.
 */
public final class ModelReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelReader.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(5);

  private final Charter charter;
  private final String aggregator;
  private final Plan plan;
  private final Topics topics;
  private final ModelFiles files;
  private final Function<String, Optional<SealingKeyPair>> keys;
  private final Map<String, ModelShares> shares;
  private final BiConsumer<String, Code> refused;
  private final FolderAlarm folder;
  private final java.util.function.Consumer<Throwable> halt;
  private final Map<String, ModelSealing.Opened> opened = new ConcurrentHashMap<>();

  /** By rule, what was opened and is not on the disk yet. */
  private final Map<String, ModelSealing.Opened> unkept = new HashMap<>();

  private volatile boolean running = true;
  private Thread thread = Thread.ofPlatform().unstarted(() -> {});

  /**
   * @param keys this aggregator's, by id
   * @param shares gets this aggregator's part of each model, by rule
   * @param refused told the publisher and why
   * @param folder told when an own copy can't be written
   * @param halt is called for a bug or a corrupt own copy; ends the process
   */
  public ModelReader(
      Charter charter,
      String aggregator,
      Plan plan,
      Topics topics,
      ModelFiles files,
      Function<String, Optional<SealingKeyPair>> keys,
      Map<String, ModelShares> shares,
      BiConsumer<String, Code> refused,
      FolderAlarm folder,
      java.util.function.Consumer<Throwable> halt) {
    this.charter = charter;
    this.aggregator = aggregator;
    this.plan = plan;
    this.topics = topics;
    this.files = files;
    this.keys = keys;
    this.shares = shares;
    this.refused = refused;
    this.folder = folder;
    this.halt = halt;
  }

  /**
   * Starts to read.
   *
   * @param complete called once, on a thread of this reader's, when no model is missing; not where
   *     the reader was closed before
   */
  public void start(Supplier<Consumer<byte[], byte[]>> consumers, Runnable complete) {
    thread =
        Thread.ofPlatform()
            .name("models")
            .start(
                () -> {
                  try {
                    run(consumers, complete);
                  } catch (RuntimeException | Error e) {
                    // Without it the aggregator would wait for its models for ever.
                    halt.accept(e);
                  }
                });
  }

  /** The models that are missing. */
  public List<SecretModel> missing() {
    return plan.secretModels().stream().filter(m -> !opened.containsKey(m.rule())).toList();
  }

  /**
   * What aggregators compare before they work together: the rule set's hash and, of a rule set with
   * secret models, the cores of those that were read. Equal cores commit to equal components.
   */
  public Digest agreement() {
    if (plan.secretModels().isEmpty()) {
      return new Digest(plan.hash());
    }
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update("concordat/rule-set-and-models/1".getBytes(StandardCharsets.US_ASCII));
      sha.update(plan.hash());
      plan.secretModels().forEach(model -> sha.update(core(model)));
      return new Digest(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  private byte[] core(SecretModel model) {
    ModelSealing.Opened found = opened.get(model.rule());
    if (found == null) {
      throw new IllegalStateException("A model is missing.");
    }
    return found.core().bytes();
  }

  private ModelSealing.Purpose purpose(SecretModel model) {
    return new ModelSealing.Purpose(
        model.publisher(), new Digest(plan.hash()), model.rule(), model.domain(), model.values());
  }

  private void run(Supplier<Consumer<byte[], byte[]>> consumers, Runnable complete) {
    for (SecretModel model : plan.secretModels()) {
      try {
        files.read(purpose(model)).ifPresent(kept -> take(model, kept));
      } catch (IOException e) {
        LOG.atWarn()
            .addKeyValue("rule", model.rule())
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("The own copy of a secret model can't be read.");
      }
    }
    boolean done = false;
    while (running && !done) {
      try (Consumer<byte[], byte[]> consumer = consumers.get()) {
        done = read(consumer);
      } catch (InterruptException e) {
        return;
      } catch (KafkaException e) {
        LOG.atWarn()
            .addKeyValue("waitsFor", "the brokers, to read secret models")
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Reading secret models again.");
        try {
          Thread.sleep(RETRY);
        } catch (InterruptedException interrupted) {
          return;
        }
      }
    }
    // Who is being stopped links no peers any more.
    if (done && running) {
      complete.run();
    }
  }

  /** Whether all are there, and what was on the bus at the start is read. */
  private boolean read(Consumer<byte[], byte[]> consumer) {
    List<TopicPartition> partitions =
        plan.secretModels().stream()
            .map(model -> new TopicPartition(topics.models(model.publisher()), 0))
            .distinct()
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (running) {
      consumer.poll(POLL).forEach(this::take);
      keep();
      boolean isRead = true;
      for (TopicPartition partition : partitions) {
        isRead &= consumer.position(partition) >= ends.getOrDefault(partition, 0L);
      }
      if (isRead && unkept.isEmpty() && missing().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null || record.key() == null) {
      return;
    }
    String key = new String(record.key(), StandardCharsets.UTF_8);
    for (SecretModel model : plan.secretModels()) {
      ModelSealing.Purpose purpose = purpose(model);
      // A key only says whose record it is; what it holds is signed.
      if (record.topic().equals(topics.models(model.publisher()))
          && key.equals(purpose.key(aggregator))) {
        take(model, purpose, record.value());
      }
    }
  }

  private void take(SecretModel model, ModelSealing.Purpose purpose, byte[] record) {
    ModelSealing.Opened known = opened.get(model.rule());
    long after = known == null ? 0 : known.publication();
    switch (ModelSealing.open(record, charter, aggregator, purpose, after, keys)) {
      case ModelSealing.Opened found -> {
        unkept.put(model.rule(), found);
        LOG.atInfo()
            .addKeyValue("rule", model.rule())
            .addKeyValue("publisher", model.publisher())
            .addKeyValue("publication", found.publication())
            .log("A secret model is read.");
      }
      // The very publication that the own copy is of.
      case ModelSealing.Refused(Code code) when code == Code.CDT_428 && known != null ->
          LOG.atDebug().addKeyValue("rule", model.rule()).log("The secret model is known.");
      case ModelSealing.Refused(Code code) -> {
        LOG.atWarn()
            .addKeyValue("code", code.label())
            .addKeyValue("rule", model.rule())
            .addKeyValue("publisher", model.publisher())
            .log("A secret model is refused.");
        refused.accept(model.publisher(), code);
      }
    }
  }

  /**
   * A model counts as read once it is on the disk: the key that it came under is destroyed in days,
   * and a restart after that would find nothing.
   */
  private void keep() {
    for (SecretModel model : plan.secretModels()) {
      ModelSealing.Opened found = unkept.get(model.rule());
      if (found != null) {
        try {
          files.write(purpose(model), found);
          folder.written();
          unkept.remove(model.rule());
          take(model, found);
        } catch (IOException e) {
          folder.failed("the own copy of a secret model", e);
        }
      }
    }
  }

  private void take(SecretModel model, ModelSealing.Opened found) {
    opened.put(model.rule(), found);
    shares.put(model.rule(), new ModelShares(found.part().first(), found.part().second()));
  }

  /** The reasons for which the aggregator isn't ready. */
  public List<String> reasonsNotReady() {
    List<String> reasons = new ArrayList<>();
    for (SecretModel model : missing()) {
      reasons.add("model-missing: " + model.rule() + ", " + model.publisher());
    }
    return reasons;
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.interrupt();
    thread.join(STOP);
  }
}
