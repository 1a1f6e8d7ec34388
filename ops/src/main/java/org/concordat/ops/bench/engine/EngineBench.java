package org.concordat.ops.bench.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.concordat.ops.bench.WorkFolder;
import org.concordat.ops.demo.Role;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.KeyFiles;

/** Starts the three parties and passes their figures on. */
public final class EngineBench {
  private static final int HEAP_MEGABYTES = 3_072;
  private static final Duration POLL = Duration.ofMillis(100);

  private final EngineOptions options;
  private final boolean json;
  private final PrintWriter out;

  public EngineBench(EngineOptions options, boolean json, PrintWriter out) {
    this.options = options;
    this.json = json;
    this.out = out;
  }

  /** Returns when all ops are measured. */
  public void run() throws IOException, InterruptedException {
    try (var folder = new WorkFolder()) {
      certificates(folder.path());
      List<String> ports = ports();
      List<Role> parties = new ArrayList<>();
      try {
        for (int party = EngineParty.PARTIES - 1; party >= 0; party--) {
          parties.add(start(folder.path(), party, ports));
        }
        follow(folder.path().resolve("results.jsonl"), parties);
      } finally {
        for (Role party : parties) {
          party.stop();
        }
      }
    }
  }

  private Role start(Path folder, int party, List<String> ports) throws IOException {
    List<String> args = new ArrayList<>(List.of("bench", "engine-party"));
    args.add(folder.toString());
    args.add(String.valueOf(party));
    args.add("--ports=" + String.join(",", ports));
    args.add("--op=" + String.join(",", options.ops().stream().map(EngineOp::label).toList()));
    args.add("--seed=" + options.seed());
    args.add("--rows=" + options.rows());
    args.add("--runs=" + options.runs());
    args.add("--warm-up=" + options.warmUpSeconds());
    args.add("--lanes=" + options.lanes());
    args.add("--delay=" + options.roundTrip().toMillis());
    args.add(
        "--bandwidth="
            + (options.bitsPerSecond() == Long.MAX_VALUE
                ? 0
                : options.bitsPerSecond() / 1_000_000));
    String name = EngineParty.name(party);
    return Role.start(name, HEAP_MEGABYTES, folder.resolve(name + ".log"), args);
  }

  private static void certificates(Path folder) throws IOException {
    Certificates authority = Certificates.createAuthority("bench-ca", Duration.ofDays(1));
    Files.writeString(folder.resolve("ca.pem"), authority.authorityPem());
    for (int party = 0; party < EngineParty.PARTIES; party++) {
      String name = EngineParty.name(party);
      Certificates.Issued issued = authority.issue(name, Duration.ofDays(1));
      Files.writeString(folder.resolve(name + ".pem"), issued.certificatePem());
      KeyFiles.writePrivate(
          folder.resolve(name + ".key"), issued.keyPem().getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static List<String> ports() throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int party = 0; party < EngineParty.PARTIES; party++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(socket -> String.valueOf(socket.getLocalPort())).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  /** A line of the table. */
  private static String row(String line) throws IOException {
    JsonNode figures = new ObjectMapper().readTree(line);
    String speed =
        figures.has("millis")
            ? String.format(
                Locale.ROOT,
                "%.3f ms (p99 %.3f)",
                figures.get("millis").asDouble(),
                figures.get("p99Millis").asDouble())
            : String.format(Locale.ROOT, "%,d /s", figures.get("perSecond").asLong());
    return String.format(
        Locale.ROOT,
        "%-15s %24s %12.3f bytes a row %4d rounds %7d ands",
        figures.get("op").asText(),
        speed,
        figures.get("bytesPerRow").asDouble(),
        figures.get("rounds").asInt(),
        figures.get("ands").asInt());
  }

  private void follow(Path results, List<Role> parties) throws IOException, InterruptedException {
    int printed = 0;
    while (true) {
      List<String> lines = Files.exists(results) ? Files.readAllLines(results) : List.of();
      for (; printed < lines.size(); printed++) {
        out.println(json ? lines.get(printed) : row(lines.get(printed)));
        out.flush();
      }
      if (printed == options.ops().size()) {
        return;
      }
      for (Role party : parties) {
        if (!party.isAlive()) {
          throw party.ended();
        }
      }
      Thread.sleep(POLL);
    }
  }
}
