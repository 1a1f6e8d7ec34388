package org.concordat.ops;

import java.io.PrintWriter;
import java.security.Security;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.concordat.schemas.problem.InvalidInputException;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/**
 * The {@code concordat} command.
 *
 * <p>Exit status: 0 done, 1 failed or found a difference, 2 wrong use or invalid input.
 */
@Command(
    name = "concordat",
    mixinStandardHelpOptions = true,
    version = "concordat 0.1.0",
    description = "Fraud detection across banks, computed on secret shares.")
public final class Concordat {
  /** Done, and nothing was found wrong. */
  public static final int DONE = 0;

  /** Something failed, or a check found a difference. */
  public static final int FAILED = 1;

  /** Wrong use or invalid input. */
  public static final int INVALID = 2;

  private static final List<Class<?>> COMMANDS =
      List.of(
          DemoCommand.class,
          InitCommand.class,
          MemberCommand.class,
          CharterCommand.class,
          StartCachesCommand.class,
          BrokerCommand.class,
          TopicsCommand.class,
          DoctorCommand.class,
          AgentCommand.class,
          AggregatorCommand.class,
          CheckCommand.class,
          RulesCommand.class,
          SimulatePaymentsCommand.class,
          LiftCommand.class,
          AlertsCommand.class,
          DeadLettersCommand.class,
          OutboxCommand.class,
          TransactionCommand.class,
          ReferenceCommand.class,
          BenchCommand.class,
          ChaosCommand.class);

  /**
   * Rounds by which a key's password is stretched where a key store takes a key. Kafka puts each
   * key that it reads from PEM into one of its own, in memory and under a password that lies beside
   * it, and takes it out again: a tenth of a start went there and protected nothing. No key store
   * is ever written.
   */
  private static final String KEY_ROUNDS = "keystore.pkcs12.keyPbeIterationCount";

  private Concordat() {}

  /** Runs a command and ends the process with its exit status. */
  public static void main(String[] args) {
    Security.setProperty(KEY_ROUNDS, "1");
    // One process takes one role; the libraries' own names tell which.
    System.exit(run(args));
  }

  /** As {@link #main}, without ending the process. */
  public static int run(String... args) {
    return run(commandLine(args), args);
  }

  /** As {@link #run(String...)}, with what it prints going elsewhere. */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    return run(commandLine(args).setOut(out).setErr(err), args);
  }

  /** Knows no other command than the one asked for: to read them all delays each start. */
  private static CommandLine commandLine(String... args) {
    String first = args.length == 0 ? "" : args[0];
    Optional<Class<?>> asked = COMMANDS.stream().filter(c -> name(c).equals(first)).findFirst();
    var commandLine = new CommandLine(new Concordat());
    if (asked.isPresent()) {
      commandLine.addSubcommand(asked.get());
    } else {
      COMMANDS.forEach(commandLine::addSubcommand);
      commandLine.addSubcommand(HelpCommand.class).addSubcommand(GenerateCompletion.class);
    }
    return commandLine;
  }

  private static String name(Class<?> command) {
    return Objects.requireNonNull(command.getAnnotation(Command.class)).name();
  }

  private static int run(CommandLine commandLine, String... args) {
    return commandLine
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              if (failure instanceof InvalidInputException invalid) {
                command.getErr().println(invalid.getMessage());
                return INVALID;
              }
              throw failure;
            })
        .execute(args);
  }
}
