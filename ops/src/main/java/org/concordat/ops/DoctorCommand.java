package org.concordat.ops;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.concordat.ops.doctor.Doctor;
import org.concordat.ops.doctor.Finding;
import org.concordat.ops.doctor.NetworkTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at what an agent or aggregator needs, but for a bank's sources and sinks,",
      "and says how to mend what is wrong. Changes nothing.",
      "Exit status: 0 nothing fails, 1 something does."
    })
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "agent.yaml or aggregator.yaml")
  private Path config = Path.of("");

  @Option(names = "--json", description = "A line of JSON for each.")
  private boolean json;

  @Option(
      names = "--network",
      description = "Print the connections that a firewall has to let through, and no more.")
  private boolean network;

  @Override
  public Integer call() throws InterruptedException {
    var out = spec.commandLine().getOut();
    if (network) {
      List<NetworkTable.Row> rows = Doctor.network(config);
      if (!json) {
        out.println(row("from", "to", "port", "protocol", "why"));
      }
      for (NetworkTable.Row row : rows) {
        out.println(
            json
                ? Inputs.json(row)
                : row(row.from(), row.to(), row.port(), row.protocol(), row.why()));
      }
      out.flush();
      return Concordat.DONE;
    }
    List<Finding> findings = Doctor.examine(config);
    for (Finding finding : findings) {
      if (json) {
        out.println(Inputs.json(finding));
      } else {
        out.printf(
            "%-5s %-14s %s%n",
            finding.level().name().toLowerCase(Locale.ROOT), finding.check(), finding.text());
        if (!finding.fix().isEmpty()) {
          out.printf("%20s fix: %s%n", "", finding.fix());
        }
      }
    }
    out.flush();
    return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.FAIL)
        ? Concordat.FAILED
        : Concordat.DONE;
  }

  private static String row(String from, String to, String port, String protocol, String why) {
    return "%-20s %-28s %-18s %-13s %s".formatted(from, to, port, protocol, why);
  }
}
