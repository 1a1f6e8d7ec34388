package org.concordat.agent;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.concordat.agent.config.AgentConfig;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * Starts an agent, or checks what it would read. Exit codes: 0 after a clean stop, 1 after a
 * failure, 2 on invalid input.
 */
public final class Main {
  static final int FAILED = 1;
  static final int INVALID = 2;

  private Main() {}

  /** Runs until the process is told to end. */
  public static void main(String[] args) {
    // Before the first logger: aggregator and command bring configurations of their own.
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "org/concordat/agent/logback.xml");
    }
    int code = run(args, System.out, System.err);
    if (code != 0 || List.of(args).contains("--check")) {
      System.exit(code);
    }
  }

  static int run(String[] args, PrintStream out, PrintStream err) {
    try {
      var problems = new Problems();
      Arguments arguments = Arguments.read(args, problems);
      problems.throwIfAny();
      AgentConfig config = AgentConfig.read(arguments.config(), problems);
      if (arguments.check()) {
        return CheckCommand.run(config, arguments.sample(), problems, out);
      }
      OwnerOnlyFiles.enforce();
      Setup setup = Setup.read(config, problems);
      AgentProcess process = AgentProcess.start(setup, Main::fail);
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("stop")
                  .unstarted(
                      () -> {
                        process.close();
                        // A signal would make the exit code 143.
                        Runtime.getRuntime().halt(0);
                      }));
      return 0;
    } catch (InvalidInputException e) {
      print(e, err);
      return INVALID;
    } catch (IOException e) {
      err.println(e.getMessage());
      return FAILED;
    }
  }

  static void print(InvalidInputException refusal, PrintStream err) {
    for (Problem problem : refusal.problems()) {
      err.println(problem);
    }
  }

  /** A thread has failed for good: nothing is lost, since all that counts is durable. */
  private static void fail(Throwable cause) {
    if (cause instanceof InvalidInputException refusal) {
      print(refusal, System.err);
      Runtime.getRuntime().halt(INVALID);
    }
    Runtime.getRuntime().halt(FAILED);
  }
}
