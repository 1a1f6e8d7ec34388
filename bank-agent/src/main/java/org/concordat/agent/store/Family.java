package org.concordat.agent.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.RocksDB;

/** The column families; their order is that of the handles. */
enum Family {
  /** Counters, positions and set-ups, by name. */
  META("default"),
  /** One aggregator's copy of a block, by position and aggregator. */
  SPOOL("spool"),
  /** {@link SpooledBlock} of every block that isn't known to be scored, by position. */
  UNSCORED("unscored"),
  /** Encrypted {@link JournalBlock}, by position. */
  JOURNAL("journal"),
  /** {@link SeenRow}, by transaction id. */
  SEEN("seen"),
  /** Encrypted {@link DeadLetter}, by a running number. */
  DEAD_LETTERS("dead-letters"),
  /** When an alert was delivered, by its id. */
  DELIVERED("delivered"),
  /** The alert reader's own progress, by name. */
  ALERT_PROGRESS("alert-progress"),
  /** {@link Scored} of every scored block that the journal keeps, by position. */
  SCORED("scored"),
  /** {@link Reference}, by age, keyed hash of the reference, and transaction id. */
  REFERENCES("references"),
  /** Encrypted {@link Answered}, by age and keyed hash of caller and idempotency key. */
  ANSWERS("answers"),
  /** When the last payment was accepted and encrypted history, by keyed hash of the account. */
  HISTORY_ACCOUNTS("history-accounts"),
  /** When the last payment was accepted, by keyed hash of account and beneficiary. */
  HISTORY_BENEFICIARIES("history-beneficiaries"),
  /** Encrypted entries of a {@link DeskTable}, by the table and a key of the desk's own. */
  DESK("desk"),
  /** Encrypted {@link Notice}, by age and keyed hashes of the payment's reference and of itself. */
  NOTICES("notices");

  private final String text;

  Family(String text) {
    this.text = text;
  }

  static List<ColumnFamilyDescriptor> descriptors(StoreMemory memory) {
    var descriptors = new ArrayList<ColumnFamilyDescriptor>();
    for (Family family : values()) {
      descriptors.add(
          new ColumnFamilyDescriptor(
              family.text.equals("default")
                  ? RocksDB.DEFAULT_COLUMN_FAMILY
                  : family.text.getBytes(StandardCharsets.UTF_8),
              family.options(memory)));
    }
    return descriptors;
  }

  private ColumnFamilyOptions options(StoreMemory memory) {
    boolean filtered =
        switch (this) {
          // Nearly every look-up is for an id that isn't there.
          case SEEN, ANSWERS, HISTORY_ACCOUNTS, HISTORY_BENEFICIARIES -> true;
          case META,
              SPOOL,
              UNSCORED,
              JOURNAL,
              DEAD_LETTERS,
              DELIVERED,
              ALERT_PROGRESS,
              SCORED,
              REFERENCES,
              DESK,
              NOTICES ->
              false;
        };
    // Ciphertext and hashes don't compress. No blob files, though journal blocks are large: a
    // reader beside the agent (a secondary) crashes on them in RocksDB 10.1.
    return new ColumnFamilyOptions()
        .setCompressionType(CompressionType.NO_COMPRESSION)
        .setTableFormatConfig(memory.tables(filtered));
  }
}
