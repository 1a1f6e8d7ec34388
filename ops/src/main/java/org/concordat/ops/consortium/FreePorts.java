package org.concordat.ops.consortium;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Finds ports on loopback that nobody uses right now. */
public final class FreePorts {
  private FreePorts() {}

  /** Ports for a broker and its aggregators. */
  public static ConsortiumPlan.Ports forConsortium(int aggregators) throws IOException {
    List<Integer> ports = find(2 + 2 * aggregators);
    return new ConsortiumPlan.Ports(
        ports.get(0),
        ports.get(1),
        ports.subList(2, 2 + aggregators),
        ports.subList(2 + aggregators, 2 + 2 * aggregators));
  }

  /** The same for every party: each has a host of its own. */
  public static ConsortiumPlan.Ports standard(int aggregators) {
    return new ConsortiumPlan.Ports(
        9_093,
        9_094,
        Collections.nCopies(aggregators, 7_443),
        Collections.nCopies(aggregators, 8_080));
  }

  /** Ports that are free now. */
  public static List<Integer> find(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        sockets.add(socket);
        ports.add(socket.getLocalPort());
      }
      return ports;
    } finally {
      // All at once at the end, or the same port could be found twice.
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
