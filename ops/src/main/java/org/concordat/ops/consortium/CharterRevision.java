package org.concordat.ops.consortium;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;

/**
 * The next revision of a charter: which one it may be, and what changes by it. What names topics,
 * and who computes, stays: rows on their way and the aggregators' state are bound to it.
 */
public final class CharterRevision {
  private CharterRevision() {}

  /**
   * With one more bank, the last in order.
   *
   * @throws InvalidInputException CDT-509: a member has this name already
   */
  public static Charter with(Charter charter, Charter.Bank bank) {
    if (charter.memberKeys().containsKey(bank.name())) {
      throw refused(bank.name(), "The charter lists '" + bank.name() + "' already.");
    }
    List<Charter.Bank> banks = new ArrayList<>(charter.banks());
    banks.add(bank);
    return next(charter, charter.quorum(), banks);
  }

  /**
   * With one bank less.
   *
   * @param quorum banks whose signatures a rule set then needs
   * @throws InvalidInputException CDT-505: there is none of this name; CDT-509: it is the only one,
   *     or fewer than the quorum stay
   */
  public static Charter without(Charter charter, String bank, int quorum) {
    if (charter.bank(bank).isEmpty()) {
      throw new InvalidInputException(List.of(Problem.of(Code.CDT_505, Place.of(bank))));
    }
    List<Charter.Bank> banks =
        charter.banks().stream().filter(each -> !each.name().equals(bank)).toList();
    if (banks.size() < Math.max(1, quorum)) {
      throw refused(bank, banks.size() + " banks would be left, and the quorum is " + quorum + ".");
    }
    return next(charter, quorum, banks);
  }

  private static Charter next(Charter charter, int quorum, List<Charter.Bank> banks) {
    return new Charter(
        charter.hash(),
        charter.revision() + 1,
        charter.revisionHash(),
        charter.consortium(),
        charter.mode(),
        charter.suite(),
        charter.partitions(),
        quorum,
        charter.bankOperatedAggregators(),
        charter.epochDays(),
        charter.allowUnverifiedLinkage(),
        charter.contractVersions(),
        charter.caps(),
        charter.aggregators(),
        List.copyOf(banks));
  }

  /**
   * Holds a proposed revision against the charter that is in force.
   *
   * @throws InvalidInputException CDT-509: it isn't the next one, or changes what has to stay
   */
  public static void requireFollows(Charter charter, Charter next, Path file) {
    if (!next.hash().equals(charter.hash())) {
      throw refused(file.toString(), "The revision names another founding charter.");
    }
    if (next.revision() != charter.revision() + 1) {
      throw refused(
          file.toString(),
          "Revision " + next.revision() + " can't follow revision " + charter.revision() + ".");
    }
    kept(file, "consortium", charter, next, Charter::consortium);
    kept(file, "mode", charter, next, Charter::mode);
    kept(file, "suite", charter, next, Charter::suite);
    kept(file, "partitions", charter, next, Charter::partitions);
    kept(file, "aggregators", charter, next, Charter::aggregators);
  }

  private static void kept(
      Path file, String key, Charter charter, Charter next, Function<Charter, Object> value) {
    if (!value.apply(charter).equals(value.apply(next))) {
      throw refused(file.toString(), "The revision changes '" + key + "', which has to stay.");
    }
  }

  private static InvalidInputException refused(String place, String reason) {
    return new InvalidInputException(Code.CDT_509, Place.of(place), reason, Code.CDT_509.fix());
  }

  /** What changes, a line each, for who has to decide whether to sign. */
  public static List<String> changes(Charter charter, Charter next) {
    List<String> lines = new ArrayList<>();
    changed(lines, "quorum", charter, next, Charter::quorum);
    changed(lines, "bankOperatedAggregators", charter, next, Charter::bankOperatedAggregators);
    changed(lines, "epochDays", charter, next, Charter::epochDays);
    changed(lines, "allowUnverifiedLinkage", charter, next, Charter::allowUnverifiedLinkage);
    changed(lines, "contractVersions", charter, next, Charter::contractVersions);
    changed(lines, "caps", charter, next, Charter::caps);
    for (Charter.Bank bank : charter.banks()) {
      Charter.Bank then = next.bank(bank.name()).orElse(null);
      if (then == null) {
        lines.add("bank " + bank.name() + " leaves");
      } else if (!then.equals(bank)) {
        lines.add("bank " + bank.name() + " gets other keys");
      }
    }
    Set<String> before = new HashSet<>(charter.bankKeys().keySet());
    for (Charter.Bank bank : next.banks()) {
      if (!before.contains(bank.name())) {
        lines.add("bank " + bank.name() + " joins, verifying key " + bank.verifyingKey());
      }
    }
    return lines;
  }

  private static void changed(
      List<String> lines, String key, Charter charter, Charter next, Function<Charter, Object> of) {
    if (!of.apply(charter).equals(of.apply(next))) {
      lines.add(key + " changes from " + of.apply(charter) + " to " + of.apply(next));
    }
  }
}
