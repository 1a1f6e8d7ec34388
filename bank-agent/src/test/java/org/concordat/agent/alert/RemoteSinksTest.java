package org.concordat.agent.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.concordat.agent.config.SinkSection;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.record.Alert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real HTTP server and a real TCP listener. */
@Timeout(60)
class RemoteSinksTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  private WebhookSink webhook(int port) throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), SECRET + "\n");
    URI url = URI.create("http://127.0.0.1:" + port + "/alerts");
    return WebhookSink.open(new SinkSection.Webhook(url, secret), () -> 1_700_000_000_999L);
  }

  @Test
  void aWebhookGetsSignedEventsAndEachAgainUntilItTakesIt() throws Exception {
    var bodies = new ConcurrentLinkedQueue<byte[]>();
    var signatures = new ConcurrentLinkedQueue<String>();
    var answers = new ConcurrentLinkedQueue<>(List.of(503, 200, 302, 429, 204));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/alerts",
        exchange -> {
          bodies.add(exchange.getRequestBody().readAllBytes());
          signatures.add(exchange.getRequestHeaders().getFirst(WebhookSink.SIGNATURE));
          exchange.sendResponseHeaders(answers.remove(), -1);
          exchange.close();
        });
    server.start();
    try (AgentStore store = TestStores.open(folder.resolve("data"));
        WebhookSink sink = webhook(server.getAddress().getPort())) {
      AlertSinks sinks = TestSink.sinks(Map.of("webhook", sink), store.desk(), 10);
      TestSink.add(sinks, store.desk(), AlertSinksTest.alert("aa"), AlertSinksTest.alert("bb"));
      TestSink.deliverAll(sinks);
      assertThat(sinks.log().after(-1, Optional.empty(), 10))
          .extracting(json -> json.getString("firstAlert") + " " + json.getString("cause", "ok"))
          .containsExactly("aa HTTP 503", "aa ok", "bb HTTP 302", "bb HTTP 429", "bb ok");
    } finally {
      server.stop(0);
    }
    List<String> ids = new ArrayList<>();
    for (byte[] body : bodies) {
      JsonNode event = new ObjectMapper().readTree(body);
      ids.add(event.path("id").asText());
      assertThat(event.at("/data/rule").asText()).isEqualTo("risk");
      assertThat(signatures.remove()).isEqualTo("t=1700000000,v1=" + hmac("1700000000.", body));
    }
    assertThat(ids).containsExactly("aa", "aa", "bb", "bb", "bb");
  }

  private static String hmac(String time, byte[] body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    mac.update(time.getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(mac.doFinal(body));
  }

  @Test
  void aWebhookThatIsNotThereIsAFailureThatCanBeTriedAgain() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (WebhookSink sink = webhook(port)) {
      assertThatThrownBy(() -> sink.deliver(List.of(AlertSinksTest.alert("aa"))))
          .isInstanceOf(IOException.class);
      assertThat(sink.toString()).doesNotContain(SECRET);
    }
  }

  @Test
  void anAnswerThatIsNotHttpIsAFailureThatCanBeTriedAgain() throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        WebhookSink sink = webhook(listener.getLocalPort())) {
      CompletableFuture<Socket> answered =
          CompletableFuture.supplyAsync(
              () -> answer(listener, "HTTP/1.1 200 OK\r\nContent-Length: none\r\n\r\n"));
      assertThatThrownBy(() -> sink.deliver(List.of(AlertSinksTest.alert("aa"))))
          .isInstanceOf(IOException.class);
      answered.get(30, TimeUnit.SECONDS).close();
    }
  }

  /** The connection stays up: a break is a failure too. */
  private static Socket answer(ServerSocket listener, String answer) {
    Socket socket = accept(listener);
    try {
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      return socket;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SyslogSink syslog(int port) throws IOException {
    return SyslogSink.open(new SinkSection.Syslog("127.0.0.1", port, false, Optional.empty()));
  }

  /** Reads one counted message. */
  private static String frame(InputStream in) throws IOException {
    int length = 0;
    for (int next = in.read(); next != ' '; next = in.read()) {
      length = 10 * length + Character.digit(next, 10);
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  @Test
  void aCollectorGetsCountedMessagesAndAfterABreakTheNextConnection() throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SyslogSink sink = syslog(listener.getLocalPort())) {
      Alert odd = AlertSinksTest.alert("bb");
      odd.put("reference", "P=1|\\\n");
      CompletableFuture<Socket> first = CompletableFuture.supplyAsync(() -> accept(listener));
      sink.deliver(List.of(AlertSinksTest.alert("aa"), odd));
      Socket socket = first.get(30, TimeUnit.SECONDS);
      List<String> messages =
          List.of(frame(socket.getInputStream()), frame(socket.getInputStream()));
      assertThat(messages.getFirst())
          .matches("<84>1 1970-01-01T00:00:00.002Z \\S+ concordat-agent - alert - CEF:0\\|.*")
          .endsWith(
              "CEF:0|Concordat|bank-agent|4|risk|A high risk|5|externalId=aa rt=2"
                  + " start=2026-01-07T00:00:00Z cs1Label=reference cs1=P-aa cs2Label=mode cs2=test"
                  + " cs3Label=verified cs3=true cs4Label=score cs4=7.25"
                  + " msg=They are many; It is new");
      assertThat(messages.get(1)).contains(" cs1=P\\=1|\\\\\\n cs2Label");
      socket.close();
      // Noticed at once; the next try connects anew.
      assertThatThrownBy(() -> sink.deliver(List.of(AlertSinksTest.alert("cc"))))
          .isInstanceOf(IOException.class);
      CompletableFuture<Socket> second = CompletableFuture.supplyAsync(() -> accept(listener));
      sink.deliver(List.of(AlertSinksTest.alert("cc")));
      try (Socket again = second.get(30, TimeUnit.SECONDS)) {
        assertThat(frame(again.getInputStream())).contains("externalId=cc");
      }
    }
  }

  @Test
  void aCollectorThatTakesNothingIsNotWaitedForWithoutEnd() throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var config =
          new SinkSection.Syslog("127.0.0.1", listener.getLocalPort(), false, Optional.empty());
      listener.setReceiveBufferSize(4_096);
      // More than the sockets' buffers hold.
      List<Alert> many = Collections.nCopies(50_000, AlertSinksTest.alert("aa"));
      try (SyslogSink sink = SyslogSink.open(config, 500)) {
        assertThatThrownBy(() -> sink.deliver(many)).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void aSlowCollectorGetsAllOfADelivery() throws Exception {
    try (var listener = new ServerSocket()) {
      // What is set doesn't grow.
      listener.setReceiveBufferSize(1 << 18);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      var config =
          new SinkSection.Syslog("127.0.0.1", listener.getLocalPort(), false, Optional.empty());
      Alert alert = AlertSinksTest.alert("aa");
      int count = 50_000;
      CompletableFuture<Integer> taken =
          CompletableFuture.supplyAsync(() -> takeSlowly(listener, count));
      try (SyslogSink sink = SyslogSink.open(config, 2_000)) {
        long startNanos = System.nanoTime();
        sink.deliver(Collections.nCopies(count, alert));
        assertThat(System.nanoTime() - startNanos)
            .as("longer than a piece may take")
            .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(2_000));
      }
      assertThat(taken.get(30, TimeUnit.SECONDS)).isEqualTo(count);
    }
  }

  /** Pauses for 6 s in all: each one is short. */
  private static int takeSlowly(ServerSocket listener, int count) {
    try (Socket socket = accept(listener);
        var in = new BufferedInputStream(socket.getInputStream())) {
      int taken = 0;
      while (taken < count && frame(in).contains("externalId=aa")) {
        taken++;
        if (taken % (count / 60) == 0) {
          Thread.sleep(100);
        }
      }
      return taken;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Socket accept(ServerSocket listener) {
    try {
      return listener.accept();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theFormatsOwnSignsAreEscaped() {
    assertThat(CefLine.header("a|b\\c=d\ne")).isEqualTo("a\\|b\\\\c=d e");
    assertThat(CefLine.extension("a|b\\c=d\r\ne\tf")).isEqualTo("a|b\\\\c\\=d\\r\\ne f");
  }
}
