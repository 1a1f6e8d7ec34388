package org.concordat.ops.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** One scrape of a process's Prometheus metrics. */
public final class Metrics {
  private static final Duration WAIT = Duration.ofSeconds(2);
  private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(WAIT).build();

  private final Map<String, Double> samples;

  private Metrics(Map<String, Double> samples) {
    this.samples = samples;
  }

  /** Nothing while no process answers at the port of this machine. */
  public static Optional<Metrics> scrape(int port) {
    try {
      HttpResponse<String> response =
          HTTP.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                  .timeout(WAIT)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(parse(response.body())) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** The text format: a name with labels, a blank, a number. */
  static Metrics parse(String text) {
    Map<String, Double> samples = new HashMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int blank = line.lastIndexOf(' ');
              if (blank > 0) {
                samples.put(
                    line.substring(0, blank), Double.parseDouble(line.substring(blank + 1)));
              }
            });
    return new Metrics(samples);
  }

  /** The sum over all samples of a name whose labels hold every given text. */
  public double sum(String name, String... labels) {
    double sum = 0;
    for (var sample : samples.entrySet()) {
      String key = sample.getKey();
      boolean named = key.equals(name) || key.startsWith(name + "{");
      for (String label : labels) {
        named &= key.contains(label);
      }
      if (named) {
        sum += sample.getValue();
      }
    }
    return sum;
  }
}
