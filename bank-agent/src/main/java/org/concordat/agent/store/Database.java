package org.concordat.agent.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The RocksDB of one data folder: families, synchronous batches, iteration. Once closed it refuses
 * all: native code that is called then would end the process. Safe for use by several threads.
 */
final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  /** What the folders are called that a native library is loaded from. */
  private static final String NATIVE = "native-";

  /** The memory of who reads beside the agent. */
  private static final long BESIDE_BYTES = 32L << 20;

  /**
   * What stands in logs alone: after a kill the agent does nothing until it has read that again,
   * and written it to tables.
   */
  private static final long LOG_BYTES_MAX = 32L << 20;

  /** Of the cache that all families share: blocks, indexes, filters and buffers. */
  private static final String CACHE = "rocksdb.block-cache-usage";

  /** What tables take beside that cache. */
  private static final String BESIDE_CACHE = "rocksdb.estimate-table-readers-mem";

  private static final byte FORMAT = 1;
  private static final byte[] FORMAT_KEY = "format".getBytes(StandardCharsets.UTF_8);
  private static final byte[] CHECK_KEY = "check".getBytes(StandardCharsets.UTF_8);

  /** Fills a batch. */
  interface Change {
    void fill(WriteBatch batch) throws RocksDBException;
  }

  /** Gets entry after entry until it returns false. */
  interface Visitor {
    boolean visit(byte[] key, byte[] value);
  }

  private final RocksDB rocks;
  private final List<ColumnFamilyHandle> handles;
  private final Path folder;
  private final FolderSize size;

  /**
   * Beside those that RocksDB starts itself, which writing waits for. Whether it is canceled is set
   * from the beginning: RocksDB's binding makes the flag as it is set first, and a compaction takes
   * the flag as it begins, or goes on without one.
   */
  private final CompactRangeOptions compaction =
      new CompactRangeOptions().setExclusiveManualCompaction(false).setCanceled(false);

  private final ReadWriteLock use = new ReentrantReadWriteLock();
  private volatile boolean canceled;
  private boolean closed;

  private Database(RocksDB rocks, List<ColumnFamilyHandle> handles, Path folder) {
    this.rocks = rocks;
    this.handles = handles;
    this.folder = folder;
    this.size = new FolderSize(folder, System::nanoTime);
  }

  static Path folder(Path data) {
    return data.resolve("store");
  }

  /**
   * Opens for reading and writing; one process at a time can.
   *
   * @param memoryBytes outside the heap, of all families
   */
  static Database open(Path data, long memoryBytes) {
    Path folder = folder(data);
    var handles = new ArrayList<ColumnFamilyHandle>();
    loadLibrary(data);
    try (var options = options();
        var memory = new StoreMemory(memoryBytes)) {
      memory.bound(options);
      Files.createDirectories(folder);
      if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      }
      options.setCreateIfMissing(true).setCreateMissingColumnFamilies(true);
      RocksDB rocks =
          RocksDB.open(options, folder.toString(), descriptors(folder, memory), handles);
      return new Database(rocks, handles, folder);
    } catch (RocksDBException e) {
      boolean locked =
          e.getMessage() != null && e.getMessage().toLowerCase(Locale.ROOT).contains("lock");
      tell(folder, e);
      throw refused(locked ? Code.CDT_351 : Code.CDT_353, data, e);
    } catch (IOException e) {
      throw refused(Code.CDT_353, data, e);
    }
  }

  /** Ours, and after them those that a later release has made: they stay as they are. */
  private static List<ColumnFamilyDescriptor> descriptors(Path folder, StoreMemory memory)
      throws RocksDBException {
    List<ColumnFamilyDescriptor> descriptors = Family.descriptors(memory);
    if (!Files.exists(folder.resolve("CURRENT"))) {
      return descriptors;
    }
    Set<String> known =
        descriptors.stream().map(Database::name).collect(Collectors.toUnmodifiableSet());
    try (var options = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(options, folder.toString())) {
        var later = new ColumnFamilyDescriptor(name);
        if (!known.contains(name(later))) {
          descriptors.add(later);
        }
      }
    }
    return descriptors;
  }

  private static String name(ColumnFamilyDescriptor descriptor) {
    return new String(descriptor.getName(), StandardCharsets.UTF_8);
  }

  /**
   * Opens for reading beside the process that writes.
   *
   * @param scratch an empty folder for RocksDB's own log
   */
  static Database openBeside(Path data, Path scratch) {
    Path folder = folder(data);
    var handles = new ArrayList<ColumnFamilyHandle>();
    try (var options = options();
        var memory = new StoreMemory(BESIDE_BYTES)) {
      // A secondary keeps every file open, so that none vanishes under it.
      options.setMaxOpenFiles(-1);
      RocksDB rocks =
          RocksDB.openAsSecondary(
              options, folder.toString(), scratch.toString(), Family.descriptors(memory), handles);
      rocks.tryCatchUpWithPrimary();
      return new Database(rocks, handles, folder);
    } catch (RocksDBException e) {
      tell(folder, e);
      throw refused(Code.CDT_353, data, e);
    }
  }

  /**
   * Loads RocksDB's native library from a folder of this process's own, which is gone at once: in
   * the folder for temporary files, which RocksDB takes, each killed process would leave a copy.
   * Whoever comes while another loads it waits, and has it.
   */
  static synchronized void loadLibrary(Path data) {
    try {
      Files.createDirectories(data);
      try (DirectoryStream<Path> left = Files.newDirectoryStream(data, NATIVE + "*")) {
        for (Path folder : left) {
          remove(folder);
        }
      }
      Path own = Files.createTempDirectory(data, NATIVE);
      try {
        NativeLibraryLoader.getInstance().loadLibrary(own.toString());
      } finally {
        remove(own);
      }
    } catch (IOException | RuntimeException | UnsatisfiedLinkError e) {
      LOG.info("RocksDB's library can't be loaded from the data folder: as on a noexec volume.", e);
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }

  private static DBOptions options() {
    RocksDB.loadLibrary();
    return new DBOptions()
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(2)
        .setMaxTotalWalSize(LOG_BYTES_MAX);
  }

  private static InvalidInputException refused(Code code, Path data, Exception cause) {
    var refusal = new InvalidInputException(List.of(Problem.of(code, Place.of(data.toString()))));
    refusal.initCause(cause);
    return refusal;
  }

  /** Marks a new store, or sees that an old one has our format and key. */
  void admit(Vault vault) {
    byte[] format = get(Family.META, FORMAT_KEY);
    if (format == null) {
      write(
          batch -> {
            batch.put(handle(Family.META), FORMAT_KEY, new byte[] {FORMAT});
            batch.put(handle(Family.META), CHECK_KEY, vault.sealCheck());
          });
      return;
    }
    if (format[0] > FORMAT) {
      throw new InvalidInputException(
          List.of(Problem.of(Code.CDT_354, Place.of(folder.toString()))));
    }
    byte[] check = get(Family.META, CHECK_KEY);
    if (check == null) {
      throw new IllegalStateException("The store has no key check.");
    }
    try {
      vault.openCheck(check);
    } catch (InvalidInputException e) {
      throw refused(Code.CDT_352, folder, e);
    }
  }

  /** Gets what the primary has written since a secondary was opened. */
  void catchUp() {
    begin();
    try {
      rocks.tryCatchUpWithPrimary();
    } catch (RocksDBException e) {
      throw notRead(e);
    } finally {
      end();
    }
  }

  private void begin() {
    use.readLock().lock();
    if (closed) {
      use.readLock().unlock();
      throw new IllegalStateException("The store is closed.");
    }
  }

  private void end() {
    use.readLock().unlock();
  }

  ColumnFamilyHandle handle(Family family) {
    return handles.get(family.ordinal());
  }

  byte @Nullable [] get(Family family, byte[] key) {
    begin();
    try {
      return rocks.get(handle(family), key);
    } catch (RocksDBException e) {
      throw notRead(e);
    } finally {
      end();
    }
  }

  /** Gets one value of each family at once; null where there is none. */
  List<byte @Nullable []> get(List<Family> families, List<byte[]> keys) {
    begin();
    try {
      return rocks.multiGetAsList(families.stream().map(this::handle).toList(), keys);
    } catch (RocksDBException e) {
      throw notRead(e);
    } finally {
      end();
    }
  }

  /** Writes a batch and returns when it is on the disk. */
  void write(Change change) {
    begin();
    try (var batch = new WriteBatch();
        var options = new WriteOptions().setSync(true)) {
      change.fill(batch);
      rocks.write(options, batch);
      size.wrote(batch.getDataSize());
    } catch (RocksDBException e) {
      throw notWritten(e);
    } finally {
      end();
    }
  }

  private IllegalStateException notWritten(RocksDBException e) {
    tell(folder, e);
    return isFull(e)
        ? new StoreFullException(folder, e)
        : new IllegalStateException("The store can't be written.", e);
  }

  private IllegalStateException notRead(RocksDBException e) {
    tell(folder, e);
    return new IllegalStateException("The store can't be read.", e);
  }

  /** What an operator needs of it: whoever logs the failure leaves its message out. */
  private static void tell(Path folder, RocksDBException e) {
    Status status = e.getStatus();
    LOG.atError()
        .addKeyValue("folder", folder)
        .addKeyValue("status", status == null ? "unknown" : status.getCodeString())
        .log("RocksDB failed.");
  }

  private static boolean isFull(RocksDBException e) {
    Status status = e.getStatus();
    return status != null && status.getSubCode() == Status.SubCode.NoSpace;
  }

  /** What RocksDB takes of the memory outside the heap. */
  long memoryBytes() {
    begin();
    try {
      return rocks.getLongProperty(handle(Family.META), CACHE)
          + rocks.getAggregatedLongProperty(BESIDE_CACHE);
    } catch (RocksDBException e) {
      throw notRead(e);
    } finally {
      end();
    }
  }

  /** What all files take of the disk. */
  long diskBytes() {
    return size.bytes();
  }

  /**
   * Has what was removed leave the disk: writes to tables what is in logs alone, and merges tables
   * with those that say what was removed. Takes as long as reading and writing all of them, and
   * some of the disk meanwhile. Ends early once {@link #cancelCompaction} was called.
   */
  void compact() {
    if (canceled) {
      return;
    }
    begin();
    try (var flush = new FlushOptions()) {
      // All at once: a log goes when no family needs it.
      rocks.flush(flush, handles);
      for (Family family : Family.values()) {
        if (canceled) {
          break;
        }
        rocks.compactRange(handle(family), null, null, compaction);
      }
    } catch (RocksDBException e) {
      if (!canceled) {
        throw notWritten(e);
      }
    } finally {
      end();
    }
    size.look();
  }

  /** No compaction goes on or begins from now on. */
  void cancelCompaction() {
    use.readLock().lock();
    try {
      if (!closed) {
        canceled = true;
        compaction.setCanceled(true);
      }
    } finally {
      use.readLock().unlock();
    }
  }

  void forEach(Family family, Visitor visitor) {
    forEachFrom(family, new byte[0], visitor);
  }

  /** Visits entries in the order of their keys, from a key on. */
  void forEachFrom(Family family, byte[] start, Visitor visitor) {
    begin();
    try (var iterator = rocks.newIterator(handle(family))) {
      for (iterator.seek(start); iterator.isValid(); iterator.next()) {
        if (!visitor.visit(iterator.key(), iterator.value())) {
          return;
        }
      }
      iterator.status();
    } catch (RocksDBException e) {
      throw notRead(e);
    } finally {
      end();
    }
  }

  /** The last key that isn't after another one; null where there is none. */
  byte @Nullable [] lastKey(Family family, byte[] most) {
    begin();
    try (var iterator = rocks.newIterator(handle(family))) {
      iterator.seekForPrev(most);
      if (iterator.isValid()) {
        return iterator.key();
      }
      iterator.status();
      return null;
    } catch (RocksDBException e) {
      throw notRead(e);
    } finally {
      end();
    }
  }

  /** Waits for what others are reading and writing. */
  @Override
  public void close() {
    cancelCompaction();
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        compaction.close();
        handles.forEach(ColumnFamilyHandle::close);
        rocks.close();
      }
    } finally {
      use.writeLock().unlock();
    }
  }
}
