package org.concordat.aggregator.bus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.concordat.rules.link.CarriedTable;
import org.concordat.schemas.record.CarriedPart;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;

/** Cuts what an epoch is handed into records, and puts it together again. */
final class CarriedParts {
  /** Of one record. */
  private static final int PART_WORDS = 1 << 18;

  /** That are hashed at a time. */
  private static final int CHUNK_WORDS = 1 << 12;

  private static final String GAP = "The topic of links lacks parts of what an epoch was handed.";

  private final List<List<CarriedPart>> byTable = new ArrayList<>();
  private int added;
  private int expected = -1;

  /** The parts of tables in order, each made when it is asked for; at least one of each table. */
  static Stream<CarriedPart> of(CutRecord cut, Digest content, List<CarriedTable> tables) {
    int[] counts = tables.stream().mapToInt(CarriedParts::parts).toArray();
    int parts = Arrays.stream(counts).sum();
    return IntStream.range(0, tables.size())
        .boxed()
        .flatMap(
            table -> {
              int before = Arrays.stream(counts, 0, table).sum();
              return IntStream.range(0, counts[table])
                  .mapToObj(
                      i ->
                          part(tables.get(table), i)
                              .setProtocol(cut.getProtocol())
                              .setPartition(cut.getPartition())
                              .setFirstBatch(cut.getBatch())
                              .setContent(content)
                              .setPart(before + i)
                              .setParts(parts)
                              .setTable(table)
                              .setTables(tables.size())
                              .build());
            });
  }

  /** Of all words: two attempts' differ, since shares are made anew. */
  static Digest digest(List<CarriedTable> tables) {
    MessageDigest sha256 = sha256();
    // Without their dimensions, the same words could be other tables.
    digest(sha256, new long[] {tables.size()});
    for (CarriedTable table : tables) {
      digest(
          sha256,
          new long[] {
            table.newestMinute(), table.banks(), table.rows(), table.words().length, words(table)
          });
      digest(sha256, table.pseudonyms());
      for (long[][] component : table.words()) {
        Arrays.stream(component).forEach(column -> digest(sha256, column));
      }
    }
    return new Digest(sha256.digest());
  }

  private static void digest(MessageDigest sha256, long[] column) {
    ByteBuffer bytes = buffer(CHUNK_WORDS);
    for (int from = 0; from < column.length; from += CHUNK_WORDS) {
      put(bytes.clear(), column, from, Math.min(CHUNK_WORDS, column.length - from));
      sha256.update(bytes.flip());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing", e);
    }
  }

  private static int words(CarriedTable table) {
    return table.words()[0].length;
  }

  private static int partRows(CarriedTable table) {
    return Math.max(1, PART_WORDS / (1 + table.words().length * words(table)));
  }

  private static int parts(CarriedTable table) {
    int partRows = partRows(table);
    return Math.max(1, (table.rows() + partRows - 1) / partRows);
  }

  private static CarriedPart.Builder part(CarriedTable table, int part) {
    int from = part * partRows(table);
    int rows = Math.min(partRows(table), table.rows() - from);
    ByteBuffer pseudonyms = buffer(rows);
    put(pseudonyms, table.pseudonyms(), from, rows);
    ByteBuffer shares = buffer(rows * table.words().length * words(table));
    for (long[][] component : table.words()) {
      for (long[] column : component) {
        put(shares, column, from, rows);
      }
    }
    return CarriedPart.newBuilder()
        .setNewestMinute(table.newestMinute())
        .setBanks(table.banks())
        .setWords(words(table))
        .setPseudonyms(pseudonyms.flip())
        .setShares(shares.flip());
  }

  private static ByteBuffer buffer(int words) {
    return ByteBuffer.allocate(words * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void put(ByteBuffer target, long[] column, int from, int rows) {
    target.asLongBuffer().put(column, from, rows);
    target.position(target.position() + rows * Long.BYTES);
  }

  /**
   * Takes the next part.
   *
   * @throws LinkGapException parts are missing
   */
  void add(CarriedPart part) {
    if (part.getPart() < added) {
      // A writer that wasn't sure has written it twice.
      return;
    }
    if (part.getPart() != added) {
      throw new LinkGapException(GAP);
    }
    added++;
    expected = part.getParts();
    while (byTable.size() < part.getTables()) {
      byTable.add(new ArrayList<>());
    }
    byTable.get(part.getTable()).add(part);
  }

  boolean isComplete() {
    return added == expected;
  }

  /**
   * @throws LinkGapException parts are missing
   */
  List<CarriedTable> tables() {
    if (!isComplete()) {
      throw new LinkGapException(GAP);
    }
    List<CarriedTable> tables = byTable.stream().map(CarriedParts::table).toList();
    byTable.clear();
    return tables;
  }

  private static CarriedTable table(List<CarriedPart> parts) {
    int rows = parts.stream().mapToInt(CarriedParts::rows).sum();
    CarriedPart first = parts.getFirst();
    int components = components(parts);
    long[] pseudonyms = new long[rows];
    long[][][] words = new long[components][first.getWords()][rows];
    int at = 0;
    for (CarriedPart part : parts) {
      int count = rows(part);
      ByteBuffer shares = part.getShares().duplicate().order(ByteOrder.LITTLE_ENDIAN);
      get(part.getPseudonyms().duplicate().order(ByteOrder.LITTLE_ENDIAN), pseudonyms, at, count);
      for (long[][] component : words) {
        for (long[] column : component) {
          get(shares, column, at, count);
        }
      }
      at += count;
    }
    return new CarriedTable(first.getNewestMinute(), first.getBanks(), pseudonyms, words);
  }

  /** As many as were written; of no rows any number will do. */
  private static int components(List<CarriedPart> parts) {
    CarriedPart first = parts.getFirst();
    int words = rows(first) * first.getWords() * Long.BYTES;
    return words == 0 ? 1 : first.getShares().remaining() / words;
  }

  private static int rows(CarriedPart part) {
    return part.getPseudonyms().remaining() / Long.BYTES;
  }

  private static void get(ByteBuffer source, long[] column, int from, int rows) {
    source.asLongBuffer().get(column, from, rows);
    source.position(source.position() + rows * Long.BYTES);
  }
}
