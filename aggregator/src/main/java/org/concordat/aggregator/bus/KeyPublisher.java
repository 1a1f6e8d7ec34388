package org.concordat.aggregator.bus;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.Signed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the banks the key that blocks are to be sealed to. */
public final class KeyPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(KeyPublisher.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private KeyPublisher() {}

  /** The id under which a key pair is published: it follows from the public key. */
  public static String keyId(SealingKeyPair pair) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(pair.publicKey().bytes());
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  /**
   * Publishes the key, retrying as long as it takes.
   *
   * @throws InterruptedException this aggregator is stopping
   */
  public static void publish(
      BusClients clients,
      String topic,
      Charter charter,
      String aggregator,
      SealingKeyPair pair,
      SigningKey signingKey)
      throws InterruptedException {
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
    while (true) {
      try (Producer<byte[], byte[]> producer = clients.producer()) {
        producer
            .send(new ProducerRecord<>(topic, 0, name, RecordCodec.encode(key)))
            .get(30, TimeUnit.SECONDS);
        return;
      } catch (KafkaException | ExecutionException | TimeoutException e) {
        LOG.atWarn()
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Publishing the sealing key again.");
        Thread.sleep(RETRY);
      }
    }
  }
}
