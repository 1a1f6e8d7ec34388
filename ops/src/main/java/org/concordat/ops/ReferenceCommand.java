package org.concordat.ops;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.concordat.ops.reference.ConfigurationPage;
import org.concordat.ops.reference.ErrorsPage;
import org.concordat.ops.reference.MetricsPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "reference",
    mixinStandardHelpOptions = true,
    description = "Prints a reference page that is made from the code.")
final class ReferenceCommand implements Callable<Integer> {
  /** The pages that there are. */
  enum Page {
    configuration,
    errors,
    metrics
  }

  private static final Duration WAIT = Duration.ofSeconds(10);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "PAGE", description = "One of ${COMPLETION-CANDIDATES}.")
  private Page page = Page.errors;

  @Option(
      names = "--agent",
      paramLabel = "URL",
      description = "For metrics: a running agent, such as http://127.0.0.1:8080.")
  private String agent = "";

  @Option(
      names = "--aggregator",
      paramLabel = "URL",
      description = "For metrics: a running aggregator.")
  private String aggregator = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    String text =
        switch (page) {
          case configuration -> ConfigurationPage.render();
          case errors -> ErrorsPage.render();
          case metrics -> MetricsPage.render(scrape(agent), scrape(aggregator));
        };
    var out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
    return Concordat.DONE;
  }

  private String scrape(String url) throws IOException, InterruptedException {
    if (url.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "The page of metrics needs --agent and --aggregator.");
    }
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create(url).resolve("/metrics")).timeout(WAIT).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }
}
