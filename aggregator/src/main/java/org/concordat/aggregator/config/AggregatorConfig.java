package org.concordat.aggregator.config;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.keys.SealingKeys;
import org.concordat.aggregator.peer.LinkShape;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/**
 * Everything an aggregator is told. Paths in the file are relative to the file.
 *
 * @param folder of the file
 * @param laterRules folder of the rule sets that follow while the aggregator runs
 * @param peers the other aggregators' peer addresses by name
 * @param worker which of the aggregator's workers this is; nothing for a single process
 * @param simulatedNetwork between them, for measurements under a test charter
 */
public record AggregatorConfig(
    Path folder,
    String aggregator,
    Path charter,
    Path rules,
    Optional<Path> laterRules,
    Keys keys,
    Tls tls,
    InetSocketAddress listen,
    Map<String, InetSocketAddress> peers,
    KafkaConnection kafka,
    Http http,
    Batch batch,
    Limits limits,
    Optional<Worker> worker,
    LinkShape simulatedNetwork) {
  /** Of a sealing key's time in use, and of the time that it is kept after that. */
  public static final int KEY_HOURS_MAX = 8_760;

  private static final String WORKER_NAME = "[a-z0-9-]{1,32}";

  /**
   * The aggregator's secrets.
   *
   * @param sealing folder of the keys that banks seal to
   * @param lives of those keys; kept as long as the topics of shares keep a block, and a margin
   */
  public record Keys(Path signing, Path sealing, Path atRest, SealingKeys.Lives lives) {}

  /** PEM files for the peer links. */
  public record Tls(Path certificate, Path key, Path authority) {}

  /**
   * Where health, readiness and metrics are served.
   *
   * @param port 0 for any free one
   */
  public record Http(String host, int port) {}

  /**
   * How rows become batches.
   *
   * @param rowsMax of one batch
   * @param inFlightMax batches of a partition that are cut and not yet committed
   * @param intervalMillis from a cut to the next one, at least
   * @param aheadMillis the same where a batch is cut before the last one is committed
   * @param graceMillis that a missing block may still take
   * @param stallMillis without progress, after which an attempt is given up
   */
  public record Batch(
      int rowsMax,
      int inFlightMax,
      long intervalMillis,
      long aheadMillis,
      long graceMillis,
      long stallMillis) {}

  /**
   * Bounds.
   *
   * @param bufferedRowsMax rows of opened blocks held per partition before reading pauses
   * @param lagMillisMax age of the oldest waiting block beyond which this aggregator isn't ready
   */
  public record Limits(int bufferedRowsMax, long lagMillisMax) {}

  /**
   * One of several processes that share an aggregator's partitions.
   *
   * @param name 1 to 32 of [a-z0-9-]
   * @param address where peers reach it, as host:port
   */
  public record Worker(String name, String address) {}

  /** Reads a file; the result means nothing if problems were added. */
  public static AggregatorConfig read(Path file, Problems problems) {
    Path folder = file.toAbsolutePath().resolveSibling("").normalize();
    return read(Document.read(file, problems), folder);
  }

  /** As {@link #read(Path, Problems)}, of a document that was read. */
  public static AggregatorConfig read(Document top, Path folder) {
    Document keys = top.get("keys");
    Document tls = top.get("tls");
    Document batch = top.maybe("batch");
    Document limits = top.maybe("limits");
    var config =
        new AggregatorConfig(
            folder,
            top.get("aggregator").about("The aggregator's name in the charter.").text(),
            existing(folder, top.get("charter").about("The charter; its signatures beside it.")),
            existing(folder, top.get("rules").about("The folder of the signed rule set.")),
            laterRules(folder, top),
            new Keys(
                existing(folder, keys.get("signing").about("Signs cuts, votes and alert shares.")),
                existing(
                    folder, keys.get("sealing").about("The folder of the keys that open blocks.")),
                existing(
                    folder,
                    keys.get("atRest").about("Seals what the aggregator writes for itself.")),
                lives(keys)),
            new Tls(
                existing(
                    folder,
                    tls.get("certificate").about("Shown to peers; PEM chain, subject CN=name.")),
                existing(
                    folder,
                    tls.get("key")
                        .about("Its private key, PKCS#8, EC, for its owner's eyes alone.")),
                existing(
                    folder,
                    tls.get("authority").about("The authority of the peers' certificates."))),
            address(top.get("listen").about("host:port that peers connect to.")),
            peers(top.get("peers").about("Under each other aggregator's name its host:port.")),
            KafkaConnection.read(top.get("kafka"), folder),
            http(top.maybe("http")),
            new Batch(
                (int)
                    batch
                        .maybe("rowsMax")
                        .about(
                            "Rows of a batch. The same at all three aggregators: the least counts,"
                                + " and who has less names a leader that has more (CDT-606).")
                        .integer(Settings.ROWS_MAX_LEAST, 65_536, 16_384),
                (int)
                    batch
                        .maybe("inFlightMax")
                        .about(
                            "Batches of a partition that are cut and not yet committed; one where"
                                + " the rule set links payments.")
                        .integer(1, Settings.BATCHES_IN_FLIGHT_MAX, 4),
                batch
                    .maybe("intervalMillis")
                    .about("From a cut to the next one, at least.")
                    .integer(0, 60_000, 5),
                batch
                    .maybe("aheadMillis")
                    .about("The same where the last batch isn't committed yet.")
                    .integer(0, 60_000, 20),
                batch
                    .maybe("graceMillis")
                    .about("That a missing block may still take.")
                    .integer(100, 600_000, 2_000),
                batch
                    .maybe("stallMillis")
                    .about("Without progress, after which an attempt is given up.")
                    .integer(1_000, 600_000, 30_000)),
            new Limits(
                (int)
                    limits
                        .maybe("bufferedRowsMax")
                        .about(
                            "Opened rows held per partition before reading pauses: each bank has"
                                + " its part, 2,048 at least.")
                        .integer(16_384, 4_000_000, 131_072),
                limits
                    .maybe("lagMillisMax")
                    .about("Age of the oldest waiting block beyond which it isn't ready.")
                    .integer(1_000, 86_400_000, 60_000)),
            worker(top),
            simulatedNetwork(top.maybe("simulatedNetwork")));
    top.finish();
    return config;
  }

  private static SealingKeys.Lives lives(Document keys) {
    long inUseHours =
        keys.maybe("inUseHours")
            .about("After which a new sealing key is made.")
            .integer(1, KEY_HOURS_MAX, 24);
    Document kept =
        keys.maybe("keptHours")
            .about(
                "After which an old one is destroyed: at least what topics of shares keep, at most "
                    + SealingKeys.KEPT_PER_IN_USE_MAX
                    + " times inUseHours. Agents that get no later one seal under it for 168"
                    + " hours.");
    long keptHours = kept.integer(1, KEY_HOURS_MAX, 8 * 24);
    if (keptHours > SealingKeys.KEPT_PER_IN_USE_MAX * inUseHours) {
      kept.add(
          Code.CDT_106,
          "%d is more than %d times inUseHours, %d: there would be too many keys at a time."
              .formatted(keptHours, SealingKeys.KEPT_PER_IN_USE_MAX, inUseHours),
          "Raise inUseHours, or lower keptHours.");
    }
    return new SealingKeys.Lives(Duration.ofHours(inUseHours), Duration.ofHours(keptHours));
  }

  private static Optional<Path> laterRules(Path folder, Document top) {
    Document later =
        top.maybe("laterRules")
            .about("Where rule sets appear that follow, each in a folder; none for nowhere.");
    String name = later.text("");
    return name.isEmpty() || name.equals("none")
        ? Optional.empty()
        : Optional.of(folder.resolve(name).normalize());
  }

  private static Optional<Worker> worker(Document top) {
    if (!top.has("worker")) {
      return Optional.empty();
    }
    Document worker =
        top.get("worker")
            .about("Where several processes share the aggregator's partitions: which this is.");
    Document name = worker.get("name").about("Its own among them.");
    String named = name.text();
    if (name.isPresent() && !named.matches(WORKER_NAME)) {
      name.add(
          Code.CDT_105,
          "This can't be a worker's name.",
          "Write 1 to 32 of small letters, digits and hyphens.");
    }
    InetSocketAddress address =
        address(worker.get("address").about("host:port at which peers reach it."));
    return Optional.of(new Worker(named, address.getHostString() + ":" + address.getPort()));
  }

  private static LinkShape simulatedNetwork(Document network) {
    long micros =
        network
            .maybe("oneWayMicros")
            .about("Added to each way to a peer; for measurements, under a test charter alone.")
            .integer(0, 10_000_000, 0);
    long megabits =
        network
            .maybe("megabitsPerSecond")
            .about("Of each link and direction, likewise; 0 for as fast as it goes.")
            .integer(0, 1_000_000, 0);
    return micros == 0 && megabits == 0
        ? LinkShape.NONE
        : new LinkShape(
            Duration.ofNanos(micros * 1_000),
            megabits == 0 ? Long.MAX_VALUE : megabits * 1_000_000);
  }

  private static Http http(Document http) {
    return new Http(
        http.maybe("host")
            .about("Where health, readiness and metrics are served.")
            .text("127.0.0.1"),
        (int) http.maybe("port").about("0 for any free one.").integer(0, 65_535, 0));
  }

  private static Map<String, InetSocketAddress> peers(Document peers) {
    Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
    for (String name : peers.keys()) {
      addresses.put(name, address(peers.get(name)));
    }
    return addresses;
  }

  private static InetSocketAddress address(Document at) {
    String text = at.text();
    int colon = text.lastIndexOf(':');
    if (colon > 0) {
      try {
        return InetSocketAddress.createUnresolved(
            text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
      } catch (IllegalArgumentException e) {
        // said below
      }
    }
    if (at.isPresent()) {
      at.add(Code.CDT_105, "An address is expected here.", "Write host:port.");
    }
    return InetSocketAddress.createUnresolved("localhost", 0);
  }

  private static Path existing(Path folder, Document at) {
    Path path = folder.resolve(at.text()).normalize();
    if (at.isPresent() && !Files.exists(path)) {
      at.add(Code.CDT_101, "There is no " + path + ".", Code.CDT_101.fix());
    }
    return path;
  }
}
