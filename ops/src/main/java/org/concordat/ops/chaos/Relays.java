package org.concordat.ops.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.concordat.ops.demo.Consortium;

/** The relays of a consortium, by the names of both ends with a slash between. */
final class Relays implements AutoCloseable {
  private static final Pattern PEER = Pattern.compile("(?m)^  (agg-\\d): localhost:(\\d+)$");

  private final Iterator<Integer> free;
  private final Map<String, Relay> relays = new LinkedHashMap<>();

  /**
   * @param free ports that nobody uses
   */
  Relays(Iterator<Integer> free) {
    this.free = free;
  }

  /** Makes one; its port. */
  int add(String ends, int targetPort) throws IOException {
    int port = free.next();
    relays.put(ends, new Relay(port, targetPort));
    return port;
  }

  /** Makes one for each link between aggregators, and has them dial it. */
  void betweenPeers(Consortium consortium) throws IOException {
    for (String aggregator : Consortium.AGGREGATORS) {
      Path file = consortium.folder().resolve(aggregator).resolve("aggregator.yaml");
      Matcher peer = PEER.matcher(Files.readString(file));
      var changed = new StringBuilder();
      while (peer.find()) {
        // The lower of two names dials the higher; the other way nobody does.
        int port = Integer.parseInt(peer.group(2));
        int relay =
            aggregator.compareTo(peer.group(1)) < 0
                ? add(aggregator + "/" + peer.group(1), port)
                : port;
        peer.appendReplacement(changed, "  " + peer.group(1) + ": localhost:" + relay);
      }
      Files.writeString(file, peer.appendTail(changed));
    }
  }

  /** Those that a fault concerns, one at least. */
  List<Relay> of(Fault fault) {
    List<Relay> concerned =
        relays.entrySet().stream()
            .filter(
                relay ->
                    relay.getKey().equals(fault.target())
                        || relay.getKey().startsWith(fault.target() + "/broker"))
            .map(Map.Entry::getValue)
            .toList();
    if (concerned.isEmpty()) {
      throw new IllegalStateException("no relay where a link should be cut");
    }
    return concerned;
  }

  @Override
  public void close() throws IOException {
    for (Relay relay : relays.values()) {
      relay.close();
    }
  }
}
