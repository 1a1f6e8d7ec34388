package org.concordat.ops;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.concordat.ops.demo.StartCaches;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "start-caches",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the files with which processes of this installation start sooner, by running a small"
          + " consortium on this machine once; again after an update of the installation or of"
          + " Java."
    })
final class StartCachesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--if-needed", description = "Only if those that are there don't fit.")
  private boolean ifNeeded;

  @Override
  public Integer call() throws Exception {
    StartCaches caches = StartCaches.ofThisBuild();
    Path folder = caches.folder();
    if (ifNeeded && caches.fit()) {
      spec.commandLine().getOut().println("They fit: " + folder);
      return Concordat.DONE;
    }
    caches.make();
    spec.commandLine().getOut().println("Made: " + folder);
    return Concordat.DONE;
  }
}
