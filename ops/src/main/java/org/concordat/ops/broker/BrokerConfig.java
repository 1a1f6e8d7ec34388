package org.concordat.ops.broker;

import java.nio.file.Path;
import org.concordat.schemas.bus.KafkaConnection;
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
    Path data) {
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
                .normalize());
    top.finish();
    return config;
  }
}
