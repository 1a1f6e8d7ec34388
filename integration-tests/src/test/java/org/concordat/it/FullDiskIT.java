package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.record.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disks of an agent, of the broker and of an aggregator fill up. Agent and broker stop and say
 * so, and go on once there is room and they are started again. An aggregator says so and goes on;
 * what it can't keep, its part of a secret model or its next sealing key, it takes up by itself
 * once there is room. In the end every payment has been scored once.
 */
@ExtendWith(LossStays.class)
class FullDiskIT {
  private static final int PAYMENTS = 60;
  private static final int MORE = 20;
  private static final int AGENT_MEGABYTES = 40;
  private static final int BROKER_MEGABYTES = 160;
  private static final int AGGREGATOR_MEGABYTES = 1;
  private static final String BANK = "bank-a";
  private static final String AGGREGATOR = "agg-2";
  private static final String SEALING = "disk/sealing";

  /** A sealing key's, from which on the next is made after 24 hours. */
  private static final Duration AGE = Duration.ofHours(23);

  private static final Duration AGE_DUE = Duration.ofHours(25);

  @TempDir private Path temp;
  private int appended;

  @Test
  void aFullDiskIsToldAndLosesNothing() throws Exception {
    Path folder = temp.resolve("full");
    SecretModels models = SecretModels.write(temp, BANK);
    List<SmallDisk> disks = new ArrayList<>();
    try (Consortium consortium = consortium(folder, models)) {
      SmallDisk ofAgent = mount(disks, folder.resolve(BANK).resolve("data"), AGENT_MEGABYTES);
      SmallDisk ofBroker = mount(disks, folder.resolve("broker/data"), BROKER_MEGABYTES);
      Path own = folder.resolve(AGGREGATOR);
      SmallDisk ofModels = mount(disks, own.resolve("models"), AGGREGATOR_MEGABYTES);
      SmallDisk ofKeys = mountForKeys(disks, own);
      KeyFiles.write(key(consortium, AGE), SealingKeyPair.generate(new SecureRandom()));

      ofModels.fill();
      aModelIsKeptOnceThereIsRoom(consortium, models, ofModels);
      consortium.startAgents();
      awaitScored(consortium);

      ofAgent.fill();
      append(folder);
      Role agent = consortium.role(BANK);
      awaitEnd(agent);
      assertThat(agent.exitValue()).isEqualTo(1);
      assertThat(Files.readString(agent.log())).contains("CDT-350");
      ofAgent.free();
      agent.restart();
      awaitScored(consortium);

      ofBroker.fill();
      append(folder);
      Role broker = consortium.role("broker");
      awaitEnd(broker);
      assertThat(broker.exitValue()).isNotZero();
      assertThat(Files.readString(broker.log())).contains("No space left on device");
      ofBroker.free();
      Runs.restartBroker(consortium);
      awaitScored(consortium);

      aKeyIsTurnedOnceThereIsRoom(consortium, ofKeys);
      Runs.requireOracles(Runs.checked(folder, models::values), PAYMENTS + appended);
    } finally {
      for (SmallDisk disk : disks) {
        disk.close();
      }
    }
  }

  private static Consortium consortium(Path folder, SecretModels models) throws Exception {
    int flags = ConsortiumPlan.FLAGS_PER_BANK_AND_DAY;
    Consortium consortium = Runs.simulated(folder, 1, PAYMENTS, 0, 1, flags, models.rules);
    Path mapping = models.rules.resolve("mapping.yaml");
    consortium.configureAgent(BANK, new AgentInput(Path.of("payments.csv"), true, 0, mapping));
    Runs.awaitAllShares(folder.resolve(BANK).resolve("agent.yaml"));
    return consortium;
  }

  private static SmallDisk mount(List<SmallDisk> disks, Path folder, int megabytes)
      throws Exception {
    Optional<SmallDisk> disk = SmallDisk.mount(folder, megabytes);
    assumeTrue(disk.isPresent(), "this user can't mount a file system");
    disks.add(disk.get());
    return disk.get();
  }

