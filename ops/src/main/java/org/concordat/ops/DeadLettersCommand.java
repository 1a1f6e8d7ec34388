package org.concordat.ops;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.JournalReader;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.seal.AtRestBox;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    description = "Lists the rows that a bank's agent has refused, why, and what to do.")
final class DeadLettersCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--config", required = true, paramLabel = "FILE", description = "agent.yaml")
  private Path configFile = Path.of("");

  @Option(names = "--json", description = "A line of JSON for each.")
  private boolean json;

  @Option(names = "--raw", description = "With the rows themselves: customers' data in plain text.")
  private boolean raw;

  @Override
  public Integer call() {
    AgentConfig config =
        Inputs.complete(problems -> Optional.of(AgentConfig.read(configFile, problems)));
    SymmetricKey key =
        Inputs.complete(problems -> KeyFiles.readSymmetricKey(config.keys().store(), problems));
    PrintWriter out = spec.commandLine().getOut();
    try (var journal = JournalReader.open(config.data(), new AtRestBox(key, new SecureRandom()))) {
      journal.deadLetters(letter -> out.println(json ? json(letter) : text(letter)));
    }
    out.flush();
    return Concordat.DONE;
  }

  private String json(DeadLetter letter) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("refusedMillis", letter.refusedMillis());
    object.put("source", letter.place().source());
    object.put("line", letter.place().line());
    object.put("code", letter.code().label());
    object.put("reason", letter.reason());
    object.put("fix", letter.fix());
    if (raw) {
      object.put("raw", new String(letter.raw(), StandardCharsets.UTF_8));
    }
    return Inputs.json(object);
  }

  private String text(DeadLetter letter) {
    String text =
        "%s  %s  %s  %s %s"
            .formatted(
                Instant.ofEpochMilli(letter.refusedMillis()),
                letter.place(),
                letter.code().label(),
                letter.reason(),
                letter.fix());
    // Whatever stands in a refused row must not steer the terminal.
    return raw
        ? text
            + "\n    "
            + new String(letter.raw(), StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?")
        : text;
  }
}
