package org.concordat.agent.rest;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.SecretKey;
import org.concordat.agent.AgentFolder;
import org.concordat.agent.TestConsortium;
import org.concordat.agent.alert.AlertSinks;
import org.concordat.agent.alert.DeliveryRoutes;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.OpenApiDocument;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Tokens;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.config.DeskConfig;
import org.concordat.agent.config.SinkSection;
import org.concordat.agent.desk.Desk;
import org.concordat.agent.desk.DeskRoutes;
import org.concordat.agent.encode.BlockBuilder;
import org.concordat.agent.encode.BlockFormat;
import org.concordat.agent.encode.HistoryLimits;
import org.concordat.agent.encode.Intakes;
import org.concordat.agent.encode.KeptHistory;
import org.concordat.agent.encode.KeyDirectory;
import org.concordat.agent.encode.NoBrokers;
import org.concordat.agent.encode.RowIds;
import org.concordat.agent.encode.SealingSessions;
import org.concordat.agent.encode.SeenRows;
import org.concordat.agent.encode.Spooler;
import org.concordat.agent.iso.IsoField;
import org.concordat.agent.iso.IsoLimits;
import org.concordat.agent.iso.IsoSchemas;
import org.concordat.agent.iso.MessageFolder;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.TakenNotice;
import org.concordat.agent.store.TestStores;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/** An agent's way from its API to its store, without brokers: none ever acknowledges a block. */
final class RestAgent implements AutoCloseable {
  /** Compiled once for all agents. */
  private static final IsoSchemas SCHEMAS = new IsoSchemas();

  final String token = Tokens.generate(new SecureRandom());
  final String analystToken = Tokens.generate(new SecureRandom());
  final AtomicBoolean full = new AtomicBoolean();
  final List<Optional<Code>> messages = new CopyOnWriteArrayList<>();

  /** Makes reading a message over the API fail as no message does. */
  final AtomicBoolean failing = new AtomicBoolean();

  /** How often a message's file was read. */
  final AtomicInteger looks = new AtomicInteger();

  final AtomicLong nowMillis = new AtomicLong(1_000);
  final AgentStore store;
  final ApiServer api;
  final BlockBuilder builder;
  final SecretKey key;

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final Spooler spooler;
  private final Intakes intakes;

  /**
   * @param folder empty, or of an agent that was closed
   */
  RestAgent(Path folder) throws IOException {
    this(folder, Submissions.DEADLINE_MILLIS);
  }

  RestAgent(Path folder, long deadlineMillis) throws IOException {
    if (!Files.exists(folder.resolve("rules"))) {
      AgentFolder.write(folder);
    }
    RuleSet ruleSet = RuleSet.load(folder.resolve("rules"));
    byte[] keyBytes = new byte[SymmetricKey.KEY_BYTES];
    key = new SymmetricKey(keyBytes).forAlgorithm("HmacSHA256");
    store = TestStores.open(folder.resolve("data"));
    var consortium = new TestConsortium(1);
    var directory = new KeyDirectory(consortium.charter, store, () -> 0);
    for (int i = 0; i < 3; i++) {
      directory.record(consortium.key(i, 0, 10));
    }
    var random = new SecureRandom();
    var contract = ruleSet.contract();
    var sessions =
        new SealingSessions(
            consortium.charter, TestConsortium.BANK, consortium.bankKey, store, directory, random);
    var seen = new SeenRows(store);
    builder = new BlockBuilder(1, 100, 0, System::nanoTime);
    spooler =
        new Spooler(
            store,
            new BlockFormat(
                contract.name(), contract.version(), contract.hash(), contract.layout()),
            sessions,
            builder,
            seen,
            new NoBrokers(false),
            random);
    SourceMapping mapping = mapping();
    intakes =
        new Intakes(
            ruleSet,
            key,
            seen,
            builder,
            new KeptHistory(contract, store, HistoryLimits.DEFAULT, 16));
    List<String> columns = List.copyOf(mapping.columnNames());
    var submissions =
        new Submissions(
            () -> intakes.open(mapping, columns),
            () -> new RowIds(key),
            new IdempotencyKeys(store),
            full::get,
            nowMillis::get,
            deadlineMillis);
    api = new ApiServer(api(folder), tokens(folder));
    OpenApiDocument.addTo(api);
    new TransactionRoutes(submissions, new TransactionFormats("rest", columns)).addTo(api);
    var messageSubmissions =
        new Submissions(
            () -> intakes.open(messageMapping(), IsoField.columns()),
            () -> new RowIds(key),
            new IdempotencyKeys(store),
            full::get,
            nowMillis::get,
            deadlineMillis);
    new MessageRoutes(messageSubmissions, new IsoFormat(IsoLimits.DEFAULT, SCHEMAS, this::posted))
        .addTo(api);
    new TransactionStatus(
            reference -> store.standings(new RowIds(key).reference(reference)),
            this::notices,
            () -> "brokers",
            nowMillis::get)
        .addTo(api);
    new DeskRoutes(Desk.open(store.desk(), DeskConfig.DEFAULT), this::notices, nowMillis::get)
        .addTo(api);
    new DeliveryRoutes(noSinks()).addTo(api);
    api.start(folder.resolve("data"));
    for (int i = 0; i < 2; i++) {
      start(() -> submissions.run(stopping::get));
      start(() -> messageSubmissions.run(stopping::get));
    }
  }

