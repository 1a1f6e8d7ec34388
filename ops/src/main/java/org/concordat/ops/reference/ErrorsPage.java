package org.concordat.ops.reference;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.concordat.schemas.problem.Code;

/** Every error code with its cause and fix, as {@code ops/docs/errors.md}. */
public final class ErrorsPage {
  private static final List<String> SECTIONS =
      List.of(
          "Files and configuration",
          "Contracts, rules and models",
          "A bank's rows and its agent",
          "Blocks",
          "Identities, charter and links",
          "Batches, peers and the engine",
          "Alerts",
          "The command");

  private ErrorsPage() {}

  /** The page in Markdown. */
  public static String render() {
    var page = new StringBuilder("# Error codes\n\n");
    page.append(
        """
        Every refusal, startup error and abort has a code that never changes its meaning. Logs and
        metrics carry the code alone (labels `code` and `reason`); messages to people add the place
        and what to do there. Generated from the code by `concordat reference errors`.
        """);
    var sections =
        Arrays.stream(Code.values())
            .collect(Collectors.groupingBy(ErrorsPage::hundred, TreeMap::new, Collectors.toList()));
    sections.forEach(
        (hundred, codes) -> {
          page.append("\n## %d00: %s\n".formatted(hundred, SECTIONS.get(hundred - 1)));
          page.append("\n| code | cause | fix |\n|---|---|---|\n");
          codes.stream()
              .sorted((a, b) -> a.label().compareTo(b.label()))
              .forEach(code -> page.append(row(code)));
        });
    return page.toString();
  }

  private static int hundred(Code code) {
    return Character.digit(code.label().charAt("CDT-".length()), 10);
  }

  private static String row(Code code) {
    return "| <a id=\"%s\"></a>%s | %s | %s |\n"
        .formatted(
            code.label().toLowerCase(Locale.ROOT),
            code.label(),
            cell(code.cause()),
            cell(code.fix()));
  }

  static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
