package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.concordat.aggregator.evaluate.Tokens;
import org.concordat.rules.link.Alerted;
import org.concordat.rules.link.CarriedRows;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.plan.MemberAlerts;
import org.concordat.schemas.record.AlertedPlaces;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.LinkRun;
import org.concordat.schemas.seal.BlockOpener;

/** Turns a batch into the rows that are linked, and those into a record and back. */
final class LinkRecords {
  /** The part of a transaction's id that its later versions have too. */
  private static final int VERSION_ID_BYTES = 8;

  private LinkRecords() {}

  /**
   * What a batch's blocks and tokens give.
   *
   * @param banks index of each bank's name
   */
  static LinkRows rows(
      long commitMinute, List<BlockFacts> blocks, Tokens tokens, ToIntFunction<String> banks) {
    boolean[] alertable = new boolean[blocks.stream().mapToInt(BlockFacts::rows).sum()];
    long[][] ids = new long[2][alertable.length];
    int next = 0;
    for (BlockFacts block : blocks) {
      Arrays.fill(alertable, next, next + block.rows(), block.live());
      next = ids(ByteBuffer.wrap(block.transactionIds()), ids, next, block.rows());
    }
    int rows = blocks.stream().mapToInt(BlockFacts::rows).sum();
    int[] bankOf = new int[rows];
    int[] minutes = new int[rows];
    long[] transactions = new long[rows];
    boolean[] counted = new boolean[rows];
    MessageDigest sha256 = sha256();
    int at = 0;
    for (BlockFacts block : blocks) {
      Arrays.fill(bankOf, at, at + block.rows(), banks.applyAsInt(block.bank()));
      byte[] name = block.bank().getBytes(StandardCharsets.US_ASCII);
      for (int row = 0; row < block.rows(); row++, at++) {
        long minute = block.minutes()[row];
        minutes[at] = Math.clamp(minute, Integer.MIN_VALUE, Integer.MAX_VALUE);
        counted[at] = LinkRows.isInTime(minute, commitMinute);
        sha256.update(name);
        sha256.update((byte) 0);
        int start = row * BlockOpener.TRANSACTION_ID_BYTES;
        sha256.update(block.transactionIds(), start, VERSION_ID_BYTES);
        transactions[at] = ByteBuffer.wrap(sha256.digest()).getLong();
      }
    }
    return new LinkRows(
        tokens.pseudonyms(),
        bankOf,
        minutes,
        transactions,
        counted,
        tokens.values(),
        ids,
        alertable,
        tokens.hashes());
  }

  /** Reads the halves of ids into rows; returns the row after them. */
  private static int ids(ByteBuffer source, long[][] ids, int from, int rows) {
    for (int row = from; row < from + rows; row++) {
      ids[0][row] = source.getLong();
      ids[1][row] = source.getLong();
    }
    return from + rows;
  }

  /**
   * The record of rows, without place and time.
   *
   * @param namesMembers whether a row's alert may be sent later
   */
  static LinkDelta.Builder delta(
      LinkRows rows, List<BlockFacts> blocks, Tokens tokens, boolean namesMembers) {
    int count = rows.rows();
    ByteBuffer minutes = buffer(count * Integer.BYTES);
    ByteBuffer transactions = buffer(count * Long.BYTES);
    ByteBuffer counted = buffer(count);
    for (int row = 0; row < count; row++) {
      minutes.putInt(rows.minute(row));
      transactions.putLong(rows.transaction(row));
      counted.put((byte) (rows.counted(row) ? 1 : 0));
    }
    List<LinkRun> runs =
        blocks.stream()
            .map(block -> new LinkRun(block.bank(), block.rows(), block.live()))
            .toList();
    List<long[]> values = new ArrayList<>();
    Arrays.stream(tokens.values()).forEach(component -> values.addAll(Arrays.asList(component)));
    List<long[]> hashes =
        Arrays.stream(tokens.hashes())
            .flatMap(Arrays::stream)
            .filter(column -> column.length > 0)
            .toList();
    return LinkDelta.newBuilder()
        .setRuns(runs)
        .setMinutes(minutes.flip())
        .setTransactions(transactions.flip())
        .setCounted(counted.flip())
        .setPseudonyms(columns(Arrays.asList(tokens.pseudonyms()), count))
        .setValues(columns(values, count))
        .setTransactionIds(namesMembers ? ids(blocks, count) : ByteBuffer.allocate(0))
        .setAlerted(List.of())
        .setHashes(columns(hashes, count));
  }

  private static ByteBuffer ids(List<BlockFacts> blocks, int rows) {
    ByteBuffer ids = ByteBuffer.allocate(rows * BlockOpener.TRANSACTION_ID_BYTES);
    blocks.forEach(
        block ->
            ids.put(block.transactionIds(), 0, block.rows() * BlockOpener.TRANSACTION_ID_BYTES));
    return ids.flip();
  }

  /** Bytes of a record but for its few names and numbers: as many at all parties. */
  static long bytes(LinkDelta delta) {
    long bytes = 0;
    for (AlertedPlaces of : delta.getAlerted()) {
      bytes += of.getPlaces().remaining();
    }
    return bytes
        + delta.getMinutes().remaining()
        + delta.getTransactions().remaining()
        + delta.getCounted().remaining()
        + delta.getPseudonyms().remaining()
        + delta.getValues().remaining()
        + delta.getTransactionIds().remaining()
        + delta.getHashes().remaining();
  }