  /** The folder of keys takes nothing else: it is on a disk beside what fills that. */
  private static SmallDisk mountForKeys(List<SmallDisk> disks, Path own) throws Exception {
    SmallDisk disk = mount(disks, own.resolve("disk"), AGGREGATOR_MEGABYTES);
    Files.createDirectory(
        own.resolve(SEALING),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path config = own.resolve("aggregator.yaml");
    String text = Files.readString(config);
    Files.writeString(config, text.replace("sealing: sealing", "sealing: " + SEALING));
    return disk;
  }

  /**
   * Starts broker and aggregators and publishes secret models, of which one aggregator can't keep
   * its part: it isn't ready, and says why, until it can.
   */
  private static void aModelIsKeptOnceThereIsRoom(
      Consortium consortium, SecretModels models, SmallDisk disk) throws Exception {
    Path folder = consortium.folder();
    consortium.startBroker();
    consortium.startAggregators();
    Bus bus = Bus.of(folder.resolve("broker/broker.yaml"));
    Set<String> keys = Set.of(topics(folder).keys());
    Runs.await(consortium, () -> bus.read(keys).size() >= Consortium.AGGREGATORS.size());
    models.publish(folder);
    awaitAlarm(consortium, "the own copy of a secret model");
    assertThat(aggregator(consortium, "concordat_aggregator_ready")).isZero();
    disk.free();
    Runs.await(consortium, () -> aggregator(consortium, "concordat_aggregator_ready") == 1);
  }

  /**
   * An aggregator scores on without room for its next sealing key, after a start too, and makes it
   * as soon as there is room; then the bank seals to that one.
   */
  private void aKeyIsTurnedOnceThereIsRoom(Consortium consortium, SmallDisk disk) throws Exception {
    Path folder = consortium.folder();
    Role aggregator = consortium.role(AGGREGATOR);
    disk.fill();
    append(folder);
    awaitScored(consortium);
    assertThat(aggregator.stop()).isTrue();
    assertThat(keys(consortium)).hasSize(1);
    Files.move(keys(consortium).getFirst(), key(consortium, AGE_DUE));
    aggregator.restart();
    awaitAlarm(consortium, "sealing keys");
    append(folder);
    awaitScored(consortium);
    assertThat(keys(consortium)).hasSize(1);
    Bus bus = Bus.of(folder.resolve("broker/broker.yaml"));
    Topics topics = topics(folder);
    assertThat(keysOfSessions(bus, topics)).hasSize(1);

    disk.free();
    Runs.await(consortium, () -> keys(consortium).size() == 2);
    Runs.await(
        consortium,
        () -> {
          append(folder);
          return keysOfSessions(bus, topics).size() == 2;
        });
    awaitScored(consortium);
  }

  private static Topics topics(Path folder) {
    return Charter.read(folder.resolve("charter.yaml"), new Problems()).orElseThrow().topics("");
  }

  /** The file of a sealing key of some age. */
  private static Path key(Consortium consortium, Duration age) {
    long created = System.currentTimeMillis() - age.toMillis();
    return consortium
        .folder()
        .resolve(AGGREGATOR)
        .resolve(SEALING)
        .resolve(String.format(Locale.ROOT, "%013d.key", created));
  }

  /** Beside them there may be what it couldn't finish. */
  private static List<Path> keys(Consortium consortium) throws IOException {
    Path sealing = consortium.folder().resolve(AGGREGATOR).resolve(SEALING);
    try (Stream<Path> files = Files.list(sealing)) {
      return files.filter(file -> file.toString().endsWith(".key")).toList();
    }
  }

  /** The aggregator's keys that the bank has opened sessions with. */
  private static Set<String> keysOfSessions(Bus bus, Topics topics) {
    Set<String> keys = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : bus.read(Set.of(topics.sessions(BANK)))) {
      SessionSetup setup = RecordCodec.decode(SessionSetup.class, record.value());
      if (setup.getAggregator().equals(AGGREGATOR)) {
        keys.add(setup.getKeyId());
      }
    }
    return keys;
  }

  /** The aggregator's log and metrics tell that it can't write something. */
  private static void awaitAlarm(Consortium consortium, String what) {
    Path log = consortium.role(AGGREGATOR).log();
    Runs.await(
        consortium,
        () ->
            Files.readAllLines(log).stream()
                .anyMatch(line -> line.contains("CDT-511") && line.contains(what)));
    Runs.await(
        consortium,
        () -> aggregator(consortium, "concordat_aggregator_alarms_total", "code=\"CDT-511\"") > 0);
  }

  private static double aggregator(Consortium consortium, String name, String... labels) {
    return consortium.aggregatorMetrics(AGGREGATOR).map(m -> m.sum(name, labels)).orElse(0.0);
  }

  /** Waits until all that the bank has is scored. */
  private void awaitScored(Consortium consortium) {
    int rows = PAYMENTS + appended;
    Runs.await(
        consortium,
        () ->
            consortium
                .agentMetrics(BANK)
                .map(m -> m.sum("concordat_agent_rows_scored_total") == rows)
                .orElse(false));
  }

  private static void awaitEnd(Role role) {
    Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> !role.isAlive());
  }

  /** More payments of the bank. */
  private void append(Path folder) throws Exception {
    Runs.append(folder.resolve(BANK).resolve("payments.csv"), MORE);
    appended += MORE;
  }
}
