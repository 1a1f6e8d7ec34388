package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.concordat.schemas.seal.AtRestBox;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The agent's durable state in one RocksDB.
 *
 * <p>A {@link StoreGroup} is written with one synchronous batch: after a kill either all of it is
 * there or nothing. Methods may be called from any thread; commits follow one another.
 */
public final class AgentStore implements AutoCloseable {
  private final Database db;
  private final Vault vault;
  private final StoreLimits limits;
  private final int aggregators;
  private final DeadLetters letters;
  private final Aged references;
  private final HistoryStore history;
  private final DeskStore desk;
  private final Aged answers;
  private final Notices notices;
  private final Reclaiming reclaiming;
  private final SpoolIndex spool;
  private final Map<Tally, Long> tallies = new ConcurrentHashMap<>();
  private final Map<Integer, Expiry.Ahead> ahead = new ConcurrentHashMap<>();

  private AgentStore(Database db, Vault vault, StoreLimits limits, int aggregators) {
    this.db = db;
    this.vault = vault;
    this.limits = limits;
    this.aggregators = aggregators;
    this.letters = new DeadLetters(db, vault, limits);
    this.history = new HistoryStore(db, vault);
    this.desk = new DeskStore(db, vault);
    this.references = new Aged(db, Family.REFERENCES, limits.seenAge());
    this.answers = new Aged(db, Family.ANSWERS, limits.answerAge());
    this.notices = new Notices(db, vault, limits.seenAge());
    this.reclaiming =
        new Reclaiming(db::diskBytes, db::compact, limits.diskBytesMax(), System::nanoTime);
    this.spool = SpoolIndex.read(db, limits.spoolBlocksMax());
    tallies.putAll(Tally.read(db));
  }

  /**
   * Loads what opening needs, beside whatever its caller does next. Does nothing where there is no
   * data folder yet: a start that may be refused makes none.
   */
  public static void prepare(Path data) {
    if (Files.isDirectory(data)) {
      Thread.ofPlatform().name("native-library").daemon().start(() -> Database.loadLibrary(data));
    }
  }

  /**
   * Opens the store below a data folder, or makes it.
   *
   * @param box encrypts under the bank's store key
   * @param aggregators how many copies a block has
   * @throws org.concordat.schemas.problem.InvalidInputException another agent uses the folder, the
   *     key is another, or a newer release wrote it
   */
  public static AgentStore open(Path data, AtRestBox box, StoreLimits limits, int aggregators) {
    var vault = new Vault(box);
    Database db = Database.open(data, limits.memoryBytesMax());
    try {
      db.admit(vault);
      return new AgentStore(db, vault, limits, aggregators);
    } catch (RuntimeException e) {
      db.close();
      throw e;
    }
  }

  /** The number of this start's sealing session: higher than any before, durable on return. */
  public synchronized long nextSession() {
    long session = counter("session").orElse(0L) + 1;
    commit(new StoreGroup().counter("session", session));
    return session;
  }

  /** The sequence of the next block of a partition. */
  public long nextSequence(int partition) {
    return counter(sequenceName(partition)).orElse(0L);
  }

  private static String sequenceName(int partition) {
    return "sequence/" + partition;
  }

  /** A named number that a group set. */
  public Optional<Long> counter(String name) {
    byte[] value = db.get(Family.META, counterKey(name));
    return value == null ? Optional.empty() : Optional.of(ByteBuffer.wrap(value).getLong());
  }

  static byte[] counterKey(String name) {
    return named("counter/" + name);
  }

  /** Bytes under a name that {@link #put} stored. */
  public Optional<byte[]> get(String name) {
    return Optional.ofNullable(db.get(Family.META, named("value/" + name)));
  }

  /** Stores public bytes under a name, durable on return. */
  public void put(String name, byte[] value) {
    db.write(batch -> batch.put(db.handle(Family.META), named("value/" + name), value));
  }