  /** The records of alerts that were sent, in an order that is the same for all. */
  static List<AlertedPlaces> alerted(Map<String, Set<Long>> sent) {
    return sent.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            of -> {
              Set<Long> places = of.getValue();
              ByteBuffer bytes = buffer(places.size() * Long.BYTES);
              places.stream().sorted().forEach(bytes::putLong);
              return new AlertedPlaces(of.getKey(), bytes.flip());
            })
        .toList();
  }

  static void readAlerted(List<AlertedPlaces> sent, Alerted alerted) {
    for (AlertedPlaces of : sent) {
      ByteBuffer places = source(of.getPlaces());
      while (places.hasRemaining()) {
        alerted.add(of.getRule(), places.getLong());
      }
    }
  }

  /** A page of a snapshot. */
  static ByteBuffer words(long[] page) {
    ByteBuffer bytes = buffer(page.length * Long.BYTES);
    bytes.asLongBuffer().put(page);
    return bytes;
  }

  static long[] words(ByteBuffer page) {
    long[] words = new long[page.remaining() / Long.BYTES];
    source(page).asLongBuffer().get(words);
    return words;
  }

  private static ByteBuffer columns(List<long[]> columns, int rows) {
    ByteBuffer bytes = buffer(columns.size() * rows * Long.BYTES);
    for (long[] column : columns) {
      bytes.asLongBuffer().put(column);
      bytes.position(bytes.position() + rows * Long.BYTES);
    }
    return bytes.flip();
  }

  /**
   * The rows of a record of this aggregator's.
   *
   * @param spec of what was written
   * @param members whether a bank is one
   */
  static LinkRows rows(
      LinkDelta delta,
      LinkSpec spec,
      int components,
      ToIntFunction<String> banks,
      Predicate<String> members) {
    int rows = delta.getRuns().stream().mapToInt(LinkRun::getRows).sum();
    int[] bankOf = new int[rows];
    boolean[] alertable = new boolean[rows];
    int at = 0;
    for (LinkRun run : delta.getRuns()) {
      Arrays.fill(bankOf, at, at + run.getRows(), banks.applyAsInt(run.getBank()));
      boolean live = run.getLive() && members.test(run.getBank());
      Arrays.fill(alertable, at, at + run.getRows(), live);
      at += run.getRows();
    }
    long[][] ids = new long[2][rows];
    if (delta.getTransactionIds().hasRemaining()) {
      ids(delta.getTransactionIds().duplicate(), ids, 0, rows);
    }
    int[] minutes = new int[rows];
    source(delta.getMinutes()).asIntBuffer().get(minutes);
    long[] transactions = new long[rows];
    source(delta.getTransactions()).asLongBuffer().get(transactions);
    boolean[] counted = new boolean[rows];
    ByteBuffer marks = source(delta.getCounted());
    for (int row = 0; row < rows; row++) {
      counted[row] = marks.get() == 1;
    }
    long[][] pseudonyms = new long[spec.entities().size()][rows];
    ByteBuffer names = source(delta.getPseudonyms());
    Arrays.stream(pseudonyms).forEach(column -> next(names, column));
    long[][][] shares = new long[components][spec.keptWords()][rows];
    ByteBuffer words = source(delta.getValues());
    for (long[][] component : shares) {
      Arrays.stream(component).forEach(column -> next(words, column));
    }
    return new LinkRows(
        pseudonyms,
        bankOf,
        minutes,
        transactions,
        counted,
        shares,
        ids,
        alertable,
        spec.carried() ? hashes(delta, spec, components, rows) : new long[0][][]);
  }

  private static long[][][] hashes(LinkDelta delta, LinkSpec spec, int components, int rows) {
    boolean[] keeps = spec.keepsHashes();
    long[][][] hashes = new long[components][CarriedRows.HASH_COLUMNS * keeps.length][];
    ByteBuffer words = source(delta.getHashes());
    for (long[][] component : hashes) {
      for (int word = 0; word < component.length; word++) {
        component[word] = new long[keeps[word / CarriedRows.HASH_COLUMNS] ? rows : 0];
        next(words, component[word]);
      }
    }
    return hashes;
  }

  private static void next(ByteBuffer source, long[] column) {
    source.asLongBuffer().get(column);
    source.position(source.position() + column.length * Long.BYTES);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer source(ByteBuffer bytes) {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What parties agree on of a batch that alerts earlier records too. */
  static byte[] withMembers(byte[] outcome, MemberAlerts alerts) {
    MessageDigest digest = sha256();
    digest.update("concordat/members/1".getBytes(StandardCharsets.US_ASCII));
    digest.update(outcome);
    alerts.addTo(digest);
    return digest.digest();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing", e);
    }
  }

  /** Rows whose clocks were ahead. */
  static long ahead(LinkRows rows) {
    long ahead = 0;
    for (int row = 0; row < rows.rows(); row++) {
      ahead += rows.counted(row) ? 0 : 1;
    }
    return ahead;
  }
}
