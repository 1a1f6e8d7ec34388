package org.concordat.it;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.BlockContent;
import org.concordat.schemas.seal.BlockSealer;
import org.concordat.schemas.seal.SealingSession;
import org.concordat.schemas.share.Components;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareLayout;

/** A bank without an agent: seals and sends what a test tells it, with the bank's own keys. */
final class PlayedBank implements AutoCloseable {
  static final int ROWS = 3;

  private static final long MINUTE = 29_500_000;

  final SigningKey signingKey;

  private final Charter charter;
  private final String name;
  private final Plan plan;
  private final Topics topics;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Map<String, HpkeKey> keys = new HashMap<>();
  private final SecureRandom random = new SecureRandom();

  PlayedBank(Charter charter, String name, Plan plan, Path own, Bus bus, Bus reader) {
    var problems = new Problems();
    this.signingKey = KeyFiles.readSigningKey(own.resolve("signing.key"), problems).orElseThrow();
    this.charter = charter;
    this.name = name;
    this.plan = plan;
    this.topics = charter.topics("");
    this.producer = bus.producer();
    for (ConsumerRecord<byte[], byte[]> record : reader.read(Set.of(topics.keys()))) {
      HpkeKey key = RecordCodec.decode(HpkeKey.class, record.value());
      keys.put(key.getOwner(), key);
    }
  }

  /** New sessions with all aggregators, by aggregator index; not published yet. */
  List<SealingSession> open(long session) {
    return charter.aggregators().stream()
        .map(Charter.Aggregator::name)
        .map(a -> SealingSession.open(charter, name, signingKey, a, keys.get(a), session))
        .toList();
  }

  void publish(List<SealingSession> sessions) throws Exception {
    for (SealingSession session : sessions) {
      publish(session.setup());
    }
  }

  void publish(SessionSetup setup) throws Exception {
    String key = setup.getSession() + "/" + setup.getAggregator();
    send(topics.sessions(name), key, RecordCodec.encode(setup));
  }

  List<Block> seal(List<SealingSession> sessions, long sequence) {
    return seal(sessions, sequence, plan.contractVersion(), plan.layout());
  }

  /** The copies of a block of zeros, by aggregator index. */
  List<Block> seal(
      List<SealingSession> sessions, long sequence, int contractVersion, ShareLayout layout) {
    long[] minutes = new long[ROWS];
    Arrays.fill(minutes, MINUTE);
    byte[] transactionIds = new byte[16 * ROWS];
    random.nextBytes(transactionIds);
    Components components =
        Rep3Sharing.split(layout, new long[layout.words(ROWS)], ROWS, 0, random);
    return new BlockSealer(charter, name, signingKey, sessions, random)
        .seal(
            new BlockContent(
                0,
                sequence,
                RecordKind.LIVE,
                plan.contract(),
                contractVersion,
                plan.contractHash(),
                ROWS,
                minutes,
                MINUTE,
                transactionIds,
                components));
  }

  static List<byte[]> encode(List<Block> blocks) {
    return new ArrayList<>(blocks.stream().map(RecordCodec::encode).toList());
  }

  /** One record to each aggregator. */
  void send(List<byte[]> records) throws Exception {
    for (int i = 0; i < records.size(); i++) {
      send(i, records.get(i));
    }
  }

  void send(int aggregator, byte[] record) throws Exception {
    send(topics.shares(name, charter.aggregators().get(aggregator).name()), "", record);
  }

  void send(String topic, String key, byte[] value) throws Exception {
    byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
    producer.send(new ProducerRecord<>(topic, 0, bytes, value)).get(40, TimeUnit.SECONDS);
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  @Override
  public void close() {
    producer.close();
  }
}
