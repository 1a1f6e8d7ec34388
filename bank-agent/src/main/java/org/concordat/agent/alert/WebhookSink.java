package org.concordat.agent.alert;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.concordat.agent.config.SinkSection;
import org.concordat.schemas.record.Alert;

/**
 * Posts each alert as a CloudEvent. Header {@value #SIGNATURE} is {@code t=SECONDS,v1=HEX}: Unix
 * time, and HMAC-SHA-256 under the secret over {@code SECONDS.BODY}. A receiver refuses old times,
 * and drops an id that it has.
 */
final class WebhookSink implements AlertSink {
  static final String SIGNATURE = "Concordat-Signature";

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** The receiver answered that it didn't take an alert. */
  static final class AnsweredException extends IOException {
    private final int status;

    AnsweredException(int status) {
      super("The webhook answers that it did not take an alert.");
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  private final URI url;
  private final SecretKey secret;
  private final LongSupplier millisClock;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  private WebhookSink(URI url, SecretKey secret, LongSupplier millisClock) {
    this.url = url;
    this.secret = secret;
    this.millisClock = millisClock;
  }

  static WebhookSink open(SinkSection.Webhook config, LongSupplier millisClock) throws IOException {
    byte[] key = Files.readString(config.secret()).strip().getBytes(StandardCharsets.UTF_8);
    return new WebhookSink(config.url(), new SecretKeySpec(key, "HmacSHA256"), millisClock);
  }

  @Override
  public int batchMax() {
    return 1;
  }

  @Override
  public void deliver(List<Alert> alerts) throws IOException, InterruptedException {
    for (Alert alert : alerts) {
      byte[] body = AlertEvent.json(alert);
      long seconds = Math.floorDiv(millisClock.getAsLong(), 1_000L);
      var request =
          HttpRequest.newBuilder(url)
              .timeout(TIMEOUT)
              .header("Content-Type", AlertEvent.MEDIA_TYPE)
              .header(SIGNATURE, "t=" + seconds + ",v1=" + signature(seconds, body))
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build();
      int status = status(request);
      if (status < 200 || status > 299) {
        throw new AnsweredException(status);
      }
    }
  }

  private int status(HttpRequest request) throws IOException, InterruptedException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IllegalArgumentException e) {
      // The client throws it for an answer whose Content-Length is no number.
      throw new IOException("The webhook's answer isn't HTTP.", e);
    }
  }

  private String signature(long seconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(secret);
      mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is missing.", e);
    }
  }

  @Override
  public void close() {
    http.close();
  }

  @Override
  public String toString() {
    return "WebhookSink";
  }
}
