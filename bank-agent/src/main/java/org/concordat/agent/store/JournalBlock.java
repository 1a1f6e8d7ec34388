package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.concordat.schemas.record.RecordKind;

/** The rows of one block in their order. Prints its shape only. */
public final class JournalBlock {
  /** Without kind and order: of live rows, written by earlier releases. */
  private static final int FORMAT_LIVE = 1;

  /** Without accounts, written by earlier releases. */
  private static final int FORMAT_NO_ACCOUNTS = 2;

  private static final int FORMAT = 3;

  private final BlockPosition position;
  private final RecordKind kind;
  private final long order;
  private final int contractVersion;
  private final List<JournalRow> rows;

  public JournalBlock(BlockPosition position, int contractVersion, List<JournalRow> rows) {
    this(position, RecordKind.LIVE, 0, contractVersion, rows);
  }

  /**
   * @param order rises with the order in which the blocks' rows were accepted
   */
  public JournalBlock(
      BlockPosition position,
      RecordKind kind,
      long order,
      int contractVersion,
      List<JournalRow> rows) {
    this.position = position;
    this.kind = kind;
    this.order = order;
    this.contractVersion = contractVersion;
    this.rows = List.copyOf(rows);
  }

  public BlockPosition position() {
    return position;
  }

  /** History is scored like all else, and never flagged. */
  public RecordKind kind() {
    return kind;
  }

  /** Of two blocks, the one whose rows were accepted first has the lower; kept when sent again. */
  public long order() {
    return order;
  }

  public int contractVersion() {
    return contractVersion;
  }

  public List<JournalRow> rows() {
    return rows;
  }

  /** When the first row was accepted. */
  public long acceptedMillis() {
    return rows.stream().mapToLong(JournalRow::acceptedMillis).min().orElse(0);
  }

  @Override
  public String toString() {
    return "JournalBlock[" + position + ", " + rows.size() + " rows]";
  }

  /** Plaintext: to be encrypted before it is stored. */
  byte[] encode() {
    var references = new ArrayList<byte[]>(rows.size());
    var accounts = new ArrayList<byte[]>(rows.size());
    int bytes = 32;
    for (JournalRow row : rows) {
      byte[] reference = row.reference().getBytes(StandardCharsets.UTF_8);
      references.add(reference);
      byte[] account = row.account().getBytes(StandardCharsets.UTF_8);
      accounts.add(account);
      bytes += 82 + reference.length + account.length + 10 * row.fieldCount();
    }
    var out = ByteBuffer.allocate(bytes);
    out.put((byte) FORMAT)
        .put((byte) kind.ordinal())
        .putLong(order)
        .putInt(contractVersion)
        .putInt(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      JournalRow row = rows.get(i);
      out.put(row.transactionId()).put(row.contentId());
      out.put((byte) (row.firstVersion().isPresent() ? 1 : 0));
      row.firstVersion().ifPresent(out::put);
      out.putLong(row.eventMillis()).putLong(row.acceptedMillis());
      putVarint(out, references.get(i).length);
      out.put(references.get(i));
      putVarint(out, accounts.get(i).length);
      out.put(accounts.get(i));
      putVarint(out, row.fieldCount());
      for (int f = 0; f < row.fieldCount(); f++) {
        long value = row.field(f);
        putVarint(out, (value << 1) ^ (value >> 63));
      }
    }
    byte[] encoded = new byte[out.position()];
    out.flip().get(encoded);
    return encoded;
  }

  static JournalBlock decode(BlockPosition position, byte[] plain) {
    var in = ByteBuffer.wrap(plain);
    int format = format(in);
    boolean older = format == FORMAT_LIVE;
    RecordKind kind = older ? RecordKind.LIVE : RecordKind.values()[in.get()];
    long order = older ? 0 : in.getLong();
    int contractVersion = in.getInt();
    int count = in.getInt();
    var rows = new ArrayList<JournalRow>(count);
    for (int i = 0; i < count; i++) {
      byte[] transactionId = take(in, 16);
      byte[] contentId = take(in, 16);
      byte[] firstVersion = in.get() == 1 ? take(in, 16) : null;
      long eventMillis = in.getLong();
      long acceptedMillis = in.getLong();
      var reference = new String(take(in, (int) varint(in)), StandardCharsets.UTF_8);
      String account =
          format > FORMAT_NO_ACCOUNTS
              ? new String(take(in, (int) varint(in)), StandardCharsets.UTF_8)
              : "";
      long[] fields = new long[(int) varint(in)];
      for (int f = 0; f < fields.length; f++) {
        long zigzag = varint(in);
        fields[f] = (zigzag >>> 1) ^ -(zigzag & 1);
      }
      rows.add(
          new JournalRow(
              transactionId,
              firstVersion,
              contentId,
              reference,
              account,
              eventMillis,
              acceptedMillis,
              fields));
    }
    return new JournalBlock(position, kind, order, contractVersion, rows);
  }

  /** The order alone, of what {@link #encode} gave. */
  static long decodeOrder(byte[] plain) {
    var in = ByteBuffer.wrap(plain);
    return format(in) == FORMAT_LIVE ? 0 : in.getLong(in.position() + 1);
  }

  private static int format(ByteBuffer in) {
    int format = in.get();
    if (format < FORMAT_LIVE || format > FORMAT) {
      throw new IllegalStateException("A journal block has an unknown format.");
    }
    return format;
  }

  private static byte[] take(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static void putVarint(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalStateException("A journal block is damaged.");
  }
}
