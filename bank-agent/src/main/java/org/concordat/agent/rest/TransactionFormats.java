package org.concordat.agent.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.encode.Outcome;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.Answer;
import org.concordat.agent.store.Id;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;

/** The bodies in which transactions come, and how they are answered. */
public final class TransactionFormats {
  private static final String JSON = "application/json";
  private static final JsonFactory FACTORY = new JsonFactory();

  private final JsonRows rows;

  /**
   * @param source names the records' places
   * @param columns the keys of an object
   */
  public TransactionFormats(String source, List<String> columns) {
    this.rows = new JsonRows(source, columns);
  }

  /** One object, answered with its id or as a problem. */
  public BodyFormat single() {
    return new Format(rows::single, TransactionFormats::singleAnswer);
  }

  /** An array of objects, answered one by one. */
  public BodyFormat array() {
    return new Format(rows::array, TransactionFormats::batchAnswer);
  }

  /** An object a line, answered one by one. */
  public BodyFormat lines() {
    return new Format(rows::lines, TransactionFormats::batchAnswer);
  }

  private record Format(
      Function<byte[], List<SourceRecord>> reader, Function<List<Outcome>, Answer> answerer)
      implements BodyFormat {
    @Override
    public List<SourceRecord> read(byte[] body) {
      return reader.apply(body);
    }

    @Override
    public Answer answer(List<Outcome> outcomes) {
      return answerer.apply(outcomes);
    }
  }

  private static Answer singleAnswer(List<Outcome> outcomes) {
    if (outcomes.getFirst() instanceof Outcome.Refused refused) {
      List<ApiProblem.Error> errors =
          refused.problems().stream().map(problem -> error("", problem)).toList();
      var problem = ApiProblem.of(422, Code.CDT_374, errors);
      return new Answer(422, ApiProblem.MEDIA_TYPE, problem.json().toBuffer().getBytes());
    }
    return json(202, generator -> item(generator, outcomes.getFirst(), ""));
  }

  /** Says of each record what became of it: for every format that carries several. */
  public static Answer batchAnswer(List<Outcome> outcomes) {
    return json(
        202,
        generator -> {
          generator.writeNumberField("accepted", count(outcomes, Outcome.Accepted.class));
          generator.writeNumberField("duplicates", count(outcomes, Outcome.Duplicate.class));
          generator.writeNumberField("refused", count(outcomes, Outcome.Refused.class));
          long noted = count(outcomes, Outcome.Noted.class);
          if (noted > 0) {
            generator.writeNumberField("noted", noted);
          }
          generator.writeArrayFieldStart("items");
          for (int i = 0; i < outcomes.size(); i++) {
            generator.writeStartObject();
            generator.writeNumberField("index", i);
            item(generator, outcomes.get(i), "/" + i);
            generator.writeEndObject();
          }
          generator.writeEndArray();
        });
  }

  private static long count(List<Outcome> outcomes, Class<? extends Outcome> kind) {
    return outcomes.stream().filter(kind::isInstance).count();
  }

  /** Fields of an object. */
  private interface Fields {
    void write(JsonGenerator generator) throws IOException;
  }

  private static Answer json(int status, Fields fields) {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = FACTORY.createGenerator(bytes)) {
      generator.writeStartObject();
      fields.write(generator);
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Answer(status, JSON, bytes.toByteArray());
  }

  private static void item(JsonGenerator generator, Outcome outcome, String pointer)
      throws IOException {
    switch (outcome) {
      case Outcome.Accepted accepted -> {
        generator.writeStringField("status", "accepted");
        generator.writeStringField("id", hex(accepted.transactionId()));
      }
      case Outcome.Duplicate duplicate -> {
        generator.writeStringField("status", "duplicate");
        generator.writeStringField("id", hex(duplicate.transactionId()));
      }
      case Outcome.Noted noted -> {
        generator.writeStringField("status", "noted");
        generator.writeStringField("id", hex(noted.noticeId()));
      }
      case Outcome.Refused refused -> {
        generator.writeStringField("status", "refused");
        generator.writeArrayFieldStart("errors");
        for (Problem problem : refused.problems()) {
          ApiProblem.Error error = error(pointer, problem);
          generator.writeStartObject();
          generator.writeStringField("pointer", error.pointer());
          generator.writeStringField("code", error.code().label());
          generator.writeStringField("reason", error.reason());
          generator.writeStringField("fix", error.fix());
          generator.writeEndObject();
        }
        generator.writeEndArray();
      }
    }
  }

  private static String hex(Id id) {
    return HexFormat.of().formatHex(id.bytes());
  }

  /** A cell's problem begins with its column in brackets. */
  private static ApiProblem.Error error(String pointer, Problem problem) {
    String reason = problem.reason();
    int end = reason.indexOf("] ");
    if (!reason.startsWith("[") || end < 0 || reason.substring(1, end).contains(", ")) {
      return new ApiProblem.Error(pointer, problem.code(), reason, problem.fix());
    }
    String column = reason.substring(1, end).replace("~", "~0").replace("/", "~1");
    return new ApiProblem.Error(
        pointer + "/" + column, problem.code(), reason.substring(end + 2), problem.fix());
  }
}
