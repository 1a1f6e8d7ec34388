package org.concordat.ops.broker;

import java.nio.file.Path;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/**
 * What the embedded broker is told. Paths in the file are relative to the file.
 *
 * @param port of the listener for clients, on loopback
 * @param controllerPort of the KRaft controller, on loopback
 * @param kafka the broker's own certificate; its {@code bootstrap} is the listener for clients
 * @param data folder of the broker's log
 */
public record BrokerConfig(
    int port,
    int controllerPort,
    String clusterId,
    Path charter,
    KafkaConnection kafka,
    Path data) {
  /** Reads a file; the result means nothing if problems were added. */
  public static BrokerConfig read(Path file, Problems problems) {
    Document top = Document.read(file, problems);
    Path folder = file.toAbsolutePath().resolveSibling("").normalize();
    var config =
        new BrokerConfig(
            (int) top.get("port").integer(1, 65_535),
            (int) top.get("controllerPort").integer(1, 65_535),
            top.get("clusterId").text(),
            folder.resolve(top.get("charter").text()).normalize(),
            KafkaConnection.read(top.get("kafka"), folder),
            folder.resolve(top.get("data").text()).normalize());
    top.finish();
    return config;
  }
}
