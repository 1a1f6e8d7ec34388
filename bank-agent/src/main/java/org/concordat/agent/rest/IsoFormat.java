package org.concordat.agent.rest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.encode.Outcome;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.iso.IsoField;
import org.concordat.agent.iso.IsoLimits;
import org.concordat.agent.iso.IsoSchemas;
import org.concordat.agent.iso.MessageReader;
import org.concordat.agent.store.Answer;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;

/** An ISO 20022 message: refused as a whole, or answered transaction by transaction. */
public final class IsoFormat implements BodyFormat {
  private static final String SOURCE = "message";

  private final IsoLimits limits;
  private final IsoSchemas schemas;
  private final Consumer<Optional<Code>> counts;

  /**
   * @param counts told of every message, with its refusal if it was refused
   */
  public IsoFormat(IsoLimits limits, IsoSchemas schemas, Consumer<Optional<Code>> counts) {
    this.limits =
        new IsoLimits(
            Math.min(limits.fileBytesMax(), TransactionRoutes.BATCH_BYTES_MAX),
            Math.min(limits.transactionsMax(), JsonRows.ROWS_MAX),
            limits.transactionBytesMax());
    this.schemas = schemas;
    this.counts = counts;
  }

  @Override
  public List<SourceRecord> read(byte[] body) {
    var records = new ArrayList<SourceRecord>();
    try (var reader =
        new MessageReader(
            SOURCE, new ByteArrayInputStream(body), limits, schemas, List.of(IsoField.values()))) {
      for (var record = reader.next(); record != null; record = reader.next()) {
        records.add(placed(record));
      }
    } catch (InvalidInputException e) {
      Problem problem = e.problems().getFirst();
      counts.accept(Optional.of(problem.code()));
      var error =
          new ApiProblem.Error(
              "", problem.code(), problem.reason() + at(problem.place()), problem.fix());
      throw ApiProblem.of(400, Code.CDT_367, List.of(error));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    counts.accept(Optional.empty());
    return records;
  }

  /** Its refusal says where in the XML: the answer has no other room for it. */
  private static SourceRecord placed(SourceRecord record) {
    Problem refusal = record.refusal();
    if (refusal == null) {
      return record;
    }
    var placed =
        new Problem(
            refusal.code(), refusal.place(), refusal.reason() + at(record.place()), refusal.fix());
    return new SourceRecord(record.place(), record.raw(), List.of(), placed, record.bookmark());
  }

  private static String at(Place place) {
    return place.line() == 0 ? "" : " Line %d, column %d.".formatted(place.line(), place.column());
  }

  @Override
  public Answer answer(List<Outcome> outcomes) {
    return TransactionFormats.batchAnswer(outcomes);
  }
}
