package org.concordat.ops;

import java.util.concurrent.Callable;
import org.concordat.ops.reference.ErrorsPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "reference",
    mixinStandardHelpOptions = true,
    description = "Prints a reference page that is made from the code.")
final class ReferenceCommand implements Callable<Integer> {
  /** The pages that there are. */
  enum Page {
    errors
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "PAGE", description = "One of ${COMPLETION-CANDIDATES}.")
  private Page page = Page.errors;

  @Override
  public Integer call() {
    String text =
        switch (page) {
          case errors -> ErrorsPage.render();
        };
    var out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
    return Concordat.DONE;
  }
}