  /** Removes what {@link #put} stored under these names. */
  public void remove(Collection<String> names) {
    db.write(
        batch -> {
          for (String name : names) {
            batch.delete(db.handle(Family.META), named("value/" + name));
          }
        });
  }

  /** Every name with this beginning that {@link #put} stored, and its bytes. */
  public Map<String, byte[]> values(String prefix) {
    byte[] start = named("value/" + prefix);
    var values = new java.util.LinkedHashMap<String, byte[]>();
    db.forEachFrom(
        Family.META,
        start,
        (key, value) -> {
          var name = new String(key, StandardCharsets.UTF_8);
          if (!name.startsWith("value/" + prefix)) {
            return false;
          }
          values.put(name.substring("value/".length()), value);
          return true;
        });
    return values;
  }

  /** What is remembered of accounts. */
  public HistoryStore history() {
    return history;
  }

  /** What the fraud team works with. */
  public DeskStore desk() {
    return desk;
  }

  /** What was counted since the data folder was made. */
  public long tally(Tally tally) {
    return tallies.getOrDefault(tally, 0L);
  }

  public Map<Tally, Long> tallies() {
    return Map.copyOf(tallies);
  }

  /** How far a source has been read. */
  public SourcePosition source(String name) {
    byte[] value = db.get(Family.META, named("source/" + name));
    return value == null ? SourcePosition.START : SourcePosition.of(value);
  }

  /** Makes everything in a group durable at once. */
  public synchronized void commit(StoreGroup group) {
    db.write(batch -> fill(batch, group));
    for (var spooling : group.spoolings) {
      spool.add(spooling.block());
    }
    group.scored.keySet().forEach(spool::remove);
    group.dropped.forEach(spool::remove);
    group.tallies.forEach((tally, more) -> tallies.merge(tally, more, Long::sum));
    history.committed(group);
  }

  private void fill(WriteBatch batch, StoreGroup group) throws RocksDBException {
    var meta = db.handle(Family.META);
    for (var spooling : group.spoolings) {
      spool(batch, spooling);
    }
    for (var scored : group.scored.entrySet()) {
      unspool(batch, scored.getKey());
      batch.put(db.handle(Family.SCORED), scored.getKey().key(), scored.getValue().value());
    }
    for (var position : group.dropped) {
      unspool(batch, position);
      batch.delete(db.handle(Family.JOURNAL), position.key());
    }
    for (var letter : group.letters) {
      letters.add(batch, letter);
    }
    for (var reference : group.references) {
      references.put(batch, reference.millis(), reference.name(), reference.value());
    }
    for (var answer : group.answers) {
      byte[] sealed = vault.sealAnswer(answer.request(), answer.answered());
      answers.put(batch, answer.millis(), answer.request().bytes(), sealed);
    }
    for (var noting : group.notices) {
      notices.add(batch, noting);
    }
    history.fill(batch, group);
    for (var source : group.sources.entrySet()) {
      batch.put(meta, named("source/" + source.getKey()), source.getValue().value());
    }
    for (var counter : group.counters.entrySet()) {
      batch.put(meta, named("counter/" + counter.getKey()), Vault.numberKey(counter.getValue()));
    }
    for (var tally : group.tallies.entrySet()) {
      long total = tally(tally.getKey()) + tally.getValue();
      batch.put(meta, tally.getKey().key(), Vault.numberKey(total));
    }
  }

  private void spool(WriteBatch batch, StoreGroup.Spooling spooling) throws RocksDBException {
    BlockPosition position = spooling.block().position();
    if (spooling.copies().size() != aggregators) {
      throw new IllegalArgumentException("copies");
    }
    for (int i = 0; i < aggregators; i++) {
      batch.put(db.handle(Family.SPOOL), position.key(i), spooling.copies().get(i));
    }
    batch.put(db.handle(Family.UNSCORED), position.key(), spooling.block().value());
    var rows = spooling.rows();
    byte[] sealed = vault.sealJournal(rows);
    byte[] value =
        ByteBuffer.allocate(Long.BYTES + sealed.length)
            .putLong(rows.acceptedMillis())
            .put(sealed)
            .array();
    batch.put(db.handle(Family.JOURNAL), position.key(), value);
    for (int i = 0; i < rows.rows().size(); i++) {
      JournalRow row = rows.rows().get(i);
      var seen = new SeenRow(row.acceptedMillis(), position, i, Id.of(row.contentId()));
      batch.put(db.handle(Family.SEEN), row.transactionId(), seen.value());
    }
    batch.put(
        db.handle(Family.META),
        named("counter/" + sequenceName(position.partition())),
        Vault.numberKey(position.sequence() + 1));
  }

