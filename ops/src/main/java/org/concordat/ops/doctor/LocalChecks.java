package org.concordat.ops.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.concordat.rules.LaterRuleSets;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/** What can be seen on this machine alone. */
final class LocalChecks {
  private static final int JDK = 25;
  private static final int HTTP_OK = 200;
  private static final Duration WAIT = Duration.ofSeconds(2);

  private LocalChecks() {}

  static Finding jdk() {
    Runtime.Version version = Runtime.version();
    return version.feature() == JDK
        ? Finding.ok("jdk", "Java " + version)
        : Finding.fail("jdk", "Java " + version, "Run it with a JDK " + JDK + ".");
  }

  /** Everything that a reader found wrong; a single line if nothing. */
  static List<Finding> problems(String check, Problems problems, String whenNone) {
    if (problems.isEmpty()) {
      return List.of(Finding.ok(check, whenNone));
    }
    List<Finding> findings = new ArrayList<>();
    for (Problem problem : problems.list()) {
      findings.add(
          Finding.fail(
              check,
              problem.place() + ": " + problem.code().label() + " " + problem.reason(),
              problem.fix()));
    }
    return findings;
  }

  /** The charter, as all members signed it; its findings are added. */
  static Optional<Charter> charter(Party party, List<Finding> findings) {
    var problems = new Problems();
    Optional<Charter> charter = Charter.read(party.charter(), problems);
    if (charter.isPresent()) {
      boolean listed =
          party.isBank()
              ? charter.get().bank(party.name()).isPresent()
              : charter.get().aggregator(party.name()).isPresent();
      if (!listed) {
        problems.add(
            Code.CDT_505,
            org.concordat.schemas.problem.Place.of(party.charter().toString()),
            "The charter doesn't list '" + party.name() + "'.",
            Code.CDT_505.fix());
      }
    }
    findings.addAll(problems("charter", problems, "signed by every member; lists " + party.name()));
    return charter;
  }

  static List<Finding> rules(Party party, Charter charter) {
    var problems = new Problems();
    Optional<RuleSet> rules = RuleSet.load(party.rules(), problems);
    rules.ifPresent(
        set -> {
          set.verifyQuorum(charter, problems);
          set.verifyCaps(charter, problems);
        });
    String name = rules.map(set -> set.name() + " " + set.version()).orElse("");
    List<Finding> findings =
        new ArrayList<>(
            problems("rules", problems, name + ": signed by a quorum, within the charter's caps"));
    if (problems.isEmpty() && rules.isPresent()) {
      var later = new LaterRuleSets(party.laterRules(), rules.get(), charter);
      LaterRuleSets.Look look = later.look();
      var others = new Problems();
      look.problems().forEach(others::add);
      if (!look.found().isEmpty() || !others.isEmpty()) {
        findings.addAll(problems("later rules", others, look.found() + ": may follow"));
      }
    }
    return findings;
  }

  static List<Finding> keys(Party party, Charter charter) {
    List<Finding> findings = new ArrayList<>();
    var problems = new Problems();
    var signing = KeyFiles.readSigningKey(party.signing(), problems);
    signing.ifPresent(
        key -> {
          var enrolled =
              party.isBank()
                  ? charter.bank(party.name()).map(Charter.Bank::verifyingKey)
                  : charter.aggregator(party.name()).map(Charter.Aggregator::verifyingKey);
          if (enrolled.isPresent() && !enrolled.get().equals(key.verifier())) {
            add(problems, party.signing());
          }
        });
    findings.addAll(problems("key", problems, party.signing() + ": private, the charter's"));
    for (Path file : sealing(party, findings)) {
      findings.addAll(
          key(
              file,
              KeyFiles::readSealingKey,
              (key, found) ->
                  charter
                      .bank(party.name())
                      .filter(
                          bank -> !Arrays.equals(bank.alertKey().bytes(), key.publicKey().bytes()))
                      .ifPresent(bank -> add(found, file))));
    }
    for (Path file : party.symmetric()) {
      findings.addAll(key(file, KeyFiles::readSymmetricKey, (key, found) -> {}));
    }
    return findings;
  }

  /** A bank has one, an aggregator a folder of them. */
  private static List<Path> sealing(Party party, List<Finding> findings) {
    if (!Files.isDirectory(party.sealing())) {
      return List.of(party.sealing());
    }
    try (Stream<Path> files = Files.list(party.sealing())) {
      List<Path> keys = files.filter(file -> file.toString().endsWith(".key")).sorted().toList();
      if (keys.isEmpty()) {
        findings.add(Finding.ok("key", party.sealing() + ": none yet, the first start makes one"));
      }
      return keys;
    } catch (IOException e) {
      findings.add(
          Finding.fail("key", party.sealing() + " can't be listed", "Check its permissions."));
      return List.of();
    }
  }

  private static <K> List<Finding> key(
      Path file,
      BiFunction<Path, Problems, Optional<K>> reader,
      java.util.function.BiConsumer<K, Problems> check) {
    var problems = new Problems();
    reader.apply(file, problems).ifPresent(key -> check.accept(key, problems));
    return problems("key", problems, file + ": private");
  }

  private static void add(Problems problems, Path file) {
    problems.add(Problem.of(Code.CDT_506, org.concordat.schemas.problem.Place.of(file.toString())));
  }

  static List<Finding> ports(Party party) {
    List<Finding> findings = new ArrayList<>();
    party
        .listeners()
        .forEach(
            (use, address) -> {
              if (address.getPort() == 0) {
                findings.add(Finding.ok("port", use + ": any free one"));
              } else if (isFree(address)) {
                findings.add(Finding.ok("port", use + ": " + text(address) + " is free"));
              } else if (use.equals("http") && isAlive(address)) {
                findings.add(Finding.ok("port", use + ": " + text(address) + " answers /health"));
              } else {
                findings.add(
                    Finding.warn(
                        "port",
                        use + ": " + text(address) + " can't be listened on",
                        "Right if this very process runs already; else stop what uses it, or name"
                            + " another address of this machine."));
              }
            });
    return findings;
  }

  static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private static boolean isFree(InetSocketAddress address) {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(address.getHostString(), address.getPort()));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isAlive(InetSocketAddress address) {
    try (var http = HttpClient.newBuilder().connectTimeout(WAIT).build()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://" + text(address) + "/health"))
              .timeout(WAIT)
              .build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == HTTP_OK;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  static Finding disk(Party party) {
    Path folder = party.data().toAbsolutePath();
    while (!Files.exists(folder) && folder.getParent() != null) {
      folder = folder.getParent();
    }
    try {
      FileStore store = Files.getFileStore(folder);
      long free = store.getUsableSpace() >> 20;
      long needed = party.diskBytesMin() >> 20;
      String text = "%,d MiB free for %s; it may need %,d MiB".formatted(free, folder, needed);
      return free >= needed
          ? Finding.ok("disk", text)
          : Finding.warn("disk", text, "Give it more space, or lower the limits.");
    } catch (IOException e) {
      return Finding.fail("disk", folder + " can't be looked at", "Check its permissions.");
    }
  }
}
