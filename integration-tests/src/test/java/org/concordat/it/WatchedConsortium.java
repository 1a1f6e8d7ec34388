package org.concordat.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.simulate.PaymentSimulator;

/**
 * A consortium prepared for faults that fill every panel and fire every alert, and the files of the
 * Prometheus that watches it.
 *
 * <p>The alert rules are the shipped ones. Only how long they look back and wait is shortened: the
 * ranges in brackets with their offsets, the ages of processes and the values of {@code for}; no
 * query, threshold or label is touched.
 */
final class WatchedConsortium {
  static final List<String> BANKS = List.of("bank-a", "bank-b", "bank-c");

  /** Each range of the rules and dashboards, and what it is in this test. */
  private static final Map<String, String> RANGES =
      Map.of(
          "10s", "10s", "5m", "10s", "15m", "60s", "30m", "15s", "1h", "20s", "2h", "15s", "6h",
          "30s", "1d", "150s", "3d", "60s", "28d", "300s");

  /** A range with its resolution and offset, if it has them. */
  private static final Pattern RANGE =
      Pattern.compile("\\[\\d+[smhd](?::\\d+[smhd])?](?: offset \\d+[smhd])?");

  private static final Pattern DURATION = Pattern.compile("\\d+[smhd]");
  private static final long SEED = 7;
  private static final int DISK_MEGABYTES = 1_024;

  /** More than the faults' time needs at the rate, which is lifted when they are over. */
  private static final long PAYMENTS = 240_000;

  private static final int RATE = 100;
  private static final int BAD_AFTER = 2_000;
  private static final int BAD_ROWS = 600;
  private static final int FLAGS_PER_DAY = 40;
  private static final Duration SHORT_VALIDITY = Duration.ofDays(20);

  private final Path folder;
  private final Consortium consortium;
  private final Map<String, Integer> agentPorts = new LinkedHashMap<>();

  private WatchedConsortium(Path folder, Consortium consortium) {
    this.folder = folder;
    this.consortium = consortium;
  }

  static WatchedConsortium create(Path folder) throws Exception {
    Path ruleSet = linked(folder.resolveSibling("linked"));
    Consortium consortium = Consortium.create(folder, BANKS, 1, ruleSet, FLAGS_PER_DAY);
    var watched = new WatchedConsortium(folder, consortium);
    PaymentSimulator.writeFiles(
        SEED, BANKS.size(), PAYMENTS, bank -> folder.resolve(bank).resolve("payments.csv"));
    for (String bank : List.of("bank-a", "bank-b")) {
      watched.insertBadRows(bank);
      consortium.configureAgent(
          bank,
          new AgentInput(Path.of("payments.csv"), false, RATE, ruleSet.resolve("mapping.yaml")));
      int port = PrometheusServer.freePort();
      watched.agentPorts.put(bank, port);
      watched.edit(bank + "/agent.yaml", "port: 0", "port: " + port);
    }
    consortium.configureAgent(
        "bank-c",
        new AgentInput(Path.of("payments.csv"), false, 0, ruleSet.resolve("mapping.yaml")));
    // Few large blocks and a spool that fills soon; the other bank sends many small ones.
    watched.append(
        "bank-a/agent.yaml",
        "blocks:\n  lingerMillis: 500\nlimits:\n  spoolBytesMax: " + (4 << 20) + "\n");
    watched.edit("bank-a/agent.yaml", "waitMillis: 30000", "waitMillis: 0");
    for (String aggregator : Consortium.AGGREGATORS) {
      watched.edit(aggregator + "/aggregator.yaml", "batch:\n", "batch:\n  stallMillis: 4000\n");
    }
    watched.shortenTheCertificate("bank-b");
    return watched;
  }

  /** Rules on payments that remember some of the accounts, fewer than there are. */
  private static Path linked(Path target) throws IOException {
    Runs.copy(ShippedRules.folder("payments"), target);
    edit(
        target.resolve("contract.yaml"),
        "\nfeatures:\n",
        """

        entitySalt: "000102030405060708090a0b0c0d0e0f"
        features:
          payer: {type: entity, kind: account}
          payee: {type: entity, kind: account}
        """);
    edit(
        target.resolve("mapping.yaml"),
        "\ncolumns:\n",
        """

        columns:
          payer: debtor_account
          payee: creditor_account
        """);
    edit(
        target.resolve("rules.yaml"),
        "\nrules:\n",
        """

        linkage: 64
        entitiesMax: 20_000
        entitiesPerBank: 3_000
        windows:
          payee_in_7d: {entity: payee, as: payee, window: 7d, count: true, events: 30}
        rules:
          - rule: busy-payee
            title: An account that is paid often
            condition: {feature: payee_in_7d, atLeast: 30}
        """);
    return target;
  }