  private void posted(Optional<Code> refusal) {
    if (failing.get()) {
      throw new IllegalStateException("told by the test");
    }
    messages.add(refusal);
  }

  List<TakenNotice> notices(String reference) {
    return store.notices(new RowIds(key).reference(reference));
  }

  private AlertSinks noSinks() throws IOException {
    var config =
        new AgentConfig.Alerts(
            AgentConfig.Console.NONE,
            Optional.empty(),
            Optional.empty(),
            SinkSection.TopicFormat.AVRO,
            Optional.empty(),
            Optional.empty(),
            0,
            DeskConfig.DEFAULT);
    return AlertSinks.open(
        config,
        "",
        () -> {
          throw new AssertionError("no topic is configured");
        },
        store.desk(),
        new SimpleMeterRegistry());
  }

  private static SourceMapping mapping() {
    return mapping(
        """
        reference: id
        time: {column: time, unit: seconds, origin: 2024-01-01T00:00:00Z}
        columns: {amount: amount, count: count}
        """);
  }

  private static SourceMapping messageMapping() {
    return mapping(
        """
        reference: identity
        time: {column: eventTime, zone: Europe/Berlin}
        columns: {amount: amount, count: {constant: 2}}
        """);
  }

  private static SourceMapping mapping(String text) {
    var problems = new Problems();
    var mapping = SourceMapping.read(Document.parse("mapping", text, problems));
    problems.throwIfAny();
    return mapping;
  }

  private static AgentConfig.Api api(Path folder) {
    return new AgentConfig.Api("127.0.0.1", 0, Optional.empty(), folder.resolve("tokens.yaml"));
  }

  private Tokens tokens(Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("tokens.yaml"),
            "format: 1\ntokens:\n"
                + Tokens.entry("core", EnumSet.of(Role.INGEST), token)
                + Tokens.entry("team", EnumSet.of(Role.ANALYST), analystToken));
    var problems = new Problems();
    Tokens tokens = Tokens.read(file, problems);
    problems.throwIfAny();
    return tokens;
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private void start(Work work) {
    threads.add(
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    work.run();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
  }

  /** Messages that appear in a folder are taken from now on. */
  RestAgent watching(Path inbox) {
    var ids = new RowIds(key);
    var source =
        new MessageFolder(
            inbox,
            IsoLimits.DEFAULT,
            SCHEMAS,
            List.of(IsoField.values()),
            store::source,
            digest -> {
              looks.incrementAndGet();
              return ids.tail(digest);
            },
            messages::add,
            System::currentTimeMillis,
            Duration.ofMillis(100),
            stopping::get);
    start(() -> source.run(intakes.open(messageMapping(), IsoField.columns())));
    return this;
  }

  /** From now on what was handed in becomes durable. */
  RestAgent storing() {
    start(spooler::run);
    return this;
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path))
        .header("Authorization", "Bearer " + token);
  }

  HttpRequest post(String path, String type, String body, Map<String, String> headers) {
    HttpRequest.Builder request = request(path).header("Content-Type", type);
    headers.forEach(request::header);
    return request.POST(HttpRequest.BodyPublishers.ofString(body)).build();
  }

  HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  HttpClient client() {
    return client;
  }

  @Override
  public void close() throws IOException {
    api.close();
    stopping.set(true);
    builder.end();
    try {
      for (Thread thread : threads) {
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
    store.close();
  }
}
