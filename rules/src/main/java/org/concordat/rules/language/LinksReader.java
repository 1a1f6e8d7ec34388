package org.concordat.rules.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/** Reads {@code linkage}, {@code windows} and {@code paths} of a rule file. */
final class LinksReader {
  static final int ENTITIES_MAX = 100_000_000;
  static final int LINKAGE_BITS = 64;

  /** Of an aggregator's state for one entity. */
  static final int ENTITY_BYTES_MAX = 32_768;

  private static final int ENTITIES_DEFAULT = 1_000_000;
  private static final int STEPS_MIN = 1_000;
  private static final int STEPS_MAX = 1_000_000;
  private static final int EDGES_DEFAULT = 16;
  private static final String NAME = "[A-Za-z][A-Za-z0-9_.-]{0,63}";

  private final FeatureContract contract;
  private final Document document;
  private final List<Feature> features = new ArrayList<>();
  private final List<LinkWindow> windows = new ArrayList<>();
  private final List<LinkPath> paths = new ArrayList<>();

  private LinksReader(Document document, FeatureContract contract) {
    this.document = document;
    this.contract = contract;
  }

  /**
   * Reads what a rule file links.
   *
   * @return nothing where it links nothing
   */
  static Optional<Links> read(Document document, FeatureContract contract) {
    return new LinksReader(document, contract).read();
  }

  private Optional<Links> read() {
    int before = document.problems().list().size();
    Document linkage = document.maybe("linkage");
    Document hideAmong = document.maybe("hideAmong");
    Optional<HidingReader.Hiding> hiding = HidingReader.read(document, contract);
    int entitiesMax =
        (int) document.maybe("entitiesMax").integer(1, ENTITIES_MAX, ENTITIES_DEFAULT);
    int entitiesPerBank =
        (int) document.maybe("entitiesPerBank").integer(1, entitiesMax, (entitiesMax + 1L) / 2);
    int stepsMax =
        (int) document.maybe("stepsMax").integer(STEPS_MIN, STEPS_MAX, LinkSpec.STEPS_DEFAULT);
    int edgesMax = (int) document.maybe("edgesMax").integer(1, LinkSpec.EDGES_MAX, EDGES_DEFAULT);
    boolean carried = document.maybe("carried").bool(false);
    Document fresh = document.maybe("fresh");
    int freshMinutes = new LinkTerms(contract, Code.CDT_228).minutes(fresh).orElse(0);
    Document windowList = document.maybe("windows");
    Document pathList = document.maybe("paths");
    var windowReader =
        new WindowReader(contract, hiding.map(HidingReader.Hiding::recordsMax).orElse(0), carried);
    for (String name : windowList.keys()) {
      Document spec = windowList.get(name);
      Optional<LinkWindow> window =
          isFree(name, windowList, spec) ? windowReader.read(name, spec) : Optional.empty();
      window.ifPresent(windows::add);
      features.add(window.map(LinkWindow::feature).orElseGet(() -> windowReader.any(name, spec)));
    }
    var pathReader = new PathReader(contract, edgesMax);
    for (String name : pathList.keys()) {
      Document spec = pathList.get(name);
      Optional<LinkPath> path =
          isFree(name, pathList, spec) ? pathReader.read(name, spec) : Optional.empty();
      path.ifPresent(paths::add);
      features.add(path.map(LinkPath::feature).orElseGet(() -> pathReader.any(name, spec)));
    }
    checkLinkage(linkage, hideAmong);
    if (carried) {
      checkCarried(entitiesMax);
    }
    if (features.isEmpty()) {
      return Optional.empty();
    }
    if (document.problems().list().size() > before) {
      // The rules are read all the same, so that what is wrong with them is said too.
      return Optional.of(
          new Links(
              nothing(),
              contract.with(features, Map.of()),
              List.of(),
              List.of(),
              document.place()));
    }
    var bounds =
        hiding
            .map(HidingReader.Hiding::bounds)
            .orElseGet(
                () ->
                    new LinkSpecBuilder.Bounds(
                        entitiesMax,
                        entitiesPerBank,
                        edgesMax,
                        freshMinutes,
                        stepsMax,
                        Optional.empty(),
                        carried));
    return Optional.of(links(hiding.isPresent() ? hideAmong : linkage, bounds));
  }

  /** Widths are proved with the ranges of the features: a column may not exceed its own. */
  private boolean rangeIs(String column, long max) {
    return features.stream()
        .filter(feature -> feature.name().equals(column))
        .allMatch(feature -> feature.max() == max);
  }

  private boolean rangeIsRight(LinkSpec.Derived column) {
    return switch (column) {
      case LinkSpec.Public(String name, long max) -> rangeIs(name, max);
      case LinkSpec.Carried carried -> rangeIs(carried.name(), carried.max());
      case LinkSpec.Shared unused -> true;
    };
  }

  private static LinkSpec nothing() {
    return new LinkSpec(
        0, 1, List.of(), -1, List.of(), List.of(), List.of(), Optional.empty(), List.of());
  }

