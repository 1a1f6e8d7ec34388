package org.concordat.agent.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.concordat.agent.iso.IsoField;
import org.concordat.agent.iso.IsoLimits;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/** Reads the section {@code ingest.iso20022}. */
final class IsoSection {
  private static final long BYTES_MAX = 1L << 40;

  private IsoSection() {}

  static AgentConfig.Iso read(Path folder, Document section, boolean api) {
    SourceMapping mapping =
        AgentConfig.mapping(
            folder, section.get("mapping").about("From which fields of a message features come."));
    check(mapping, section.problems());
    Document inbox =
        section
            .maybe("folder")
            .about("Where messages appear, by renaming; none to take them from the API alone.");
    inbox.text("");
    Optional<Path> path =
        inbox.isPresent()
            ? Optional.of(folder.resolve(inbox.text()).normalize())
            : Optional.empty();
    if (path.isEmpty() && !api) {
      section.add(
          Code.CDT_104,
          "Messages have no way in.",
          "Add 'folder' here, or the section 'api' with listen and tokens.");
    }
    return new AgentConfig.Iso(path, mapping, limits(section));
  }

  private static IsoLimits limits(Document section) {
    return new IsoLimits(
        section
            .maybe("fileBytesMax")
            .about("Of a file.")
            .integer(1_024, BYTES_MAX, IsoLimits.DEFAULT.fileBytesMax()),
        (int)
            section
                .maybe("transactionsMax")
                .about("Of a message in the folder; the API takes 10,000 at most.")
                .integer(1, Integer.MAX_VALUE, IsoLimits.DEFAULT.transactionsMax()),
        (int)
            section
                .maybe("transactionBytesMax")
                .about("Of a transaction, and of what stands before the first or after the last.")
                .integer(1_024, IsoLimits.TRANSACTION_BYTES_MAX, IsoLimits.TRANSACTION_BYTES_MAX));
  }

  private static void check(SourceMapping mapping, Problems problems) {
    List<String> known = IsoField.columns();
    for (String column : mapping.columnNames()) {
      if (!column.isEmpty() && IsoField.of(column).isEmpty()) {
        String near = Problems.closest(column, known);
        problems.add(
            Code.CDT_206,
            mapping.place(),
            "ISO 20022 messages give no field '" + column + "'.",
            near.isEmpty()
                ? "Write one of " + String.join(", ", known) + "."
                : "Did you mean '" + near + "'?");
      }
    }
    if (!mapping.reference().equals(List.of(IsoField.IDENTITY.column()))) {
      problems.add(
          Code.CDT_106,
          mapping.place(),
          "A message's transaction is known by its identity alone.",
          "Write 'reference: identity'.");
    }
  }
}
