package org.concordat.agent.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.concordat.schemas.problem.Code;

/**
 * How far one of the rows has come that the bank handed in under a reference.
 *
 * @param id the transaction id; of a refused row a keyed hash of its bytes
 * @param millis when it was accepted or refused
 * @param position of the block that carries it; nothing for what was refused
 * @param attempt how often it was sent again
 * @param cut in which it was scored, where that is kept
 * @param code why it was refused or given up
 */
public record Standing(
    State state,
    Id id,
    long millis,
    Optional<BlockPosition> position,
    int attempt,
    Optional<Scored> cut,
    Optional<Code> code) {
  /** How far. */
  public enum State {
    /** Durable at the bank and not known to be scored. */
    PENDING,
    SCORED,
    /** A dead letter from the beginning. */
    REFUSED,
    /** Skipped by the aggregators, and given up. */
    SKIPPED
  }

  /** In the order in which they were handed in. */
  static List<Standing> of(Database db, Aged references, Id referenceId) {
    var standings = new ArrayList<Standing>();
    references.forEach(
        referenceId.bytes(),
        (rest, value) -> {
          of(db, Reference.of(referenceId, rest, value)).ifPresent(standings::add);
          return true;
        });
    standings.sort(Comparator.comparingLong(Standing::millis));
    return standings;
  }

  private static Optional<Standing> of(Database db, Reference reference) {
    if (reference.refusal() != null) {
      return Optional.of(
          new Standing(
              State.REFUSED,
              reference.id(),
              reference.millis(),
              Optional.empty(),
              0,
              Optional.empty(),
              Optional.of(reference.refusal())));
    }
    byte[] value = db.get(Family.SEEN, reference.id().bytes());
    while (value != null) {
      Standing found = at(db, reference, SeenRow.of(value).position());
      byte[] again = db.get(Family.SEEN, reference.id().bytes());
      // A row that is sent again between two looks leaves no trace where it was.
      if (found.state() != State.SKIPPED || Arrays.equals(value, again)) {
        return Optional.of(found);
      }
      value = again;
    }
    // Past its age: the reference is about to follow.
    return Optional.empty();
  }

  private static Standing at(Database db, Reference reference, BlockPosition position) {
    byte[] key = position.key();
    byte[] unscored = db.get(Family.UNSCORED, key);
    if (unscored != null) {
      int attempt = SpooledBlock.of(key, unscored).attempt();
      return row(State.PENDING, reference, position, attempt, Optional.empty(), Optional.empty());
    }
    byte[] cut = db.get(Family.SCORED, key);
    if (cut != null || db.get(Family.JOURNAL, key) != null) {
      Optional<Scored> scored = Optional.ofNullable(cut).map(Scored::of);
      return row(State.SCORED, reference, position, 0, scored, Optional.empty());
    }
    return row(State.SKIPPED, reference, position, 0, Optional.empty(), Optional.of(Code.CDT_356));
  }

  private static Standing row(
      State state,
      Reference reference,
      BlockPosition position,
      int attempt,
      Optional<Scored> cut,
      Optional<Code> code) {
    return new Standing(
        state, reference.id(), reference.millis(), Optional.of(position), attempt, cut, code);
  }
}
