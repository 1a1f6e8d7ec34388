package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.concordat.aggregator.evaluate.ModelShares;
import org.concordat.aggregator.evaluate.SecretModels;
import org.concordat.aggregator.keys.ModelFiles;
import org.concordat.rules.plan.SecretModel;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.ModelShare;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.AtRestBox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelReaderTest {
  private static final Topics TOPICS = new Topics("test.");
  private static final TopicPartition TOPIC = new TopicPartition(TOPICS.models("bank-a"), 0);
  private static final int ME = 1;

  @TempDir private Path folder;

  private final SecretModels models = new SecretModels();
  private final AtRestBox box =
      new AtRestBox(SymmetricKey.generate(new SecureRandom()), new SecureRandom());
  private final List<Code> refused = new CopyOnWriteArrayList<>();
  private final List<Code> alarms = new CopyOnWriteArrayList<>();
  private final CountDownLatch alarmed = new CountDownLatch(1);
  private final CompletableFuture<Throwable> halted = new CompletableFuture<>();
  private final Map<String, ModelShares> shares = new ConcurrentHashMap<>();
  private final List<ConsumerRecord<byte[], byte[]>> bus = new ArrayList<>();

  private void publish(SecretModel model, long publication) {
    for (ModelShare share : models.published(model, publication)) {
      put(models.purpose(model).key(share.getAggregator()), share);
    }
  }

  private void put(String key, ModelShare share) {
    bus.add(
        new ConsumerRecord<>(
            TOPIC.topic(),
            0,
            bus.size(),
            key.getBytes(StandardCharsets.UTF_8),
            RecordCodec.encode(share)));
  }

  private ModelReader reader(Function<String, Optional<SealingKeyPair>> keys) {
    return new ModelReader(
        models.charter,
        SecretModels.aggregator(ME),
        models.ruleSet.plan(),
        TOPICS,
        new ModelFiles(folder.resolve("models"), box, ""),
        keys,
        shares,
        (publisher, code) -> refused.add(code),
        new FolderAlarm(
            code -> {
              alarms.add(code);
              alarmed.countDown();
            }),
        halted::complete);
  }

  private MockConsumer<byte[], byte[]> consumer() {
    var consumer = new MockConsumer<byte[], byte[]>("earliest");
    consumer.updateBeginningOffsets(Map.of(TOPIC, 0L));
    consumer.updateEndOffsets(Map.of(TOPIC, (long) bus.size()));
    consumer.schedulePollTask(() -> bus.forEach(consumer::addRecord));
    return consumer;
  }

  /** Reads until no model is missing; what peers would compare. */
  private Digest complete(Function<String, Optional<SealingKeyPair>> keys) throws Exception {
    var done = new CountDownLatch(1);
    try (ModelReader reader = reader(keys)) {
      reader.start(this::consumer, done::countDown);
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(reader.reasonsNotReady()).isEmpty();
      return reader.agreement();
    }
  }

  @Test
  void haltsOnWhatItDoesNotExpect() throws Exception {
    models.ruleSet.plan().secretModels().forEach(model -> publish(model, 7));
    var bug = new IllegalStateException("made up");
    try (ModelReader reader =
        reader(
            id -> {
              throw bug;
            })) {
      reader.start(this::consumer, () -> {});
      assertThat(halted.get(30, TimeUnit.SECONDS)).isSameAs(bug);
    }
  }

  @Test
  void takesItsOwnCopiesOfAllModels() throws Exception {
    assertThat(reader(id -> models.sealingKey(ME)).reasonsNotReady())
        .containsExactly("model-missing: own-model, bank-a", "model-missing: odds, bank-a");
    models.ruleSet.plan().secretModels().forEach(model -> publish(model, 7));
    Digest agreement = complete(id -> models.sealingKey(ME));
    assertThat(shares.keySet()).containsExactlyInAnyOrder("own-model", "odds");
    assertThat(refused).isEmpty();
    // The sealing key may be gone when the aggregator starts again.
    shares.clear();
    assertThat(complete(id -> Optional.empty())).isEqualTo(agreement);
    assertThat(shares).hasSize(2);
    assertThat(refused).isEmpty();
  }

  /** A file in the place of its folder stands for a disk that takes nothing. */
  @Test
  void aModelThatCannotBeKeptIsWaitedFor() throws Exception {
    models.ruleSet.plan().secretModels().forEach(model -> publish(model, 7));
    Path blocked = Files.createFile(folder.resolve("models"));
    var done = new CountDownLatch(1);
    try (ModelReader reader = reader(id -> models.sealingKey(ME))) {
      reader.start(this::consumer, done::countDown);
      assertThat(alarmed.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(reader.reasonsNotReady()).hasSize(2);
      Files.delete(blocked);
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(reader.reasonsNotReady()).isEmpty();
    }
    assertThat(alarms).as("not at every try").containsExactly(Code.CDT_511);
    shares.clear();
    complete(id -> Optional.empty());
    assertThat(shares).as("from the own copies").hasSize(2);
  }

  @Test
  void aLaterPublicationReplacesTheOwnCopyAndIsAgreedAnew() throws Exception {
    models.ruleSet.plan().secretModels().forEach(model -> publish(model, 7));
    Digest before = complete(id -> models.sealingKey(ME));
    publish(models.ruleSet.plan().secretModels().getFirst(), 8);
    Digest after = complete(id -> models.sealingKey(ME));
    assertThat(after).isNotEqualTo(before);
    bus.clear();
    assertThat(complete(id -> Optional.empty())).isEqualTo(after);
  }

  @Test
  void whatIsWrongIsRefusedAndWhatIsForOthersLeftAlone() throws Exception {
    SecretModel model = models.ruleSet.plan().secretModels().getFirst();
    String key = models.purpose(model).key(SecretModels.aggregator(ME));
    put(key, models.published(model, 7).getFirst());
    put("of another rule set", models.published(model, 7).getFirst());
    put(key, models.published(models.ruleSet.plan().secretModels().get(1), 7).get(ME));
    models.ruleSet.plan().secretModels().forEach(each -> publish(each, 9));
    complete(id -> models.sealingKey(ME));
    assertThat(refused).containsExactly(Code.CDT_425, Code.CDT_424);
  }
}
