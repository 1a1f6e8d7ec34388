package org.concordat.rules.language;

import java.util.List;
import java.util.Optional;
import org.concordat.rules.entity.EntityKind;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.link.LinkSpec.Hidden;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/** Reads {@code hideAmong} and what goes with it. */
final class HidingReader {
  /** Records that are remembered at a time. */
  static final int RECORDS_MAX = 1 << 24;

  private static final int RECORDS_DEFAULT = 1_000_000;
  private static final int AMONG_MAX = 1_000_000;

  private static final List<String> HIDING =
      List.of("activeEntities", "jointly", "recordsMax", "recordsPerBank");

  /** What needs the pseudonyms of entities. */
  private static final List<String> NAMING =
      List.of(
          "entitiesMax", "entitiesPerBank", "paths", "edgesMax", "fresh", "stepsMax", "carried");

  /**
   * As a rule set declares it.
   *
   * @param jointly whether all entities of a record are hidden together
   */
  record Hiding(
      int among, int activeEntities, boolean jointly, int recordsMax, int recordsPerBank) {
    LinkSpecBuilder.Bounds bounds() {
      return new LinkSpecBuilder.Bounds(
          recordsMax, recordsPerBank, 0, 0, 0, Optional.of(this), false);
    }

    /**
     * @param entities fields of a record that are linked
     */
    Hidden hidden(int entities) {
      return new Hidden(among, activeEntities, jointly ? Math.max(1, entities) : 1);
    }
  }

  private HidingReader() {}

  /**
   * Reads how a rule set hides entities.
   *
   * @return nothing where it doesn't
   */
  static Optional<Hiding> read(Document document, FeatureContract contract) {
    Document hideAmong = document.maybe("hideAmong");
    if (!hideAmong.isPresent()) {
      refuse(
          document,
          HIDING,
          "goes with 'hideAmong', which isn't declared.",
          "Remove it, or declare 'hideAmong'.");
      return Optional.empty();
    }
    refuse(
        document,
        NAMING,
        "needs pseudonyms of entities, which 'hideAmong' hides.",
        "Remove it, or write 'linkage: 64' instead of 'hideAmong'.");
    int among = (int) hideAmong.integer(1, AMONG_MAX);
    int before = document.problems().list().size();
    int active = (int) document.get("activeEntities").integer(1, LinksReader.ENTITIES_MAX);
    boolean jointly = document.maybe("jointly").bool(true);
    boolean isDeclared = document.problems().list().size() == before;
    int recordsMax = (int) document.maybe("recordsMax").integer(1, RECORDS_MAX, RECORDS_DEFAULT);
    int perBank =
        (int) document.maybe("recordsPerBank").integer(1, recordsMax, (recordsMax + 1L) / 2);
    check(hideAmong, among, isDeclared ? active : Integer.MAX_VALUE);
    checkPayments(hideAmong, contract);
    return Optional.of(new Hiding(among, active, jointly, recordsMax, perBank));
  }

  private static void refuse(Document document, List<String> keys, String reason, String fix) {
    keys.stream()
        .map(document::maybe)
        .filter(Document::isPresent)
        .forEach(key -> key.add(Code.CDT_225, "'" + key.path() + "' " + reason, fix));
  }

  private static void check(Document hideAmong, int among, int active) {
    if (among < Hidden.AMONG_MIN) {
      hideAmong.add(
          Code.CDT_225,
          "An entity among " + among + " is hardly hidden.",
          "Write " + Hidden.AMONG_MIN + " or more.");
    } else if (active / among < 2) {
      hideAmong.add(
          Code.CDT_225,
          "Of " + active + " active entities no bit can be opened that leaves " + among + ".",
          "Hide among fewer; or declare more 'activeEntities', if there are.");
    }
  }

  /**
   * Whether enough bits are left for each field.
   *
   * @param entities fields of a record that are linked
   */
  static void checkFields(Document hideAmong, Hiding hiding, int entities) {
    Hidden hidden = hiding.hidden(entities);
    if (hidden.bucketBits() < 1) {
      hideAmong.add(
          Code.CDT_225,
          "A record opens "
              + hidden.bitsMax()
              + (hidden.bitsMax() == 1 ? " bit" : " bits")
              + " in all, that "
              + hidden.sharedBy()
              + " entities share: none is left for each.",
          "Link fewer, or hide among fewer; 'jointly: false' opens as many of each, and then a"
              + " record's entities are hidden by themselves and not together.");
    }
  }

  private static void checkPayments(Document hideAmong, FeatureContract contract) {
    for (Feature entity : contract.entities()) {
      if (entity.entity() == EntityKind.PAYMENT) {
        hideAmong.add(
            Code.CDT_225,
            "The contract names payments ('"
                + entity.name()
                + "'): which two records are halves of one isn't known where entities are hidden,"
                + " and both would be counted.",
            "Use a contract without such an entity, or write 'linkage: 64'.");
      }
    }
  }
}
