package org.concordat.ops.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problems;

/** Looks at one party, from the inside to the outside; goes on as far as it can. */
public final class Doctor {
  private Doctor() {}

  /**
   * Everything that was looked at, in order.
   *
   * @param config an agent.yaml or an aggregator.yaml
   */
  public static List<Finding> examine(Path config) throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    findings.add(LocalChecks.jdk());
    var problems = new Problems();
    Optional<Party> read = Party.read(config, problems);
    findings.addAll(LocalChecks.problems("configuration", problems, config + " is valid"));
    if (read.isEmpty()) {
      return findings;
    }
    Party party = read.get();
    Optional<Charter> charter = LocalChecks.charter(party, findings);
    charter.ifPresent(
        c -> {
          findings.addAll(LocalChecks.rules(party, c));
          findings.addAll(LocalChecks.keys(party, c));
        });
    findings.addAll(CertificateChecks.all(party));
    findings.addAll(LocalChecks.ports(party));
    findings.add(LocalChecks.disk(party));
    if (charter.isPresent()) {
      findings.addAll(BrokerChecks.all(party, charter.get()));
      findings.addAll(WorkerChecks.all(party, charter.get()));
    }
    findings.addAll(PeerChecks.all(party));
    return findings;
  }

  /**
   * The connections that the party's process makes and takes.
   *
   * @throws InvalidInputException the configuration or the charter is not valid
   */
  public static List<NetworkTable.Row> network(Path config) {
    var problems = new Problems();
    Optional<Party> party = Party.read(config, problems);
    problems.throwIfAny();
    Optional<Charter> charter = Charter.read(party.orElseThrow().charter(), problems);
    problems.throwIfAny();
    return NetworkTable.of(party.orElseThrow(), charter.orElseThrow());
  }
}
