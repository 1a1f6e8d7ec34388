package org.concordat.ops.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.Node;

/**
 * What banks can take of a broker's disk, by their quotas and by how long their blocks are kept. No
 * topic has a bound in {@code retention.bytes}, which would do it as well: it removes the oldest
 * blocks whether they are scored or not, so that a bank that floods its topics would lose rows.
 *
 * <p>A quota counts a block's copies for all aggregators, so they aren't counted again. Partitions
 * are taken to be spread evenly over brokers. What aggregators write has no quota, and is as much
 * as the blocks make it: what it takes now is told beside.
 *
 * @param banks how many there are
 * @param bytesPerSecond that each of them may write to each broker
 * @param kept how long a block stays at most
 * @param replication on how many brokers each block is
 */
public record BrokerDisk(int banks, long bytesPerSecond, Duration kept, int replication) {
  private static final double GIB = 1L << 30;
  private static final double HOUR_SECONDS = 3_600;

  /**
   * The disk of one broker.
   *
   * @param totalBytes 0 where the broker doesn't say
   * @param aggregatorsBytes what the topics that aggregators write take of it
   */
  public record Space(long totalBytes, long freeBytes, long aggregatorsBytes) {}

  /**
   * Asks every broker for the disks of its log folders. Brokers don't say which disk that is: where
   * several log folders are on one file system, it is counted as often.
   *
   * @param ofAggregators the topics that aggregators write
   */
  public static Map<Integer, Space> spaces(Admin admin, Set<String> ofAggregators)
      throws ExecutionException, InterruptedException {
    List<Integer> brokers = admin.describeCluster().nodes().get().stream().map(Node::id).toList();
    Map<Integer, Space> spaces = new TreeMap<>();
    for (var broker : admin.describeLogDirs(brokers).allDescriptions().get().entrySet()) {
      long totalBytes = 0;
      long freeBytes = 0;
      long aggregatorsBytes = 0;
      for (LogDirDescription folder : broker.getValue().values()) {
        totalBytes += folder.totalBytes().orElse(0);
        freeBytes += folder.usableBytes().orElse(0);
        for (var replica : folder.replicaInfos().entrySet()) {
          if (ofAggregators.contains(replica.getKey().topic())) {
            aggregatorsBytes += replica.getValue().size();
          }
        }
      }
      spaces.put(broker.getKey(), new Space(totalBytes, freeBytes, aggregatorsBytes));
    }
    return spaces;
  }

  private double bankBytesPerSecond() {
    return (double) bytesPerSecond * replication;
  }

  /** On each broker, of a bank that writes all that it may all the time. */
  double bankBytes() {
    return bankBytesPerSecond() * kept.toSeconds();
  }

  double allBytes() {
    return banks * bankBytes();
  }

  /** What is printed: the bound, and each broker's disk beside it. */
  public List<String> lines(Map<Integer, Space> spaces) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "disk: %,d bytes a second of a bank to each broker, kept for %d days, replication %d:"
                + " up to %,.0f GiB of each broker for a bank, %,.0f GiB for all %d",
            bytesPerSecond,
            kept.toDays(),
            replication,
            bankBytes() / GIB,
            allBytes() / GIB,
            banks));
    new TreeMap<>(spaces).forEach((broker, space) -> lines.add(line(broker, space)));
    return lines;
  }

  private String line(int broker, Space space) {
    if (space.totalBytes() == 0) {
      return "disk of broker %d: it doesn't say how large it is".formatted(broker);
    }
    String there =
        String.format(
            Locale.ROOT,
            "disk of broker %d: %,.0f GiB, %,.0f GiB free, aggregators' topics take %,.1f GiB"
                + " now: ",
            broker,
            space.totalBytes() / GIB,
            space.freeBytes() / GIB,
            space.aggregatorsBytes() / GIB);
    if (allBytes() + space.aggregatorsBytes() <= space.totalBytes()) {
      return there + "enough for that and all that banks may write";
    }
    double hours = space.freeBytes() / (banks * bankBytesPerSecond()) / HOUR_SECONDS;
    return there
        + String.format(Locale.ROOT, "full in %,.1f hours if all banks write all they may", hours);
  }
}
