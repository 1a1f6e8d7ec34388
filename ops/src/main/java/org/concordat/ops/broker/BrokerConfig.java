package org.concordat.ops.broker;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/**
 * What the embedded broker is told. Paths in the file are relative to the file.
 *
 * @param host under which clients reach the broker
 * @param listen address of the listener for clients; loopback unless the file says otherwise
 * @param port of the listener for clients
 * @param controllerPort of the KRaft controller, on loopback
 * @param saslPort of a listener for clients with SASL/SCRAM, on loopback; 0 for none
 * @param kafka the broker's own certificate; its {@code bootstrap} is the listener for clients
 * @param data folder of the broker's log
 * @param bankBytesPerSecond that each bank may write to each broker
 * @param diskBytesMax that the data may take; 0 for no bound
 * @param cluster which of several brokers it is
 */
public record BrokerConfig(
    String host,
    String listen,
    int port,
    int controllerPort,
    int saslPort,
    String clusterId,
    Path charter,
    KafkaConnection kafka,
    Path data,
    long bankBytesPerSecond,
    long diskBytesMax,
    Http http,
    Cluster cluster) {
  private static final int NODE_MAX = 9;
  private static final long DISK_BYTES_MIN = 64L << 20;
  private static final long DISK_BYTES_MAX = 1L << 44;

  /**
   * Where health and metrics are served.
   *
   * @param port 0 for nowhere
   */
  public record Http(String host, int port) {}

  /**
   * The brokers of a cluster. Each topic is kept by up to three, and a write counts once all but
   * one of them have it.
   *
   * @param node this broker's number
   * @param controllers host:port by number; empty for a broker that is alone
   * @param doors more listeners for clients, by name
   */
  public record Cluster(int node, Map<Integer, String> controllers, Map<String, Door> doors) {
    private static final int REPLICATION_MAX = 3;

    /** Of how many brokers each topic is kept. */
    public int replication() {
      return Math.clamp(controllers.size(), 1, REPLICATION_MAX);
    }

    /** How many of them must have a record before a write counts. */
    public int inSyncMin() {
      return Math.max(1, replication() - 1);
    }
  }

  /**
   * A listener on loopback.
   *
   * @param reachedAt the port that clients are sent to: that of a relay before it
   */
  public record Door(int port, int reachedAt) {}

  /** Reads a file; the result means nothing if problems were added. */
  public static BrokerConfig read(Path file, Problems problems) {
    Path folder = file.toAbsolutePath().resolveSibling("").normalize();
    return read(Document.read(file, problems), folder);
  }

  /** As {@link #read(Path, Problems)}, of a document that was read. */
  public static BrokerConfig read(Document top, Path folder) {
    var config =
        new BrokerConfig(
            top.maybe("host").about("Under which clients reach the broker.").text("localhost"),
            top.maybe("listen")
                .about("Address of the listener for clients; 0.0.0.0 in a container.")
                .text("localhost"),
            (int) top.get("port").about("Of the listener for clients.").integer(1, 65_535),
            (int)
                top.get("controllerPort")
                    .about("Of the KRaft controller, on loopback.")
                    .integer(1, 65_535),
            (int)
                top.maybe("saslPort")
                    .about("Of a listener with SASL/SCRAM-SHA-512, on loopback; 0 for none.")
                    .integer(0, 65_535, 0),
            top.get("clusterId").about("Any id; it stays with the data.").text(),
            folder
                .resolve(top.get("charter").about("Whose topics and access rules are made.").text())
                .normalize(),
            KafkaConnection.read(top.get("kafka"), folder),
            folder
                .resolve(top.get("data").about("The folder of the broker's log.").text())
                .normalize(),
            top.maybe("bankBytesPerSecond")
                .about("What each bank may write to each broker; it has to wait with more.")
                .integer(
                    BankQuotas.BYTES_PER_SECOND_MIN,
                    BankQuotas.BYTES_PER_SECOND_MAX,
                    BankQuotas.BYTES_PER_SECOND),
            top.maybe("limits")
                .maybe("diskBytesMax")
                .about("Of the data, beyond which banks have to wait; without it there is none.")
                .integer(DISK_BYTES_MIN, DISK_BYTES_MAX),
            http(top.maybe("http")),
            cluster(top.maybe("cluster")));
    top.finish();
    return config;
  }

  private static Http http(Document section) {
    return new Http(
        section
            .maybe("host")
            .about("Where health and metrics are served, if there is a port.")
            .text("127.0.0.1"),
        (int) section.maybe("port").about("Without it they aren't.").integer(1, 65_535));
  }

  private static Cluster cluster(Document section) {
    int node =
        (int)
            section.maybe("node").about("This broker's number of several.").integer(1, NODE_MAX, 1);
    Document controllers = section.maybe("controllers");
    controllers.about("Each broker's host:port of the KRaft controller, under its number.");
    Map<Integer, String> addresses = new LinkedHashMap<>();
    for (String number : controllers.keys()) {
      Document at = controllers.get(number);
      String address = at.text();
      if (number.matches("[1-9]")) {
        addresses.put(Integer.parseInt(number), address);
      } else {
        at.add(Code.CDT_106, "A broker's number is 1 to 9.", "Number the brokers from 1.");
      }
    }
    Document doors = section.maybe("doors");
    doors.about("More listeners for clients, on loopback, by name; for tests of lost connections.");
    Map<String, Door> listeners = new LinkedHashMap<>();
    for (String name : doors.keys()) {
      Document door = doors.get(name);
      listeners.put(
          name,
          new Door(
              (int) door.get("port").about("Of the listener.").integer(1, 65_535),
              (int)
                  door.get("reachedAt")
                      .about("The port on loopback that clients are sent to.")
                      .integer(1, 65_535)));
    }
    return new Cluster(node, Map.copyOf(addresses), Map.copyOf(listeners));
  }
}
