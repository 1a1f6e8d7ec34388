package org.concordat.ops;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a running agent's API is, and calls to it. */
final class DeskClient {
  /** Longer than the agent lets anybody wait, and than it reads half a million items. */
  private static final Duration WAIT = Duration.ofSeconds(60);

  /** As an agent that starts asks for. */
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private static final int OK_END = 300;
  private static final int UNAVAILABLE = 503;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "The bank's folder, of an agent on this machine.")
  private Optional<Path> folder = Optional.empty();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Instead of --dir: the API, such as http://127.0.0.1:8443.")
  private Optional<URI> url = Optional.empty();

  @Option(
      names = "--token",
      paramLabel = "FILE",
      description = "A file with a token of role analyst; with --dir its analyst.token.")
  private Optional<Path> token = Optional.empty();

  @Option(names = "--json", description = "As the API answers.")
  private boolean json;

  boolean json() {
    return json;
  }

  /** The agent's refusal, in its own words. */
  static final class RefusedException extends IOException {
    RefusedException(String message) {
      super(message);
    }
  }

  JsonObject get(String path, Map<String, Optional<String>> query) throws Exception {
    Map<String, String> given = new LinkedHashMap<>();
    query.forEach((name, value) -> value.ifPresent(text -> given.put(name, text)));
    var text = new StringBuilder(path);
    given.forEach(
        (name, value) ->
            text.append(text.indexOf("?") < 0 ? '?' : '&')
                .append(name)
                .append('=')
                .append(encoded(value)));
    return new JsonObject(send("GET", text.toString(), null));
  }

  JsonObject post(String path, JsonObject body) throws Exception {
    return new JsonObject(send("POST", path, body));
  }

  JsonObject delete(String path) throws Exception {
    return new JsonObject(send("DELETE", path, null));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private String send(String method, String path, @Nullable JsonObject body) throws Exception {
    if (folder.isPresent() == url.isPresent() || (url.isPresent() && token.isEmpty())) {
      throw new ParameterException(spec.commandLine(), "Give either --dir, or --url with --token.");
    }
    Path secret = token.or(() -> folder.map(bank -> bank.resolve("analyst.token"))).orElseThrow();
    var request =
        HttpRequest.newBuilder(base().resolve(path))
            .timeout(WAIT)
            .header(
                "Authorization", "Bearer " + Files.readString(Inputs.existingFile(secret)).strip())
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.encode()))
            .build();
    try (var http = HttpClient.newHttpClient()) {
      long end = System.nanoTime() + WAIT.toNanos();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      while (isStarting(response) && System.nanoTime() < end) {
        Thread.sleep(PAUSE);
        response = http.send(request, HttpResponse.BodyHandlers.ofString());
      }
      if (response.statusCode() >= OK_END) {
        throw new RefusedException(refusal(response));
      }
      return response.body();
    }
  }

  /** Whether the agent has just started, and reads its items before it answers. */
  private static boolean isStarting(HttpResponse<String> response) {
    return response.statusCode() == UNAVAILABLE && response.body().contains(Code.CDT_722.label());
  }

  private URI base() throws IOException {
    if (url.isPresent()) {
      return url.get();
    }
    Path port = Inputs.existingFile(folder.orElseThrow().resolve("data/api.port"));
    return URI.create("http://127.0.0.1:" + Files.readString(port).strip());
  }

  private static String refusal(HttpResponse<String> response) {
    try {
      var problem = new JsonObject(response.body());
      var text = new StringBuilder(problem.getString("code", "") + " ");
      text.append(problem.getString("detail", "")).append(' ').append(problem.getString("fix", ""));
      if (problem.containsKey("errors")) {
        problem
            .getJsonArray("errors")
            .forEach(
                each ->
                    text.append("\n  ")
                        .append(((JsonObject) each).getString("pointer"))
                        .append(": ")
                        .append(((JsonObject) each).getString("reason")));
      }
      return text.toString();
    } catch (DecodeException e) {
      return "The agent answers " + response.statusCode() + ".";
    }
  }
}
