package org.concordat.aggregator.bus;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.Signed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the banks the key that blocks are to be sealed to; tries until the brokers take it. */
public final class KeyPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyPublisher.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(5);

  private final BusClients clients;
  private final ProducerRecord<byte[], byte[]> key;
  private final Thread thread;
  private volatile boolean published;

  public KeyPublisher(
      BusClients clients,
      String topic,
      Charter charter,
      String aggregator,
      SealingKeyPair pair,
      SigningKey signingKey) {
    this.clients = clients;
    this.key = record(topic, charter, aggregator, pair, signingKey);
    this.thread = Thread.ofPlatform().name("keys").unstarted(this::run);
  }

  /** The id under which a key pair is published: it follows from the public key. */
  public static String keyId(SealingKeyPair pair) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(pair.publicKey().bytes());
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  private static ProducerRecord<byte[], byte[]> record(
      String topic,
      Charter charter,
      String aggregator,
      SealingKeyPair pair,
      SigningKey signingKey) {
    HpkeKey key =
        Signed.sign(
            HpkeKey.newBuilder()
                .setProtocol(Charter.PROTOCOL)
                .setCharter(charter.hash())
                .setOwner(aggregator)
                .setKeyId(keyId(pair))
                .setEpoch(0)
                .setPublicKey(ByteBuffer.wrap(pair.publicKey().bytes()))
                .setNotBeforeMillis(0)
                .setNotAfterMillis(Long.MAX_VALUE)
                .setSignature(new Signature(new byte[64]))
                .build(),
            signingKey);
    byte[] name = (aggregator + "/" + key.getKeyId()).getBytes(StandardCharsets.US_ASCII);
    return new ProducerRecord<>(topic, 0, name, RecordCodec.encode(key));
  }

  public void start() {
    thread.start();
  }

  /** Whether banks can find the key. */
  public boolean published() {
    return published;
  }

  private void run() {
    try {
      while (!publish()) {
        Thread.sleep(RETRY);
      }
    } catch (InterruptedException | InterruptException e) {
      LOG.atDebug().log("Stopped before the key was published.");
    }
  }

  private boolean publish() throws InterruptedException {
    Producer<byte[], byte[]> producer = clients.producer();
    try {
      producer.send(key).get();
      published = true;
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException | ExecutionException e) {
      LOG.atWarn()
          .addKeyValue("waitsFor", "the brokers, to publish the sealing key")
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("Publishing the sealing key again.");
    } finally {
      producer.close(Duration.ZERO);
    }
    return published;
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join(STOP);
  }
}
