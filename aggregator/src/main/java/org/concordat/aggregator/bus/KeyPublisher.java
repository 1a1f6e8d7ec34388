package org.concordat.aggregator.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.aggregator.keys.SealingKeys;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.Signed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the banks the key that blocks are to be sealed to, turns to a new one when that is due, and
 * takes back those that are destroyed. Tries until the brokers take it.
 */
public final class KeyPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyPublisher.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** A minute. */
  private static final int LOOK_ROUNDS = 60;

  private static final Duration STOP = Duration.ofSeconds(5);

  private final BusClients clients;
  private final String topic;
  private final Charter charter;
  private final String aggregator;
  private final SigningKey signingKey;
  private final SealingKeys keys;
  private final Consumer<String> destroyed;
  private final BooleanSupplier turns;
  private final FolderAlarm folder;
  private final Deque<String> takenBack = new ArrayDeque<>();
  private final Thread thread;
  private volatile String publishedId = "";

  /**
   * @param keys has a newest one
   * @param destroyed told the id of each key that exists no more
   * @param turns whether this process is the one that turns and publishes the keys now
   * @param folder told when the keys' folder can't be written
   */
  public KeyPublisher(
      BusClients clients,
      String topic,
      Charter charter,
      String aggregator,
      SigningKey signingKey,
      SealingKeys keys,
      Consumer<String> destroyed,
      BooleanSupplier turns,
      FolderAlarm folder) {
    this.folder = folder;
    this.clients = clients;
    this.topic = topic;
    this.charter = charter;
    this.aggregator = aggregator;
    this.signingKey = signingKey;
    this.keys = keys;
    this.destroyed = destroyed;
    this.turns = turns;
    this.thread = Thread.ofPlatform().name("keys").unstarted(this::run);
  }

  private ProducerRecord<byte[], byte[]> record(SealingKeys.Key newest) {
    HpkeKey key =
        Signed.sign(
            HpkeKey.newBuilder()
                .setProtocol(Charter.PROTOCOL)
                .setCharter(charter.hash())
                .setOwner(aggregator)
                .setKeyId(newest.id())
                .setEpoch(newest.epoch())
                .setPublicKey(ByteBuffer.wrap(newest.pair().publicKey().bytes()))
                .setNotBeforeMillis(newest.createdMillis())
                .setNotAfterMillis(newest.notAfterMillis())
                .setSignature(new Signature(new byte[64]))
                .build(),
            signingKey);
    return new ProducerRecord<>(topic, 0, name(newest.id()), RecordCodec.encode(key));
  }

  private byte[] name(String keyId) {
    return (aggregator + "/" + keyId).getBytes(StandardCharsets.US_ASCII);
  }

  public void start() {
    thread.start();
  }

  /** Whether banks can find a key, or another process sees to that. */
  public boolean published() {
    return !publishedId.isEmpty() || !turns.getAsBoolean();
  }

  private void run() {
    int rounds = 0;
    try {
      while (true) {
        if (turns.getAsBoolean()) {
          turn();
          if (keys.count() > 0) {
            publish();
          }
        } else if (rounds++ % LOOK_ROUNDS == 0) {
          // Another worker destroys keys: what was opened under them is to be forgotten here too.
          keys.look().forEach(destroyed);
        }
        Thread.sleep(RETRY);
      }
    } catch (InterruptedException | InterruptException e) {
      LOG.atDebug().log("The keys are turned no more.");
    }
  }

  private void turn() {
    try {
      for (String id : keys.turn()) {
        destroyed.accept(id);
        takenBack.add(id);
        LOG.atInfo().addKeyValue("keyId", id).log("A sealing key is destroyed.");
      }
      folder.written();
    } catch (IOException e) {
      folder.failed("sealing keys", e);
    }
  }

  private void publish() throws InterruptedException {
    SealingKeys.Key newest = keys.newest();
    if (newest.id().equals(publishedId) && takenBack.isEmpty()) {
      return;
    }
    try {
      send(newest);
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException | ExecutionException e) {
      LOG.atWarn()
          .addKeyValue("waitsFor", "the brokers, to publish the sealing key")
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("Publishing the sealing key again.");
    }
  }

  private void send(SealingKeys.Key newest) throws InterruptedException, ExecutionException {
    Producer<byte[], byte[]> producer = clients.producer();
    try {
      producer.send(record(newest)).get();
      publishedId = newest.id();
      while (!takenBack.isEmpty()) {
        producer.send(new ProducerRecord<>(topic, 0, name(takenBack.peek()), null)).get();
        takenBack.remove();
      }
    } finally {
      producer.close(Duration.ZERO);
    }
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join(STOP);
  }
}
