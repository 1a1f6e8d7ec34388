package org.concordat.agent.encode;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.Notice;
import org.concordat.agent.store.Reference;
import org.concordat.agent.store.TakenNotice;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.RecordKind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a record: a row of a block, a duplicate, or a dead letter.
 *
 * <p>Same source key and same content is a duplicate, whichever version it repeats. Same key and
 * other content is a new version with a transaction id of its own, linked to the first in the
 * journal. Each source has its own, which belongs to the thread that reads the source; what was
 * seen and the blocks are common to all.
 */
public final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

  private final RowEncoder encoder;
  private final RowIds ids;
  private final SeenRows seen;
  private final BlockBuilder builder;
  private final RecordKind kind;
  private final @Nullable KeptHistory kept;
  private final @Nullable HistoryFeatures features;
  private final Map<Code, Long> refusals = new HashMap<>();

  /** For live rows of a contract without history. */
  public Intake(RowEncoder encoder, RowIds ids, SeenRows seen, BlockBuilder builder) {
    this(encoder, ids, seen, builder, RecordKind.LIVE, null, null);
  }

  /**
   * @param kind of all its rows
   * @param kept nothing where the contract needs no history
   * @param features what {@code kept} made for this intake alone
   */
  Intake(
      RowEncoder encoder,
      RowIds ids,
      SeenRows seen,
      BlockBuilder builder,
      RecordKind kind,
      @Nullable KeptHistory kept,
      @Nullable HistoryFeatures features) {
    this.encoder = encoder;
    this.ids = ids;
    this.seen = seen;
    this.builder = builder;
    this.kind = kind;
    this.kept = kept;
    this.features = features;
  }

  /** As {@link #take(SourceRecord, long, Acknowledgement)}, where nobody waits. */
  public void take(SourceRecord record, long acceptedMillis) throws InterruptedException {
    take(record, acceptedMillis, null);
  }

  /**
   * Takes a record; waits while the blocks before it can't be stored.
   *
   * @param acknowledgement told what became of the record, and when that is durable
   */
  public void take(
      SourceRecord record, long acceptedMillis, @Nullable Acknowledgement acknowledgement)
      throws InterruptedException {
    Problem unreadable = record.refusal();
    if (unreadable != null) {
      refuse(record, List.of(unreadable), acceptedMillis, acknowledgement);
      return;
    }
    Notice notice = record.notice();
    if (notice != null) {
      takeNotice(record, notice, acceptedMillis, acknowledgement);
      return;
    }
    var problems = new Problems();
    EncodedRow row = encoder.encode(record.cells(), record.place(), problems);
    if (row == null) {
      refuse(record, problems.list(), acceptedMillis, acknowledgement);
      return;
    }
    // Before its history is filled in: that is another whenever the row comes again.
    Id content = ids.content(row.eventMillis(), row.fields(), row.account(), row.beneficiary());
    Id first = ids.firstVersion(row.sourceKey());
    seen.admission.lockInterruptibly();
    try {
      accept(record, row, content, first, acceptedMillis, acknowledgement);
    } finally {
      seen.admission.unlock();
    }
  }

  private void accept(
      SourceRecord record,
      EncodedRow row,
      Id content,
      Id first,
      long acceptedMillis,
      @Nullable Acknowledgement acknowledgement)
      throws InterruptedException {
    Id id = first;
    Optional<Id> known = seen.content(first);
    if (known.isPresent() && !known.get().equals(content)) {
      id = ids.laterVersion(row.sourceKey(), content, encoder.isLinked());
      known = seen.content(id);
    }
    if (known.isPresent()) {
      decided(acknowledgement, new Outcome.Duplicate(id));
      builder.duplicate(new Attached(record.bookmark(), null, acknowledgement));
      return;
    }
    seen.underway(id, content);
    KeptHistory.Change change =
        kept == null || features == null
            ? null
            : kept.take(features, row, acceptedMillis, id.equals(first));
    decided(acknowledgement, new Outcome.Accepted(id));
    builder.accept(
        new JournalRow(
            id.bytes(),
            id.equals(first) ? null : first.bytes(),
            content.bytes(),
            row.reference(),
            row.accountName(),
            row.eventMillis(),
            acceptedMillis,
            row.fields()),
        kind,
        change,
        new Attached(
            record.bookmark(),
            new Reference(ids.reference(row.reference()), id, null, acceptedMillis),
            acknowledgement));
  }

  /** Nothing of it goes on the bus: it is kept beside the payment that it names. */
  private void takeNotice(
      SourceRecord record,
      Notice notice,
      long takenMillis,
      @Nullable Acknowledgement acknowledgement)
      throws InterruptedException {
    Optional<String> reference = encoder.reference(record.cells());
    if (reference.isEmpty()) {
      Problem unnamed = Problem.of(Code.CDT_337, record.place());
      refuse(record, List.of(unnamed), takenMillis, acknowledgement);
      return;
    }
    Id payment = ids.reference(reference.get());
    Id id = ids.body(record.raw());
    var taken = new TakenNotice(notice, takenMillis);
    decided(acknowledgement, new Outcome.Noted(id));
    builder.keep(
        new Bookmark("notice/" + id, group -> group.notice(payment, id, taken)),
        new Attached(record.bookmark(), null, acknowledgement));
  }

  private static void decided(@Nullable Acknowledgement acknowledgement, Outcome outcome) {
    if (acknowledgement != null) {
      acknowledgement.decided(outcome);
    }
  }

  private void refuse(
      SourceRecord record,
      List<Problem> problems,
      long refusedMillis,
      @Nullable Acknowledgement acknowledgement)
      throws InterruptedException {
    Problem first = problems.getFirst();
    var letter =
        new DeadLetter(
            record.place(),
            first.code(),
            problems.stream().map(Problem::reason).collect(Collectors.joining(" ")),
            problems.stream().map(Problem::fix).distinct().collect(Collectors.joining(" ")),
            record.raw(),
            refusedMillis);
    long count = refusals.merge(first.code(), 1L, Long::sum);
    // The first, second, fourth, eighth: a broken export of a million rows leaves twenty lines.
    if (Long.bitCount(count) == 1) {
      LOG.atWarn()
          .addKeyValue("code", first.code().label())
          .addKeyValue("place", record.place())
          .addKeyValue("refused", count)
          .log("A row was refused.");
    }
    decided(acknowledgement, new Outcome.Refused(problems));
    Reference reference =
        encoder
            .reference(record.cells())
            .map(text -> refused(text, record, first.code(), refusedMillis))
            .orElse(null);
    builder.refuse(letter, new Attached(record.bookmark(), reference, acknowledgement));
  }

  private Reference refused(String reference, SourceRecord record, Code code, long refusedMillis) {
    return new Reference(ids.reference(reference), ids.body(record.raw()), code, refusedMillis);
  }
}
