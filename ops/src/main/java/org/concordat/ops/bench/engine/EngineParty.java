package org.concordat.ops.bench.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Step;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.rep3.Rep3;
import org.concordat.aggregator.peer.PeerChannel;
import org.concordat.aggregator.peer.PeerLimits;
import org.concordat.aggregator.peer.PeerLinks;
import org.concordat.aggregator.peer.PeerListener;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.aggregator.peer.PeerSettings;
import org.concordat.aggregator.peer.PeerTls;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;

/** One of the three measured processes. Party 0 keeps the time and writes the figures. */
public final class EngineParty {
  static final int PARTIES = 3;

  private static final int STOP = 0;
  private static final int RUN = 1;

  /** Single records for each run that is asked for, up to so many runs. */
  private static final int SINGLES = 400;

  private static final int SINGLES_FAR = 10;
  private static final int SINGLE_RUNS_MAX = 5;

  /** How often as many before those that are measured, if there is a warm-up. */
  private static final int SINGLES_WARM_UP = 5;

  private final PeerSession session;
  private final PeerLinks links;
  private final EngineOptions options;
  private final PeerChannel control;
  private final Path results;
  private int steps;

  private EngineParty(PeerSession session, PeerLinks links, EngineOptions options, Path results) {
    this.session = session;
    this.links = links;
    this.options = options;
    this.control = session.channel(0, 0, 0);
    this.results = results;
  }

  /**
   * Takes part until all ops are measured.
   *
   * @param folder with the parties' certificates and, at the end, {@code results.jsonl}
   * @param ports of all parties
   */
  public static void run(Path folder, int party, List<Integer> ports, EngineOptions options)
      throws IOException, InterruptedException {
    var problems = new Problems();
    String name = name(party);
    var tls =
        PeerTls.read(
                folder.resolve(name + ".pem"),
                folder.resolve(name + ".key"),
                folder.resolve("ca.pem"),
                problems)
            .orElseThrow(() -> new IllegalStateException(problems.list().toString()));
    BlockingQueue<PeerSession> up = new ArrayBlockingQueue<>(8);
    Map<String, InetSocketAddress> peers = new HashMap<>();
    for (int peer = 0; peer < PARTIES; peer++) {
      if (peer != party) {
        peers.put(name(peer), InetSocketAddress.createUnresolved("127.0.0.1", ports.get(peer)));
      }
    }
    var settings =
        new PeerSettings(
            charter(),
            name,
            InetSocketAddress.createUnresolved("127.0.0.1", ports.get(party)),
            peers,
            1,
            new Digest(new byte[32]),
            new PeerSettings.Versions(1, 1));
    try (var links =
        PeerLinks.start(settings, tls, PeerLimits.DEFAULT, options.shape(), new Ear(up))) {
      PeerSession session = up.take();
      new EngineParty(session, links, options, folder.resolve("results.jsonl")).measureAll();
      // Whoever left first would end the session under the others; the parent ends all.
      new CountDownLatch(1).await();
    }
  }

  static String name(int party) {
    return "agg-" + (party + 1);
  }

  private record Ear(BlockingQueue<PeerSession> up) implements PeerListener {
    @Override
    public void sessionUp(PeerSession session) {
      up.add(session);
    }

    @Override
    public void control(PeerSession session, int peer, byte[] message, Runnable taken) {
      taken.run();
    }

    @Override
    public void sessionDown(PeerSession session, String reason) {}
  }

  /** The links check that peers have the same one; nothing else of it is used. */
  private static Charter charter() {
    var random = new SecureRandom();
    var digest = new Digest(new byte[32]);
    List<Charter.Aggregator> aggregators = new ArrayList<>();
    for (int party = 0; party < PARTIES; party++) {
      String name = name(party);
      aggregators.add(
          new Charter.Aggregator(name, "operator-" + name, SigningKey.generate(random).verifier()));
    }
    return new Charter(
        digest,
        1,
        digest,
        "bench",
        Charter.Mode.TEST,
        "rep3",
        1,
        1,
        false,
        35,
        Set.of(1),
        new Charter.Caps(0, 64, 1_000, 10),
        aggregators,
        List.of());
  }

