package org.concordat.ops;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.outbox.OutboxDatabase;
import org.concordat.agent.outbox.SetupSql;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "outbox",
    mixinStandardHelpOptions = true,
    description = "Prepares a bank's database for its outbox to be read.",
    subcommands = {OutboxCommand.Sql.class, OutboxCommand.Check.class})
final class OutboxCommand {
  @Command(
      name = "sql",
      mixinStandardHelpOptions = true,
      description = "Prints what the database's administrator runs once.")
  static final class Sql implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "agent.yaml")
    private Path configFile = Path.of("");

    @Override
    public Integer call() {
      var out = spec.commandLine().getOut();
      out.print(new SetupSql(outbox(configFile)).all());
      out.flush();
      return Concordat.DONE;
    }
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Looks whether the agent can read the outbox, and changes nothing.")
  static final class Check implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "agent.yaml")
    private Path configFile = Path.of("");

    @Override
    public Integer call() {
      var out = spec.commandLine().getOut();
      AgentConfig.Outbox outbox = outbox(configFile);
      try {
        boolean active = new OutboxDatabase(outbox).look().active();
        out.println("The outbox can be read" + (active ? "; its slot is in use." : "."));
        return Concordat.DONE;
      } catch (SQLException e) {
        out.println("The database can't be reached: " + e.getSQLState() + ".");
        return Concordat.FAILED;
      } finally {
        out.flush();
      }
    }
  }

  private static AgentConfig.Outbox outbox(Path file) {
    AgentConfig config = Inputs.complete(problems -> Optional.of(AgentConfig.read(file, problems)));
    return config
        .ingest()
        .outbox()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    Code.CDT_104,
                    Place.of(file.toString()),
                    "[ingest] There is no section 'outbox'.",
                    Code.CDT_104.fix()));
  }
}