  private void unspool(WriteBatch batch, BlockPosition position) throws RocksDBException {
    for (int i = 0; i < aggregators; i++) {
      batch.delete(db.handle(Family.SPOOL), position.key(i));
    }
    batch.delete(db.handle(Family.UNSCORED), position.key());
  }

  /** An aggregator's copy of a block, the very bytes that were spooled. */
  public Optional<byte[]> copy(BlockPosition position, int aggregator) {
    return Optional.ofNullable(db.get(Family.SPOOL, position.key(aggregator)));
  }

  /** The blocks that aren't known to be scored, in order. */
  public List<SpooledBlock> unscored() {
    return spool.all();
  }

  /** The blocks of a partition that aren't known to be scored, from a sequence on, in order. */
  public List<SpooledBlock> unscored(int partition, long fromSequence, long toSequence) {
    return spool.between(partition, fromSequence, toSequence);
  }

  public int unscoredBlocks() {
    return spool.blocks();
  }

  /** The first block of a partition from a sequence on that isn't known to be scored. */
  public Optional<SpooledBlock> firstUnscored(int partition, long fromSequence) {
    return spool.first(partition, fromSequence);
  }

  /** When the oldest row was accepted that isn't known to be scored. */
  public Optional<Long> oldestUnscoredMillis() {
    return spool.oldestMillis();
  }

  public Optional<SpooledBlock> unscored(BlockPosition position) {
    return spool.find(position);
  }

  /** What is taken of the memory outside the heap. */
  public long memoryBytes() {
    return db.memoryBytes();
  }

  /** What the store's files take of the disk, with what was removed and hasn't left it yet. */
  public long diskBytes() {
    return db.diskBytes();
  }

  /**
   * Has what was removed leave the disk, if the disk's bound is near and the last time isn't. May
   * take as long as reading and writing the whole store; everything else goes on meanwhile. Called
   * by one thread.
   */
  public void reclaim() {
    reclaiming.round();
  }

  /** Ends {@link #reclaim} early, now and whenever it is called. */
  public void stopReclaiming() {
    db.cancelCompaction();
  }

  /** Bytes of all blocks that aren't known to be scored. */
  public long spoolBytes() {
    return spool.bytes();
  }

  /** How much of its bound the spool takes, of bytes or of blocks, whichever is nearer. */
  public double spoolFill() {
    return Math.max(
        (double) spool.bytes() / limits.spoolBytesMax(),
        (double) spool.blocks() / limits.spoolBlocksMax());
  }

  public StoreLimits limits() {
    return limits;
  }

  /** The keyed content hash of the row with this transaction id, if it was seen. */
  public Optional<Id> seenContent(Id transactionId) {
    return seen(transactionId.bytes()).map(SeenRow::contentId);
  }

  private Optional<SeenRow> seen(byte[] transactionId) {
    byte[] value = db.get(Family.SEEN, transactionId);
    return value == null ? Optional.empty() : Optional.of(SeenRow.of(value));
  }

  /** The rows of a block, as long as the journal keeps them. */
  public Optional<JournalBlock> journal(BlockPosition position) {
    byte[] value = db.get(Family.JOURNAL, position.key());
    return value == null ? Optional.empty() : Optional.of(openJournal(vault, position, value));
  }