  private boolean isFree(String name, Document list, Document spec) {
    int before = document.problems().list().size();
    checkName(name, list);
    boolean free = document.problems().list().size() == before;
    if (!free) {
      // What else is wrong with it is said once it has a name.
      spec.keys().forEach(spec::maybe);
    }
    return free;
  }

  private void checkName(String name, Document list) {
    if (!name.matches(NAME)) {
      document
          .problems()
          .add(
              Code.CDT_106,
              list.placeOfKey(name),
              "A name is a letter, then up to 63 of A-Z, a-z, 0-9, '_', '.' and '-'.",
              "Write such a name.");
      return;
    }
    boolean taken =
        contract.feature(name).isPresent()
            || features.stream().anyMatch(feature -> feature.name().equals(name));
    if (taken) {
      document
          .problems()
          .add(
              Code.CDT_107,
              list.placeOfKey(name),
              "Another feature, window or path has the name '" + name + "'.",
              "Give each its own name.");
    }
  }

  private void checkLinkage(Document linkage, Document hideAmong) {
    if (hideAmong.isPresent()) {
      if (linkage.isPresent()) {
        linkage.add(
            Code.CDT_225,
            "A rule set has a linkage, or hides entities among others.",
            "Remove 'linkage' or 'hideAmong'.");
      }
      if (features.isEmpty()) {
        hideAmong.add(Code.CDT_225, "No window links anything.", "Remove 'hideAmong'.");
      }
    } else if (!linkage.isPresent() && !features.isEmpty()) {
      document.add(
          Code.CDT_225,
          "Windows and paths need a linkage, and none is declared.",
          Code.CDT_225.fix());
    } else if (linkage.isPresent() && !linkage.text().equals("" + LINKAGE_BITS)) {
      linkage.add(
          Code.CDT_225,
          linkage.text().equals("0")
              ? "Grouping without any linkage isn't available."
              : "Only a linkage of " + LINKAGE_BITS + " bits is available.",
          Code.CDT_225.fix());
    } else if (linkage.isPresent() && features.isEmpty()) {
      linkage.add(Code.CDT_225, "No window or path links anything.", "Remove 'linkage'.");
    }
  }

  private void checkCarried(int entitiesMax) {
    Document carried = document.get("carried");
    boolean carries =
        windows.stream()
            .anyMatch(
                window ->
                    switch (window.kind()) {
                      case COUNT, SUM, BANKS, SINCE_FIRST, SINCE_LAST -> true;
                      case COUNTERPARTIES, LATEST -> false;
                    });
    if (!carries && document.problems().list().isEmpty()) {
      carried.add(
          Code.CDT_225,
          "No window is carried: those of 'distinct' entities, 'min', 'max' and 'equal' aren't.",
          "Remove 'carried'.");
    }
    if (entitiesMax > LinkSpec.ENTITIES_CARRIED_MAX) {
      carried.add(
          Code.CDT_230,
          "At most " + LinkSpec.ENTITIES_CARRIED_MAX + " entities can be carried.",
          "Lower 'entitiesMax', or remove 'carried'.");
    }
  }

  private Links links(Document linkage, LinkSpecBuilder.Bounds bounds) {
    var builder = new LinkSpecBuilder(contract);
    windows.forEach(builder::use);
    paths.forEach(builder::use);
    windows.forEach(builder::add);
    paths.forEach(builder::add);
    if (builder.tracks() > LinkSpec.TRACKS_MAX || builder.entities() > LinkSpec.ENTITIES_MAX) {
      document.add(
          Code.CDT_230,
          "There are more than "
              + LinkSpec.TRACKS_MAX
              + " different windows, or more than "
              + LinkSpec.ENTITIES_MAX
              + " entities in them.",
          "Let windows of one entity share length and events.");
      return new Links(
          nothing(), contract.with(features, Map.of()), List.of(), List.of(), linkage.place());
    }
    bounds
        .hiding()
        .ifPresent(hiding -> HidingReader.checkFields(linkage, hiding, builder.entities()));
    LinkSpec spec = builder.build(bounds);
    long bytes = spec.bytesPerEntity(2, true);
    if (bytes > ENTITY_BYTES_MAX) {
      document.add(
          Code.CDT_230,
          "An aggregator would keep "
              + bytes
              + " bytes for each entity; the limit is "
              + ENTITY_BYTES_MAX
              + ".",
          Code.CDT_230.fix());
    }
    Map<String, Integer> columns = new HashMap<>();
    for (LinkSpec.Derived column : spec.derived()) {
      columns.put(column.name(), columns.size());
      if (!rangeIsRight(column)) {
        throw new IllegalStateException("a number's range differs from what is derived");
      }
    }
    List<Links.PathFlag> flags = new ArrayList<>();
    for (int path = 0; path < paths.size(); path++) {
      LinkPath each = paths.get(path);
      if (each.kept() != null && each.value() != null) {
        flags.add(
            new Links.PathFlag(
                each.name(),
                path,
                each.value(),
                each.kept().from(),
                each.kept().to(),
                each.place()));
      }
    }
    return new Links(
        spec, contract.with(features, columns), builder.latestNumbers(), flags, linkage.place());
  }
}
