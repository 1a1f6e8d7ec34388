package org.concordat.agent.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.concordat.agent.LoggedFailures;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.store.StoreFullException;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ApiServerTest {
  private static final int BODY_BYTES_MAX = 1000;

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private final SecureRandom random = new SecureRandom();
  private final String ingest = Tokens.generate(random);
  private final String analyst = Tokens.generate(random);
  private long seconds = Instant.now().getEpochSecond();
  private ApiServer api;

  @BeforeEach
  void start() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("tokens.yaml"),
            "format: 1\ntokens:\n"
                + Tokens.entry("core", Set.of(Role.INGEST), ingest)
                + Tokens.entry("team", Set.of(Role.ANALYST, Role.AUDITOR), analyst));
    var problems = new Problems();
    Tokens tokens = Tokens.read(file, problems);
    problems.throwIfAny();
    api = new ApiServer(new AgentConfig.Api("127.0.0.1", 0, Optional.empty(), file), tokens);
    api.add(Route.post("/v1/things:batch", Set.of(Role.INGEST), BODY_BYTES_MAX, this::echo));
    api.add(Route.get("/v1/things/{ref}", Set.of(Role.INGEST, Role.ANALYST), this::name));
    api.add(Route.get("/v1/open", Set.of(), context -> context.end("open")).notBlocking());
    api.add(
        Route.get(
            "/v1/broken",
            Set.of(),
            context -> {
              throw new IllegalStateException("a secret");
            }));
    api.add(
        Route.get(
            "/v1/full",
            Set.of(),
            context -> {
              throw new StoreFullException(folder, new IOException("a secret"));
            }));
    api.start(folder);
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    api.close();
  }

  private void echo(RoutingContext context) {
    context.end(ApiServer.caller(context).name() + ":" + context.body().buffer().length());
  }

  private void name(RoutingContext context) {
    context.end(ApiServer.caller(context).name() + ":" + context.pathParam("ref"));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path));
  }

  private HttpResponse<String> get(String path, String authorization) throws Exception {
    HttpRequest.Builder request = request(path);
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, byte[] body) throws Exception {
    return client.send(
        request(path)
            .header("Authorization", "Bearer " + ingest)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void assertProblem(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).contains(ApiProblem.MEDIA_TYPE);
    var problem = new JsonObject(response.body());
    assertThat(problem.getString("code")).isEqualTo(code);
    assertThat(problem.getInteger("status")).isEqualTo(status);
    assertThat(problem.getString("type")).isEqualTo("urn:concordat:problem:" + code);
    assertThat(problem.getString("fix")).isNotBlank();
  }

  @Test
  void theTokenSaysWhoCallsAndWhatTheyMay() throws Exception {
    assertThat(get("/v1/things/a%2Fb", "Bearer " + ingest).body()).isEqualTo("core:a/b");
    assertThat(get("/v1/things/x", "Bearer " + analyst).body()).isEqualTo("team:x");
    assertThat(get("/v1/open", "").body()).isEqualTo("open");
    for (String wrong :
        List.of(
            "",
            "Bearer ",
            "Bearer " + ingest + "x",
            "Basic " + ingest,
            "Bearer " + "x".repeat(5000))) {
      HttpResponse<String> refused = get("/v1/things/x", wrong);
      assertProblem(refused, 401, "CDT-361");
      assertThat(refused.headers().firstValue("www-authenticate")).contains("Bearer");
    }
    HttpResponse<String> forbidden =
        client.send(
            request("/v1/things:batch")
                .header("Authorization", "Bearer " + analyst)
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertProblem(forbidden, 403, "CDT-362");
  }

  @Test
  void clearTextStaysHttp11() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(get("/v1/open", "").version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }
  }

  @Test
  void whatIsNotThereIsSaidSo() throws Exception {
    assertProblem(get("/v1/nothing", "Bearer " + ingest), 404, "CDT-363");
    assertProblem(get("/v1/thingsXbatch", "Bearer " + ingest), 404, "CDT-363");
    assertProblem(get("/v1/things:batch", "Bearer " + ingest), 405, "CDT-364");
  }

  @Test
  void aBodyMayBeAsLongAsItsLimit() throws Exception {
    assertThat(post("/v1/things:batch", new byte[BODY_BYTES_MAX]).body())
        .isEqualTo("core:" + BODY_BYTES_MAX);
    assertProblem(post("/v1/things:batch", new byte[BODY_BYTES_MAX + 1]), 413, "CDT-366");
    var chunked =
        HttpRequest.BodyPublishers.fromPublisher(
            HttpRequest.BodyPublishers.ofByteArray(new byte[BODY_BYTES_MAX + 1]));
    HttpResponse<String> response =
        client.send(
            request("/v1/things:batch")
                .header("Authorization", "Bearer " + ingest)
                .POST(chunked)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertProblem(response, 413, "CDT-366");
  }

  @Test
  void aFailureTellsNothing() throws Exception {
    try (var logged = new LoggedFailures(ApiServer.class)) {
      HttpResponse<String> response = get("/v1/broken", "");
      assertProblem(response, 500, "CDT-379");
      assertThat(response.body()).doesNotContain("secret");
      assertThat(logged.only()).contains("IllegalStateException").doesNotContain("secret");
    }
  }

  @Test
  void aFullDiskIsNamed() throws Exception {
    HttpResponse<String> response = get("/v1/full", "");
    assertProblem(response, 507, "CDT-350");
    assertThat(response.body())
        .contains("disk of the agent's data folder")
        .doesNotContain("secret");
  }

  @Test
  void bodiesTogetherAreBounded() throws Exception {
    int fitting = 4;
    var arrived = new CountDownLatch(fitting);
    var go = new CountDownLatch(1);
    var problems = new Problems();
    Tokens tokens = Tokens.read(folder.resolve("tokens.yaml"), problems);
    try (var small =
        new ApiServer(new AgentConfig.Api("127.0.0.1", 0, Optional.empty(), folder), tokens)) {
      small.add(
          Route.post(
              "/v1/wait",
              Set.of(Role.INGEST),
              ApiServer.BODIES_BYTES_MAX / fitting,
              context -> {
                arrived.countDown();
                await(go);
                context.end("done");
              }));
      small.start(Files.createDirectory(folder.resolve("small")));
      var waiting = new ArrayList<CompletableFuture<HttpResponse<String>>>();
      // Without a length a body counts as the longest one.
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + small.port() + "/v1/wait"))
              .version(HttpClient.Version.HTTP_1_1)
              .header("Authorization", "Bearer " + ingest)
              .timeout(Duration.ofSeconds(30))
              .POST(
                  HttpRequest.BodyPublishers.fromPublisher(
                      HttpRequest.BodyPublishers.ofString("{}")))
              .build();
      for (int i = 0; i < fitting; i++) {
        waiting.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
      }
      await(arrived);
      HttpResponse<String> oneMore = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertProblem(oneMore, 429, "CDT-368");
      assertThat(oneMore.headers().firstValue("retry-after")).isPresent();
      go.countDown();
      for (var response : waiting) {
        assertThat(response.join().body()).isEqualTo("done");
      }
      assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .as("room is given back")
          .isEqualTo(200);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void othersAreCalledOverTls13Only() throws Exception {
    Certificates authority = Certificates.createAuthority("test-ca", Duration.ofDays(1));
    var issued = authority.issue("localhost", Duration.ofDays(1));
    var tls =
        new AgentConfig.ApiTls(
            Files.writeString(folder.resolve("tls.crt"), issued.certificatePem()),
            Files.writeString(folder.resolve("tls.key"), issued.keyPem()));
    var problems = new Problems();
    Tokens tokens = Tokens.read(folder.resolve("tokens.yaml"), problems);
    try (var secure =
        new ApiServer(new AgentConfig.Api("127.0.0.1", 0, Optional.of(tls), folder), tokens)) {
      secure.add(Route.get("/v1/open", Set.of(), context -> context.end("open")));
      secure.start(Files.createDirectory(folder.resolve("secure")));
      SSLContext trust = TestTrust.of(authority.authorityPem());
      var request =
          HttpRequest.newBuilder(URI.create("https://localhost:" + secure.port() + "/v1/open"))
              .build();
      try (var modern = HttpClient.newBuilder().sslContext(trust).build()) {
        HttpResponse<String> response = modern.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.body()).isEqualTo("open");
        assertThat(response.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
      }
      var old = new SSLParameters();
      old.setProtocols(new String[] {"TLSv1.2"});
      try (var outdated = HttpClient.newBuilder().sslContext(trust).sslParameters(old).build()) {
        org.assertj.core.api.Assertions.assertThatThrownBy(
                () -> outdated.send(request, HttpResponse.BodyHandlers.ofString()))
            .isInstanceOf(IOException.class);
      }
    }
  }

  private Path put(String name, String pem) throws IOException {
    Path file = folder.resolve(name);
    Files.deleteIfExists(file);
    KeyFiles.writePrivate(file, pem.getBytes(StandardCharsets.US_ASCII));
    // A file's time may be coarse.
    return Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(seconds++)));
  }

  private void put(Certificates.Issued issued) throws IOException {
    put("tls.crt", issued.certificatePem());
    put("tls.key", issued.keyPem());
  }

  /** What somebody is shown who connects now. */
  private static X509Certificate shown(ApiServer secure, String authorityPem) throws Exception {
    // By a context of its own: no session is resumed.
    try (var caller = HttpClient.newBuilder().sslContext(TestTrust.of(authorityPem)).build()) {
      return shown(secure, caller);
    }
  }

  private static X509Certificate shown(ApiServer secure, HttpClient caller) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("https://localhost:" + secure.port() + "/v1/open"))
            .build();
    HttpResponse<String> response = caller.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.body()).isEqualTo("open");
    assertThat(response.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
    return (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
  }

  @Test
  void aRenewedCertificateIsTakenWithoutARestart() throws Exception {
    Duration day = Duration.ofDays(1);
    Certificates authority = Certificates.createAuthority("test-ca", day);
    String trusted = authority.authorityPem();
    Certificates.Issued first = authority.issue("api", day);
    var tls =
        new AgentConfig.ApiTls(
            put("tls.crt", first.certificatePem()), put("tls.key", first.keyPem()));
    Tokens tokens = Tokens.read(folder.resolve("tokens.yaml"), new Problems());
    try (var secure =
            new ApiServer(new AgentConfig.Api("127.0.0.1", 0, Optional.of(tls), folder), tokens);
        var early = HttpClient.newBuilder().sslContext(TestTrust.of(trusted)).build()) {
      secure.add(Route.get("/v1/open", Set.of(), context -> context.end("open")));
      secure.renewCertificate();
      assertThat(secure.certificatePem()).as("before it listens").isEmpty();
      secure.start(Files.createDirectory(folder.resolve("secure")));
      secure.renewCertificate();
      assertThat(shown(secure, early)).isEqualTo(first.certificate());

      Certificates.Issued second = authority.issue("api-of-bank", day);
      put("tls.crt", second.certificatePem());
      secure.renewCertificate();
      assertThat(shown(secure, trusted)).as("no key yet").isEqualTo(first.certificate());
      assertThat(secure.certificatePem()).isEqualTo(first.certificatePem());
      put("tls.key", second.keyPem());
      secure.renewCertificate();
      assertThat(shown(secure, trusted)).isEqualTo(second.certificate());
      assertThat(secure.certificatePem()).isEqualTo(second.certificatePem());
      assertThat(shown(secure, early)).as("still up").isEqualTo(first.certificate());
    }
  }

  @Test
  void aPairThatCannotBeUsedChangesNothing() throws Throwable {
    Duration day = Duration.ofDays(1);
    Instant now = Instant.now();
    Certificates authority = Certificates.createAuthority("test-ca", day);
    Certificates.Issued first = authority.issue("api", day);
    put(first);
    var tls = new AgentConfig.ApiTls(folder.resolve("tls.crt"), folder.resolve("tls.key"));
    Tokens tokens = Tokens.read(folder.resolve("tokens.yaml"), new Problems());
    try (var secure =
        new ApiServer(new AgentConfig.Api("127.0.0.1", 0, Optional.of(tls), folder), tokens)) {
      secure.add(Route.get("/v1/open", Set.of(), context -> context.end("open")));
      secure.start(Files.createDirectory(folder.resolve("secure")));
      List<ThrowingCallable> faults =
          List.of(
              () -> put("tls.crt", authority.issue("api", day).certificatePem()),
              () -> put("tls.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n"),
              () -> put("tls.crt", ""),
              () -> Files.delete(folder.resolve("tls.crt")),
              () -> put(authority.issue("api", now.minus(day), now.minusSeconds(60))),
              () -> put(authority.issue("api", now.plus(day), now.plus(day.multipliedBy(2)))),
              () -> {
                put("tls.crt", first.certificatePem());
                put("tls.key", "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n");
              },
              () -> {
                put(authority.issue("api", day));
                Files.setPosixFilePermissions(
                    tls.key(), PosixFilePermissions.fromString("rw-r--r--"));
              });
      for (ThrowingCallable fault : faults) {
        fault.call();
        secure.renewCertificate();
        assertThat(secure.certificatePem()).isEqualTo(first.certificatePem());
      }
      assertThat(shown(secure, authority.authorityPem())).isEqualTo(first.certificate());
      Files.setPosixFilePermissions(tls.key(), PosixFilePermissions.fromString("rw-------"));
      secure.renewCertificate();
      assertThat(shown(secure, authority.authorityPem()))
          .as("now it can be used")
          .isNotEqualTo(first.certificate());
    }
  }

  @Test
  void aTokenFileIsReadWithAllItsFaults() throws IOException {
    Path wrong =
        Files.writeString(
            folder.resolve("wrong.yaml"),
            """
            format: 1
            tokens:
              - name: a b
                roles: [ingest]
                sha256: 00
              - name: twice
                roles: [king]
                sha256: %s
              - name: twice
                roles: []
            """
                .formatted("0".repeat(64)));
    var problems = new Problems();
    Tokens.read(wrong, problems);
    assertThat(problems.list())
        .extracting(Problem::code)
        .extracting(Enum::name)
        .containsExactly("CDT_106", "CDT_106", "CDT_106", "CDT_107", "CDT_104");
  }
}