  private void measureAll() throws IOException, InterruptedException {
    for (EngineOp op : options.ops()) {
      int rows = options.rows() == 0 || op.rows() == 1 ? op.rows() : options.rows();
      var work = new EngineWork(op, options.seed(), session.party(), rows, op.chunkRows());
      List<Lane> lanes = new ArrayList<>();
      for (int lane = 0; lane < Math.min(options.lanes(), work.chunks()); lane++) {
        lanes.add(new Lane(work, lane));
      }
      if (rows == 1) {
        measureSingle(work, lanes.getFirst());
      } else {
        measure(work, lanes);
      }
      lanes.forEach(Lane::close);
    }
  }

  /** A chunk's way through the engine, one after another. */
  private final class Lane {
    private final EngineWork work;
    private final PeerChannel channel;
    private final Suite suite;
    private final Steps laneSteps = new Steps();
    private final Columns columns;
    private final int number;

    Lane(EngineWork work, int number) {
      this.work = work;
      this.number = number;
      this.columns = work.columns();
      this.channel = session.channel(1 + number, work.op().ordinal(), 0);
      int me = session.party();
      this.suite =
          new Rep3(
              channel,
              session.attemptKey((me + PARTIES - 1) % PARTIES, attemptHash(), 0),
              session.attemptKey((me + 1) % PARTIES, attemptHash(), 0));
    }

    private byte[] attemptHash() {
      String text = work.op().label() + "/" + number;
      return sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    void run(int lanes, byte[][] opened) {
      for (int chunk : work.chunksOf(number, lanes)) {
        work.run(chunk, suite, columns, laneSteps);
        if (opened.length > 0) {
          opened[chunk] = work.open(suite, columns, laneSteps);
        }
      }
    }

    void close() {
      channel.close();
    }
  }

  private void measure(EngineWork work, List<Lane> lanes) throws IOException, InterruptedException {
    try (ExecutorService threads = Executors.newFixedThreadPool(lanes.size())) {
      agree(RUN);
      byte[][] opened = new byte[work.chunks()][];
      runAll(threads, lanes, opened);
      long start = System.nanoTime();
      long warm = Duration.ofSeconds(options.warmUpSeconds()).toNanos();
      while (agree(System.nanoTime() - start < warm ? RUN : STOP) == RUN) {
        runAll(threads, lanes, new byte[0][]);
      }
      long[] nanos = new long[options.runs()];
      Counters before = counters();
      for (int run = 0; run < nanos.length; run++) {
        agree(RUN);
        long begun = System.nanoTime();
        runAll(threads, lanes, new byte[0][]);
        agree(RUN);
        nanos[run] = System.nanoTime() - begun;
      }
      report(work, nanos, before, opened);
    }
  }

  private static void runAll(ExecutorService threads, List<Lane> lanes, byte[][] opened)
      throws InterruptedException {
    List<Future<?>> running = new ArrayList<>();
    for (Lane lane : lanes) {
      running.add(threads.submit(() -> lane.run(lanes.size(), opened)));
    }
    for (Future<?> each : running) {
      try {
        each.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a lane has failed", e.getCause());
      }
    }
  }

  private void measureSingle(EngineWork work, Lane lane) throws IOException {
    byte[][] opened = new byte[1][];
    // All parties have to stop at the same number, so time can't decide.
    int singles =
        Math.min(options.runs(), SINGLE_RUNS_MAX)
            * (options.roundTrip().isZero() ? SINGLES : SINGLES_FAR);
    long[] nanos = new long[singles];
    int warmUps = options.warmUpSeconds() == 0 ? 0 : SINGLES_WARM_UP * singles;
    for (int warmUp = 0; warmUp < warmUps; warmUp++) {
      lane.run(1, opened);
    }
    Counters before = counters();
    for (int run = 0; run < singles; run++) {
      long begun = System.nanoTime();
      lane.run(1, opened);
      nanos[run] = System.nanoTime() - begun;
    }
    report(work, nanos, before, opened);
  }

