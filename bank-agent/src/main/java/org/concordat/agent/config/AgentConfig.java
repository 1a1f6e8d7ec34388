package org.concordat.agent.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.concordat.agent.encode.BlockRows;
import org.concordat.agent.encode.HistoryLimits;
import org.concordat.agent.ingest.MessageFormat;
import org.concordat.agent.iso.IsoLimits;
import org.concordat.agent.store.StoreLimits;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * Everything an agent is told. Paths in the file are relative to the file.
 *
 * @param rules folder of the signed rule set
 * @param laterRules folder of the rule sets that follow while the agent runs
 * @param data folder of the agent's own state
 */
public record AgentConfig(
    String bank,
    Path charter,
    Path rules,
    Optional<Path> laterRules,
    Keys keys,
    KafkaConnection kafka,
    Path data,
    Http http,
    Optional<Api> api,
    Ingest ingest,
    Blocks blocks,
    StoreLimits limits,
    HistoryLimits history,
    Alerts alerts) {
  /** Files with the bank's secrets. */
  public record Keys(Path signing, Path alert, Path transactionId, Path store) {}

  /**
   * Where transactions come from: at least one source, each with its own mapping.
   *
   * @param backfill read to its end before all others: fills histories and is never flagged
   */
  public record Ingest(
      Optional<Csv> backfill,
      Optional<Csv> csv,
      Optional<Rest> rest,
      Optional<Topic> kafka,
      Optional<Iso> iso20022,
      Optional<Outbox> outbox) {}

  /**
   * ISO 20022 messages, from the API and from a folder.
   *
   * @param folder where they appear; none to take them from the API alone
   */
  public record Iso(Optional<Path> folder, SourceMapping mapping, IsoLimits limits) {}

  /** Transactions that are sent to the API; the keys of their JSON are the mapping's columns. */
  public record Rest(SourceMapping mapping) {}

  /**
   * A topic of the bank's own.
   *
   * @param fromEnd whether it is begun at its end
   */
  public record Topic(
      KafkaConnection connection,
      String name,
      String groupId,
      boolean fromEnd,
      MessageFormat format,
      SourceMapping mapping) {}

  /**
   * A table of the bank's PostgreSQL that transactions are written to.
   *
   * @param slot under it the server knows how far the agent has come
   */
  public record Outbox(
      Server server,
      String schema,
      String table,
      String slot,
      String publication,
      MessageFormat format,
      SourceMapping mapping) {}

  /**
   * A database and who reads it.
   *
   * @param password a file; its text without surrounding space is the password
   * @param authority PEM of who issued the server's certificate; none for no TLS
   */
  public record Server(
      String host,
      int port,
      String database,
      String user,
      Path password,
      Optional<Path> authority) {}

  /**
   * A file that transactions come from.
   *
   * @param follow whether the file grows while it is read
   * @param ratePerSecond 0 for no limit
   */
  public record Csv(Path file, boolean follow, int ratePerSecond, SourceMapping mapping) {}

  /**
   * Where health, readiness and metrics are served.
   *
   * @param port 0 for any free one; the one in use is written to {@code http.port} in the data
   *     folder
   */
  public record Http(String host, int port) {}

  /**
   * Where the bank's own systems and people call.
   *
   * @param port 0 for any free one; the one in use is written to {@code api.port} in the data
   *     folder
   * @param tls required where others than this machine can call
   * @param tokens names the tokens with their roles
   */
  public record Api(String host, int port, Optional<ApiTls> tls, Path tokens) {}

  /** PEM files. */
  public record ApiTls(Path certificate, Path key) {}

  /** When a block is closed. */
  public record Blocks(int rowsMax, Duration linger) {}

  /** How alerts are printed. */
  public enum Console {
    NONE,
    TABLE,
    JSON
  }

  /**
   * Where alerts go.
   *
   * @param file gets a JSON line for each
   * @param topic of the bank's own on the same brokers
   * @param topicFormat how they stand there
   * @param waitMillis how long shares of one alert are waited for before it counts as unverified
   * @param desk how the bank treats them
   */
  public record Alerts(
      Console console,
      Optional<Path> file,
      Optional<String> topic,
      SinkSection.TopicFormat topicFormat,
      Optional<SinkSection.Webhook> webhook,
      Optional<SinkSection.Syslog> syslog,
      long waitMillis,
      DeskConfig desk) {}

  private static final long BYTES_MAX = 1L << 40;
  private static final long DISK_BYTES_MAX = 1L << 44;

  /** Reads a file; the result means nothing if problems were added. */
  public static AgentConfig read(Path file, Problems problems) {
    Path folder = file.toAbsolutePath().resolveSibling("").normalize();
    return read(Document.read(file, problems), folder);
  }

  /** As {@link #read(Path, Problems)}, of a document that was read. */
  public static AgentConfig read(Document top, Path folder) {
    Document keys = top.get("keys");
    var config =
        new AgentConfig(
            name(top.get("bank").about("The bank's name in the charter.")),
            existing(folder, top.get("charter").about("The charter; its signatures beside it.")),
            existing(folder, top.get("rules").about("The folder of the signed rule set.")),
            optional(
                    top.maybe("laterRules")
                        .about(
                            "Where rule sets appear that follow, each in a folder; none for"
                                + " nowhere."))
                .map(name -> folder.resolve(name).normalize()),
            new Keys(
                existing(folder, keys.get("signing").about("Signs blocks.")),
                existing(folder, keys.get("alert").about("Opens alerts.")),
                existing(folder, keys.get("transactionId").about("Makes ids of references.")),
                existing(folder, keys.get("store").about("Seals the data folder."))),
            KafkaConnection.read(top.get("kafka"), folder),
            path(folder, top.get("data").about("The folder of the agent's own state.")),
            http(top.maybe("http")),
            top.has("api")
                ? Optional.of(ApiSection.read(folder, top.get("api")))
                : Optional.empty(),
            ingest(folder, top.get("ingest"), top.has("api")),
            blocks(top.maybe("blocks")),
            limits(top.maybe("limits")),
            history(top.maybe("limits")),
            alerts(folder, top.maybe("alerts")));
    top.finish();
    return config;
  }

  private static Ingest ingest(Path folder, Document ingest, boolean api) {
    Optional<Csv> csv =
        ingest.has("csv") ? Optional.of(csv(folder, ingest.get("csv"))) : Optional.empty();
    Optional<Rest> rest =
        ingest.has("rest")
            ? Optional.of(
                new Rest(
                    mapping(folder, ingest.get("rest").get("mapping").about("What members mean."))))
            : Optional.empty();
    Optional<Topic> kafka =
        ingest.has("kafka")
            ? Optional.of(TopicSection.read(folder, ingest.get("kafka")))
            : Optional.empty();
    Optional<Iso> iso =
        ingest.has("iso20022")
            ? Optional.of(IsoSection.read(folder, ingest.get("iso20022"), api))
            : Optional.empty();
    Optional<Outbox> outbox =
        ingest.has("outbox")
            ? Optional.of(OutboxSection.read(folder, ingest.get("outbox")))
            : Optional.empty();
    if (ingest.isPresent()
        && Stream.of(csv, rest, kafka, iso, outbox).allMatch(Optional::isEmpty)) {
      ingest.add(Code.CDT_104, "No source is named.", "Add a section such as 'csv' or 'rest'.");
    }
    if (rest.isPresent() && !api) {
      ingest
          .get("rest")
          .add(
              Code.CDT_104,
              "The source needs the section 'api'.",
              "Add it, with listen and tokens.");
    }
    Optional<Csv> backfill =
        ingest.has("backfill")
            ? Optional.of(backfill(folder, ingest.get("backfill")))
            : Optional.empty();
    return new Ingest(backfill, csv, rest, kafka, iso, outbox);
  }

  private static Csv backfill(Path folder, Document backfill) {
    return new Csv(
        path(
            folder,
            backfill.get("file").about("Read to its end before all else; fills histories alone.")),
        false,
        0,
        mapping(folder, backfill.get("mapping").about("What its columns mean.")));
  }

  private static Csv csv(Path folder, Document csv) {
    return new Csv(
        path(folder, csv.get("file").about("The file to read.")),
        follow(csv),
        rate(csv),
        mapping(folder, csv.get("mapping").about("What its columns mean: a file, or here.")));
  }

  /** Stands in the configuration itself, or in a file that it names. */
  static SourceMapping mapping(Path folder, Document mapping) {
    if (!mapping.isScalar()) {
      return SourceMapping.read(mapping);
    }
    Document file = Document.read(folder.resolve(mapping.text()), mapping.problems());
    SourceMapping read = SourceMapping.read(file);
    file.finish();
    return read;
  }

  private static Http http(Document http) {
    return new Http(
        http.maybe("host")
            .about("Where health, readiness and metrics are served.")
            .text("127.0.0.1"),
        (int) http.maybe("port").about("0 for any free one.").integer(0, 65_535, 0));
  }

  private static boolean follow(Document csv) {
    return csv.maybe("follow").about("Whether the file grows while it is read.").bool(false);
  }

  private static int rate(Document csv) {
    return (int)
        csv.maybe("ratePerSecond")
            .about("Rows read at most; 0 for no limit.")
            .integer(0, 10_000_000, 0);
  }

  private static Blocks blocks(Document blocks) {
    return new Blocks(
        (int)
            blocks
                .maybe("rowsMax")
                .about("Rows of a block.")
                .integer(1, BlockRows.ROWS_MAX, BlockRows.ROWS_MAX),
        Duration.ofMillis(
            blocks
                .maybe("lingerMillis")
                .about("How long a block waits for more rows.")
                .integer(5, 60_000, 5)));
  }

  private static StoreLimits limits(Document limits) {
    StoreLimits read = storeLimits(limits);
    if (read.spoolBytesMax() > read.diskBytesMax()) {
      limits
          .maybe("diskBytesMax")
          .add(
              Code.CDT_106,
              "%d is less than spoolBytesMax, %d, and the spool is a part of it."
                  .formatted(read.diskBytesMax(), read.spoolBytesMax()),
              "Raise it beyond that, or lower spoolBytesMax.");
    }
    return read;
  }

  private static StoreLimits storeLimits(Document limits) {
    return new StoreLimits(
        limits
            .maybe("spoolBytesMax")
            .about("Of blocks that aren't scored; how many they may be goes by the heap.")
            .integer(4L << 20, BYTES_MAX, 1L << 30),
        limits
            .maybe("deadLetterBytesMax")
            .about("Of refused rows.")
            .integer(1L << 20, BYTES_MAX, 64L << 20),
        Duration.ofDays(
            limits.maybe("deadLetterDays").about("How long they are kept.").integer(1, 3_650, 35)),
        Duration.ofDays(
            limits
                .maybe("seenDays")
                .about("How long references are known and rows kept.")
                .integer(1, 3_650, 35)),
        Duration.ofHours(
            limits
                .maybe("answerHours")
                .about("How long the answer to a request is known under its idempotency key.")
                .integer(1, 168, 24)),
        limits
            .maybe("memoryBytesMax")
            .about("Of memory outside the heap, for what is read and written in the data folder.")
            .integer(32L << 20, BYTES_MAX, StoreLimits.MEMORY_BYTES),
        limits
            .maybe("diskBytesMax")
            .about("Of the data folder's store on its disk, all together; at it reading stops.")
            .integer(1L << 30, DISK_BYTES_MAX, StoreLimits.DISK_BYTES));
  }

  private static HistoryLimits history(Document limits) {
    return new HistoryLimits(
        (int)
            limits
                .maybe("historyAccountsMax")
                .about("Accounts whose payments are remembered.")
                .integer(1, Integer.MAX_VALUE, HistoryLimits.DEFAULT.accountsMax()),
        (int)
            limits
                .maybe("historyBeneficiariesMax")
                .about("Pairs of an account and a beneficiary that are remembered.")
                .integer(1, Integer.MAX_VALUE, HistoryLimits.DEFAULT.beneficiariesMax()));
  }

  private static Alerts alerts(Path folder, Document alerts) {
    Optional<String> file =
        optional(alerts.maybe("file").about("Gets a JSON line for each alert; none for no file."));
    return new Alerts(
        alerts
            .maybe("console")
            .about("How alerts are printed; none by default.")
            .choice(Console.class)
            .orElse(Console.NONE),
        file.map(name -> folder.resolve(name).normalize()),
        optional(
            alerts
                .maybe("topic")
                .about("Of the bank's own, on the same brokers; none for no topic.")),
        alerts
            .maybe("topicFormat")
            .about("What the topic gets: Avro, the default, or CloudEvents 1.0 in JSON.")
            .choice(SinkSection.TopicFormat.class)
            .orElse(SinkSection.TopicFormat.AVRO),
        SinkSection.webhook(folder, alerts),
        SinkSection.syslog(folder, alerts),
        alerts
            .maybe("waitMillis")
            .about("For the third share, before an alert counts as unverified.")
            .integer(0, 600_000, 5_000),
        DeskConfig.read(alerts.maybe("desk")));
  }

  private static Optional<String> optional(Document text) {
    text.text("");
    return text.isPresent() && !text.text().equals("none")
        ? Optional.of(text.text())
        : Optional.empty();
  }

  private static String name(Document name) {
    String text = name.text();
    if (name.isPresent() && !text.matches("[a-z0-9-]{1,32}")) {
      name.add(
          Code.CDT_106,
          "'" + text + "' is not a bank's name.",
          "Write 1 to 32 of a-z, 0-9 and '-'.");
    }
    return text;
  }

  private static Path path(Path folder, Document path) {
    return folder.resolve(path.text()).normalize();
  }

  static Path existing(Path folder, Document document) {
    Path path = path(folder, document);
    if (document.isPresent() && !Files.exists(path)) {
      document
          .problems()
          .add(
              new Problem(
                  Code.CDT_101,
                  document.place(),
                  "[" + document.path() + "] There is no " + path + ".",
                  Code.CDT_101.fix()));
    }
    return path;
  }
}