  /** Puts a bank's data on a small disk of its own, where this process may. */
  Optional<SmallDisk> giveASmallDisk(String bank) throws Exception {
    return SmallDisk.mount(folder.resolve(bank).resolve("data"), DISK_MEGABYTES);
  }

  /** Fills it but for a twentieth. */
  Path fillTheDisk(String bank) throws IOException {
    Path file = folder.resolve(bank).resolve("data/of-somebody-else");
    long free = Files.getFileStore(file.getParent()).getUsableSpace();
    try (var out = Files.newOutputStream(file)) {
      byte[] block = new byte[1 << 20];
      long left = (long) DISK_MEGABYTES * block.length / 20;
      for (long rest = free - left; rest > 0; rest -= block.length) {
        out.write(block);
      }
    }
    return file;
  }

  static Path home() {
    return Path.of(System.getProperty("concordat.home"));
  }

  Consortium consortium() {
    return consortium;
  }

  /** Alerts wait for the third share again. */
  void letAlertsWait() throws IOException {
    edit("bank-a/agent.yaml", "waitMillis: 0", "waitMillis: 5000");
  }

  /** What is left of the payments comes as fast as it can be taken, from the agent's next start. */
  void liftTheRate(String bank) throws IOException {
    edit(bank + "/agent.yaml", "ratePerSecond: " + RATE, "ratePerSecond: 0");
  }

  void restoreTheCertificate(String bank) throws IOException {
    for (String file : List.of("tls.crt", "tls.key")) {
      Path own = folder.resolve(bank).resolve(file);
      Files.write(own, Files.readAllBytes(own.resolveSibling(file + ".old")));
    }
  }

  private void insertBadRows(String bank) throws IOException {
    Path file = folder.resolve(bank).resolve("payments.csv");
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    for (int i = 0; i < BAD_ROWS; i++) {
      lines.add(BAD_AFTER, "too,few,columns");
    }
    Files.write(file, lines);
  }

  private void edit(String file, String before, String after) throws IOException {
    edit(folder.resolve(file), before, after);
  }

  private static void edit(Path path, String before, String after) throws IOException {
    String text = Files.readString(path);
    if (!text.contains(before)) {
      throw new AssertionError(path + " has no " + before);
    }
    Files.writeString(path, text.replace(before, after));
  }

  private void append(String file, String more) throws IOException {
    Path path = folder.resolve(file);
    Files.writeString(path, Files.readString(path) + more);
  }

  private void shortenTheCertificate(String bank) throws Exception {
    for (String file : List.of("tls.crt", "tls.key")) {
      Path own = folder.resolve(bank).resolve(file);
      Files.copy(own, own.resolveSibling(file + ".old"));
    }
    Instant now = Instant.now();
    Strangers.Identity issued =
        Strangers.issued(folder, bank, now.minusSeconds(60), now.plus(SHORT_VALIDITY));
    Path own = folder.resolve(bank);
    Files.writeString(own.resolve("tls.crt"), Strangers.certificatePem(issued));
    // Over the old key, whose permissions stay.
    Files.writeString(own.resolve("tls.key"), Strangers.keyPem(issued));
  }

  /** The configuration of the Prometheus that watches, with the shipped rules. */
  Path prometheusConfig(Path target) throws IOException {
    Path rules = Files.createDirectories(target.resolve("rules"));
    try (Stream<Path> files = Files.list(home().resolve("ops/alerts"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).toList()) {
        String text = shortened(Files.readString(file)).replaceAll("for: [1-9]\\d*m", "for: 1s");
        Files.writeString(rules.resolve(file.getFileName()), text, StandardCharsets.UTF_8);
      }
    }
    String aggregators = targets(Consortium.AGGREGATORS.stream().map(consortium::aggregatorPort));
    String agents = targets(agentPorts.values().stream());
    String text =
        """
        global:
          scrape_interval: 1s
          scrape_timeout: 1s
          evaluation_interval: 1s
        rule_files: ["%s/*.yaml"]
        scrape_configs:
          - job_name: concordat-aggregator
            static_configs: [{targets: [%s]}]
          - job_name: concordat-agent
            static_configs: [{targets: [%s]}]
        """
            .formatted(rules, aggregators, agents);
    return Files.writeString(target.resolve("prometheus.yaml"), text);
  }

  private static String targets(Stream<Integer> ports) {
    return String.join(", ", ports.map(port -> "\"127.0.0.1:" + port + "\"").toList());
  }

  /** A query with this test's ranges and ages, which are as long as the ranges. */
  static String shortened(String text) {
    return RANGE
        .matcher(text)
        .replaceAll(
            range -> DURATION.matcher(range.group()).replaceAll(found -> ours(found.group())))
        .replace("< 15 * 60", "< 60")
        .replace("< 24 * 3600", "< 150");
  }

  private static String ours(String duration) {
    String ours = RANGES.get(duration);
    if (ours == null) {
      throw new AssertionError("A range that this test doesn't know: " + duration);
    }
    return ours;
  }
}