  /** What has been counted since the process or the system started. */
  private record Counters(long sent, long loopback, long allocated, long cpuNanos) {}

  private Counters counters() throws IOException {
    return new Counters(bytesSent(), Loopback.bytes(), allocated(), cpuNanos());
  }

  /** Sums up over all parties what the runs took; party 0 writes it. */
  private void report(EngineWork work, long[] nanos, Counters before, byte[][] opened)
      throws IOException {
    long bytes = totalOfAll(bytesSent() - before.sent());
    long counted = Loopback.bytes() - before.loopback();
    long allocated = allocated() - before.allocated();
    long cpu = totalOfAll(cpuNanos() - before.cpuNanos());
    if (session.party() > 0) {
      return;
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    double median = sorted[sorted.length / 2];
    ObjectNode line = new ObjectMapper().createObjectNode();
    line.put("op", work.op().label()).put("rows", work.rows());
    if (work.rows() == 1) {
      line.put("millis", round(median / 1e6));
      line.put("p99Millis", round(sorted[sorted.length * 99 / 100] / 1e6));
    } else {
      line.put("perSecond", Math.round(work.rows() * 1e9 / median));
      line.put("perSecondMin", Math.round(work.rows() * 1e9 / sorted[sorted.length - 1]));
      line.put("perSecondMax", Math.round(work.rows() * 1e9 / sorted[0]));
    }
    line.put("bytesPerRow", round((double) bytes / nanos.length / work.rows()));
    if (counted > 0) {
      line.put("loopbackBytesPerRow", round((double) counted / nanos.length / work.rows()));
    }
    line.put("allocatedBytesPerRow", round((double) allocated / nanos.length / work.rows()));
    line.put("cpuNanosPerRow", round((double) cpu / nanos.length / work.rows()));
    line.put("rounds", work.rounds() + (work.rows() == 1 ? 1 : 0));
    line.put("ands", work.ands());
    line.put("checksum", work.checksum(opened));
    Files.writeString(results, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Bytes that this process's platform threads have taken from the heap since they started. */
  private static long allocated() {
    return ManagementFactory.getPlatformMXBean(ThreadMXBean.class).getTotalThreadAllocatedBytes();
  }

  /** CPU time that this process has taken, of all threads, the kernel's for it included. */
  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static double round(double figure) {
    return Math.round(figure * 1e4) / 1e4;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing", e);
    }
  }

  private long bytesSent() {
    long bytes = 0;
    for (int peer = 0; peer < PARTIES; peer++) {
      bytes += peer == session.party() ? 0 : links.statistics().bytesSent(peer);
    }
    return bytes;
  }

  /** Waits until all parties are here; returns what party 0 says. */
  private long agree(long word) {
    long[] words = {word};
    if (session.party() == 0) {
      for (int peer = 1; peer < PARTIES; peer++) {
        control.receive(peer, step(peer), new long[1], 0, 1);
      }
      for (int peer = 1; peer < PARTIES; peer++) {
        control.send(peer, step(0), words, 0, 1);
      }
    } else {
      control.send(0, step(session.party()), words, 0, 1);
      control.receive(0, step(0), words, 0, 1);
    }
    steps++;
    return words[0];
  }

  /** Party 0 gets the sum. */
  private long totalOfAll(long own) {
    long total = own;
    if (session.party() == 0) {
      for (int peer = 1; peer < PARTIES; peer++) {
        long[] words = new long[1];
        control.receive(peer, step(peer), words, 0, 1);
        total += words[0];
      }
    } else {
      control.send(0, step(session.party()), new long[] {own}, 0, 1);
    }
    steps++;
    return total;
  }

  private Step step(int sender) {
    return new Step(steps * PARTIES + sender, "control");
  }
}
