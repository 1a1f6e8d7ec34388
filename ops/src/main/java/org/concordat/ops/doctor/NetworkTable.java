package org.concordat.ops.doctor;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.concordat.schemas.identity.Charter;

/** The connections that a party's process makes and takes, for whoever sets up a firewall. */
public final class NetworkTable {
  /** One permission. */
  public record Row(String from, String to, String port, String protocol, String why) {}

  private static final String TLS = "TCP, TLS 1.3";

  private NetworkTable() {}

  static List<Row> of(Party party, Charter charter) {
    List<Row> rows = new ArrayList<>();
    for (String broker : party.brokers()) {
      int colon = broker.lastIndexOf(':');
      rows.add(
          new Row(
              party.name(),
              colon < 0 ? broker : broker.substring(0, colon),
              colon < 0 ? "" : broker.substring(colon + 1),
              TLS,
              "Kafka; the addresses that the brokers advertise, too"));
    }
    party
        .peers()
        .forEach(
            (peer, address) -> {
              // The lower index dials the higher.
              if (charter.aggregatorIndex(party.name()) < charter.aggregatorIndex(peer)) {
                rows.add(
                    new Row(
                        party.name(),
                        address.getHostString(),
                        Integer.toString(address.getPort()),
                        TLS,
                        "link to aggregator " + peer));
              } else {
                rows.add(listening(peer, party, "peers", TLS, "link from aggregator " + peer));
              }
            });
    rows.add(
        listening(
            "monitoring", party, "http", "TCP, HTTP", "/metrics, /health and /ready; inside only"));
    if (party.listeners().containsKey("api")) {
      rows.add(listening("the bank's systems", party, "api", "TCP, HTTPS", "transactions, alerts"));
    }
    return rows;
  }

  private static Row listening(String from, Party party, String use, String protocol, String why) {
    InetSocketAddress address = party.listeners().get(use);
    String host = address == null ? party.name() : address.getHostString();
    String port =
        address == null || address.getPort() == 0
            ? "any: set it first"
            : Integer.toString(address.getPort());
    return new Row(from, host, port, protocol, why);
  }
}
