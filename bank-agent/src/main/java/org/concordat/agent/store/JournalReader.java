package org.concordat.agent.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.concordat.schemas.seal.AtRestBox;

/**
 * Reads the journal and the refused rows of a data folder, also while the agent runs. Sees what was
 * durable when it was opened, and after {@link #refresh} what is durable then.
 */
public final class JournalReader implements AutoCloseable {
  private final Database db;
  private final Vault vault;
  private final Path scratch;

  private JournalReader(Database db, Vault vault, Path scratch) {
    this.db = db;
    this.vault = vault;
    this.scratch = scratch;
  }

  /**
   * Opens a bank's data folder.
   *
   * @param box opens what was encrypted under the bank's store key
   */
  public static JournalReader open(Path data, AtRestBox box) {
    Path scratch;
    try {
      scratch = Files.createTempDirectory("concordat-journal");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      return new JournalReader(Database.openBeside(data, scratch), new Vault(box), scratch);
    } catch (RuntimeException e) {
      // No such folder, or a damaged one: the store has left its log there.
      delete(scratch);
      throw e;
    }
  }

  /** Catches up with the agent. */
  public void refresh() {
    db.catchUp();
  }

  /**
   * Visits every block in the order in which their rows were accepted, one at a time: all of them
   * may be more than memory holds.
   */
  public void blocks(Consumer<JournalBlock> visitor) {
    var blocks = new ArrayList<Accepted>();
    db.forEach(
        Family.JOURNAL,
        (key, value) -> {
          BlockPosition position = BlockPosition.ofKey(key);
          blocks.add(new Accepted(AgentStore.journalOrder(vault, position, value), position));
          return true;
        });
    blocks.sort(Comparator.comparingLong(Accepted::order));
    for (Accepted each : blocks) {
      block(each.position()).ifPresent(visitor);
    }
  }

  private record Accepted(long order, BlockPosition position) {}

  /** The rows of one block. */
  public Optional<JournalBlock> block(BlockPosition position) {
    byte[] value = db.get(Family.JOURNAL, position.key());
    return value == null
        ? Optional.empty()
        : Optional.of(AgentStore.openJournal(vault, position, value));
  }

  /** The blocks that the agent doesn't know to be scored. */
  public List<SpooledBlock> unscored() {
    var blocks = new ArrayList<SpooledBlock>();
    db.forEach(Family.UNSCORED, (key, value) -> blocks.add(SpooledBlock.of(key, value)));
    return blocks;
  }

  /** What a bank's reference leads to, as far as it is known. */
  public List<Standing> standings(Id referenceId) {
    // Nothing is added or removed here, so the age doesn't matter.
    var references = new Aged(db, Family.REFERENCES, Duration.ofDays(1));
    return Standing.of(db, references, referenceId);
  }

  /** What was said of the payment with a reference, in the order in which it was taken. */
  public List<TakenNotice> notices(Id referenceId) {
    return new Notices(db, vault, Duration.ofDays(1)).of(referenceId);
  }

  /** What the agent counted since the data folder was made. */
  public Map<Tally, Long> tallies() {
    return Tally.read(db);
  }

  /** Visits the refused rows, oldest first. */
  public void deadLetters(Consumer<DeadLetter> visitor) {
    db.forEach(
        Family.DEAD_LETTERS,
        (key, value) -> {
          byte[] sealed = Arrays.copyOfRange(value, DeadLetters.HEADER_BYTES, value.length);
          visitor.accept(vault.openLetter(ByteBuffer.wrap(key).getLong(), sealed));
          return true;
        });
  }

  @Override
  public void close() {
    db.close();
    delete(scratch);
  }

  private static void delete(Path scratch) {
    try (var files = Files.list(scratch)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(scratch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
