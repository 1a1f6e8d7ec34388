package org.concordat.agent.api;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.concordat.schemas.problem.Code;

/**
 * A refusal as an answer of type {@code application/problem+json} (RFC 9457), to be thrown by
 * handlers or sent. Holds no value of a transaction.
 */
public final class ApiProblem extends RuntimeException {
  public static final String MEDIA_TYPE = "application/problem+json";
  private static final String TYPE = "urn:concordat:problem:";

  /**
   * One thing that is wrong with a body.
   *
   * @param pointer where, as a JSON pointer; empty for the whole
   */
  public record Error(String pointer, Code code, String reason, String fix) {
    public JsonObject json() {
      return new JsonObject()
          .put("pointer", pointer)
          .put("code", code.label())
          .put("reason", reason)
          .put("fix", fix);
    }
  }

  private final int status;
  private final Code code;
  private final String detail;
  private final String fix;
  private final int retryAfterSeconds;
  private final List<Error> errors;

  private ApiProblem(
      int status, Code code, String detail, String fix, int retryAfterSeconds, List<Error> errors) {
    super(code.cause(), null, false, false);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.fix = fix;
    this.retryAfterSeconds = retryAfterSeconds;
    this.errors = List.copyOf(errors);
  }

  /** A refusal with the code's own words. */
  public static ApiProblem of(int status, Code code) {
    return of(status, code, code.cause(), code.fix());
  }

  public static ApiProblem of(int status, Code code, String detail, String fix) {
    return new ApiProblem(status, code, detail, fix, 0, List.of());
  }

  /** A refusal that passes by itself. */
  public static ApiProblem retry(int status, Code code, int retryAfterSeconds) {
    return new ApiProblem(status, code, code.cause(), code.fix(), retryAfterSeconds, List.of());
  }

  /** A refusal for what stands in the body. */
  public static ApiProblem of(int status, Code code, List<Error> errors) {
    return new ApiProblem(status, code, code.cause(), code.fix(), 0, errors);
  }

  public int status() {
    return status;
  }

  public JsonObject json() {
    var json =
        new JsonObject()
            .put("type", TYPE + code.label())
            .put("title", code.cause())
            .put("status", status)
            .put("detail", detail)
            .put("code", code.label())
            .put("fix", fix);
    if (!errors.isEmpty()) {
      json.put("errors", new JsonArray(errors.stream().map(Error::json).toList()));
    }
    return json;
  }

  public void send(HttpServerResponse response) {
    response.setStatusCode(status).putHeader("content-type", MEDIA_TYPE);
    if (retryAfterSeconds > 0) {
      response.putHeader("retry-after", Integer.toString(retryAfterSeconds));
    }
    if (status == 401) {
      response.putHeader("www-authenticate", "Bearer");
    }
    response.end(json().toBuffer());
  }
}
