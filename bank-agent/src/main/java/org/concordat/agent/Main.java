package org.concordat.agent;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.StoreFullException;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.process.Outline;
import org.concordat.schemas.process.UncaughtFailures;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

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
      start(config, problems);
      return 0;
    } catch (InvalidInputException e) {
      print(e, err);
      return INVALID;
    } catch (IOException e) {
      err.println(e.getMessage());
      return FAILED;
    } catch (RuntimeException e) {
      // Whoever called would print its message. A field's logger would be there before main began.
      LoggerFactory.getLogger(Main.class)
          .atError()
          .setCause(Outline.of(e))
          .log("The agent can't start.");
      return FAILED;
    }
  }

  private static void start(AgentConfig config, Problems problems) throws IOException {
    OwnerOnlyFiles.enforce();
    var stop = new Stop();
    UncaughtFailures.endProcess(() -> stop.begun);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(stop));
    if (problems.isEmpty()) {
      AgentStore.prepare(config.data());
    }
    try {
      stop.process = AgentProcess.start(Setup.read(config, problems), Main::fail);
    } catch (InvalidInputException e) {
      stop.code = INVALID;
      throw e;
    } catch (IOException | RuntimeException e) {
      stop.code = FAILED;
      throw e;
    }
  }

  /** Ends the process cleanly, and with our exit code: after a signal Java's own would be 143. */
  private static final class Stop implements Runnable {
    volatile @Nullable AgentProcess process;
    volatile int code;
    volatile boolean begun;

    @Override
    public void run() {
      begun = true;
      AgentProcess running = process;
      // While it starts there is nothing to close: what is durable is durable.
      if (running != null) {
        running.close();
      }
      Runtime.getRuntime().halt(code);
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
    if (cause instanceof StoreFullException full) {
      System.err.println(full.problem());
    }
    Runtime.getRuntime().halt(FAILED);
  }
}
