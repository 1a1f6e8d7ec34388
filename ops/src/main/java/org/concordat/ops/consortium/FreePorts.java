package org.concordat.ops.consortium;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Finds ports on loopback that nobody uses right now. */
public final class FreePorts {
  private static final int FIRST = 16_384;
  private static final int END = 32_768;

  /**
   * Which part of the ports is looked in: 2/3 is the second of three. Who knows of others that look
   * at the same time gives each a part: what one has found and doesn't use yet is free to another.
   */
  public static final String PART_PROPERTY = "concordat.ports";

  private static final String ALL = "1/1";

  private FreePorts() {}

  /** Ports for a broker and its aggregators. */
  public static ConsortiumPlan.Ports forConsortium(int aggregators) throws IOException {
    List<Integer> ports = find(2 + 2 * aggregators, Set.of());
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

  /** The part that this process looks in, for those that it starts. */
  public static String part() {
    return System.getProperty(PART_PROPERTY, ALL);
  }

  /**
   * Any ports, below those that systems give to outgoing connections: a process that is restarted
   * would find one of those taken now and then.
   *
   * @param except what was found before and isn't used yet
   */
  public static List<Integer> find(int count, Set<Integer> except) throws IOException {
    String[] part = part().split("/", -1);
    int size = (END - FIRST) / Integer.parseInt(part[1]);
    int first = FIRST + (Integer.parseInt(part[0]) - 1) * size;
    var random = new SecureRandom();
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    try {
      for (int tries = 0; ports.size() < count; tries++) {
        int port = random.nextInt(first, first + size);
        try {
          var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
          sockets.add(socket);
          if (!except.contains(port)) {
            ports.add(port);
          }
        } catch (IOException e) {
          if (tries > END - FIRST) {
            throw e;
          }
        }
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