  static JournalBlock openJournal(Vault vault, BlockPosition position, byte[] value) {
    return vault.openJournal(position, sealedJournal(value));
  }

  /** What {@link JournalBlock#order} of that block says. */
  static long journalOrder(Vault vault, BlockPosition position, byte[] value) {
    return vault.journalOrder(position, sealedJournal(value));
  }

  private static byte[] sealedJournal(byte[] value) {
    return java.util.Arrays.copyOfRange(value, Long.BYTES, value.length);
  }

  /** The row with a transaction id, as long as the journal keeps it. */
  public Optional<JournalRow> row(byte[] transactionId) {
    return seen(transactionId)
        .flatMap(seen -> journal(seen.position()).map(block -> block.rows().get(seen.row())));
  }

  /** Reads rows of the journal one after another. */
  public RowReader rowReader() {
    return new RowReader(this);
  }

  Optional<SeenRow> seenRow(byte[] transactionId) {
    return seen(transactionId);
  }

  /** What a request was answered, if that was within {@link StoreLimits#answerAge}. */
  public Optional<Answered> answered(Id request) {
    return answers.find(request.bytes()).map(value -> vault.openAnswer(request, value));
  }

  /** What a bank's reference leads to, as far as it is known. */
  public List<Standing> standings(Id referenceId) {
    return Standing.of(db, references, referenceId);
  }

  /** What was said of the payment with a reference, in the order in which it was taken. */
  public List<TakenNotice> notices(Id referenceId) {
    return notices.of(referenceId);
  }

  /** Whether an alert was delivered within the horizon. */
  public boolean delivered(byte[] alertId) {
    return db.get(Family.DELIVERED, alertId) != null;
  }

  /**
   * Remembers that alerts were delivered and how far the reader is, durable on return.
   *
   * @param alertIds 16 bytes each
   * @param progress public values by the reader's own names
   */
  public void markDelivered(
      List<byte[]> alertIds, Map<String, byte[]> progress, long deliveredMillis) {
    markDelivered(alertIds, progress, deliveredMillis, new DeskChange());
  }

  /** The same, and with it a change of the desk. */
  public void markDelivered(
      List<byte[]> alertIds,
      Map<String, byte[]> progress,
      long deliveredMillis,
      DeskChange change) {
    db.write(
        batch -> {
          desk.fill(batch, change);
          for (byte[] alertId : alertIds) {
            batch.put(db.handle(Family.DELIVERED), alertId, Vault.numberKey(deliveredMillis));
          }
          for (var entry : progress.entrySet()) {
            batch.put(db.handle(Family.ALERT_PROGRESS), named(entry.getKey()), entry.getValue());
          }
        });
  }

  /** What {@link #markDelivered} stored under a name. */
  public Optional<byte[]> alertProgress(String name) {
    return Optional.ofNullable(db.get(Family.ALERT_PROGRESS, named(name)));
  }

  public synchronized long deadLetterBytes() {
    return letters.bytes();
  }

  public synchronized int deadLetterCount() {
    return letters.count();
  }

  /** Refused rows that went for want of room, before their age, since this start. */
  public synchronized long deadLettersDropped() {
    return letters.dropped();
  }

  /**
   * Removes what is older than the limits allow: journal, transaction ids, delivered alerts and
   * refused rows. Blocks that aren't known to be scored, or not for a day, keep their rows.
   *
   * @return how many journal blocks went; call again if {@code blocksMax}
   */
  public int expire(long nowMillis, int blocksMax) {
    var expiry = new Expiry(db, vault, ahead, nowMillis, limits.seenAge());
    expiry.find(spool::contains, blocksMax);
    synchronized (this) {
      db.write(
          batch -> {
            expiry.fill(batch);
            letters.expire(batch, nowMillis);
            references.expire(batch, nowMillis);
            answers.expire(batch, nowMillis);
            notices.expire(batch, nowMillis);
          });
    }
    return expiry.blocks();
  }

  private static byte[] named(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public synchronized void close() {
    db.close();
  }
}
