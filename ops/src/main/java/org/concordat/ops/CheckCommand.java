package org.concordat.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.check.OracleCheck;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Holds a test consortium's alerts against a plaintext evaluation of the banks' input.",
      "Needs every bank's folder, so only a test charter lets it run."
    })
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private SecretModelOptions models = new SecretModelOptions();

  @Option(names = "--dir", required = true, paramLabel = "DIR", description = "The consortium.")
  private Path folder = Path.of("");

  @Override
  public Integer call() throws Exception {
    CheckReport report = OracleCheck.run(folder, models::of);
    var out = spec.commandLine().getOut();
    out.println(new ObjectMapper().writeValueAsString(report.summary()));
    out.flush();
    return report.holds() ? Concordat.DONE : Concordat.FAILED;
  }
}
