package org.concordat.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which items of a running agent are wanted. */
final class DeskFilter {
  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "new, snoozed, overflow or closed.")
  private Optional<String> state = Optional.empty();

  @Option(names = "--rule", paramLabel = "RULE", description = "With an alert of this rule.")
  private Optional<String> rule = Optional.empty();

  @Option(names = "--account", paramLabel = "ACCOUNT", description = "Of this account.")
  private Optional<String> account = Optional.empty();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Of events from this time on, such as 2026-01-31T08:00:00Z.")
  private Optional<String> since = Optional.empty();

  @Option(
      names = "--priority",
      paramLabel = "PRIORITY",
      description = "low, medium, high or critical, and above.")
  private Optional<String> priority = Optional.empty();

  Map<String, Optional<String>> query() {
    Map<String, Optional<String>> query = new LinkedHashMap<>();
    query.put("state", state);
    query.put("rule", rule);
    query.put("account", account);
    query.put("since", since);
    query.put("priority", priority);
    return query;
  }
}
