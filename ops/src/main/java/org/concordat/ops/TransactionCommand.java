package org.concordat.ops;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.encode.RowIds;
import org.concordat.agent.rest.TransactionStatus;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.JournalReader;
import org.concordat.agent.store.Standing;
import org.concordat.agent.store.TakenNotice;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.seal.AtRestBox;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "transaction",
    mixinStandardHelpOptions = true,
    description = {
      "Says what became of a transaction: pending, held, scored, refused or skipped; and whether",
      "it was recalled or returned.",
      "Reads the data folder, whether the agent runs or not, or asks a running agent's API."
    })
final class TransactionCommand implements Callable<Integer> {
  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "REF", description = "The bank's own reference.")
  private String reference = "";

  @Option(names = "--config", paramLabel = "FILE", description = "agent.yaml")
  private Optional<Path> configFile = Optional.empty();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Instead of --config: the API, such as http://127.0.0.1:8443.")
  private Optional<URI> url = Optional.empty();

  @Option(names = "--token", paramLabel = "FILE", description = "With --url: a file with a token.")
  private Optional<Path> token = Optional.empty();

  @Option(names = "--json", description = "As the API answers.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (configFile.isPresent() == url.isPresent() || url.isPresent() != token.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "Give either --config, or --url with --token.");
    }
    Optional<JsonObject> status = configFile.isPresent() ? read(configFile.get()) : ask();
    PrintWriter out = spec.commandLine().getOut();
    if (status.isEmpty()) {
      throw new InvalidInputException(List.of(Problem.of(Code.CDT_373, Place.of(reference))));
    }
    if (json) {
      out.println(status.get().encode());
    } else {
      status
          .get()
          .getJsonArray("transactions")
          .forEach(each -> out.println(text((JsonObject) each)));
      DeskPrinter.notices(status.get()).forEach(out::println);
    }
    out.flush();
    return Concordat.DONE;
  }

  private Optional<JsonObject> read(Path file) {
    AgentConfig config = Inputs.complete(problems -> Optional.of(AgentConfig.read(file, problems)));
    SymmetricKey store =
        Inputs.complete(problems -> KeyFiles.readSymmetricKey(config.keys().store(), problems));
    SymmetricKey ids =
        Inputs.complete(
            problems -> KeyFiles.readSymmetricKey(config.keys().transactionId(), problems));
    var box = new AtRestBox(store, new SecureRandom());
    try (var journal = JournalReader.open(config.data(), box)) {
      Id id = new RowIds(ids.forAlgorithm("HmacSHA256")).reference(reference);
      List<Standing> standings = journal.standings(id);
      List<TakenNotice> said = journal.notices(id);
      return standings.isEmpty() && said.isEmpty()
          ? Optional.empty()
          : Optional.of(
              TransactionStatus.json(reference, standings, said, System.currentTimeMillis(), ""));
    }
  }

  private Optional<JsonObject> ask() throws IOException, InterruptedException {
    String secret = Files.readString(Inputs.existingFile(token.orElseThrow())).strip();
    String path =
        "/v1/transactions/"
            + URLEncoder.encode(reference, StandardCharsets.UTF_8).replace("+", "%20");
    var request =
        HttpRequest.newBuilder(url.orElseThrow().resolve(path))
            .timeout(WAIT)
            .header("Authorization", "Bearer " + secret)
            .build();
    try (var http = HttpClient.newHttpClient()) {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() == NOT_FOUND) {
        return Optional.empty();
      }
      if (response.statusCode() != OK) {
        throw new IOException("The agent answers " + response.statusCode() + ".");
      }
      return Optional.of(new JsonObject(response.body()));
    }
  }

  private static String text(JsonObject transaction) {
    var text = new StringBuilder();
    text.append(transaction.getString("acceptedAt", transaction.getString("refusedAt", "")));
    text.append("  ").append(transaction.getString("status"));
    JsonObject cut = transaction.getJsonObject("cut");
    if (cut != null) {
      text.append(" in batch ").append(cut.getLong("batch"));
      text.append(" of partition ").append(transaction.getInteger("partition"));
      text.append(" at ").append(cut.getString("committedAt"));
    }
    if (!transaction.getString("waitsFor", "").isEmpty()) {
      text.append(", waits for ").append(transaction.getString("waitsFor"));
    }
    if (transaction.containsKey("code")) {
      text.append("  ").append(transaction.getString("code"));
      text.append(' ').append(transaction.getString("reason"));
      text.append(' ').append(transaction.getString("fix"));
    }
    if (transaction.containsKey("id")) {
      text.append("  id ").append(transaction.getString("id"));
    }
    return text.toString();
  }
}
