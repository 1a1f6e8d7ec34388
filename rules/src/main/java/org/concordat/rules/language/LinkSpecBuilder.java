package org.concordat.rules.language;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.concordat.rules.entity.EntityKind;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.language.Links.LatestNumber;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkSpec.EdgeSpec;
import org.concordat.rules.link.LinkSpec.EntityField;
import org.concordat.rules.link.LinkSpec.Hidden;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.PathSpec;
import org.concordat.rules.link.LinkSpec.Track;
import org.concordat.rules.link.LinkSpec.ValueField;
import org.jspecify.annotations.Nullable;

/**
 * Puts windows and paths together, and what they have in common once. All are named to {@link #use}
 * before any is added, since entities are in the contract's order.
 */
final class LinkSpecBuilder {
  private final FeatureContract contract;
  private final Set<String> used = new HashSet<>();
  private final List<ValueField> valueFields = new ArrayList<>();
  private final List<Track> tracks = new ArrayList<>();
  private final List<Measure> measures = new ArrayList<>();
  private final List<LatestNumber> latestNumbers = new ArrayList<>();
  private final List<PathSpec> paths = new ArrayList<>();
  private @Nullable LinkPath first;
  private @Nullable Feature edgeValue;

  LinkSpecBuilder(FeatureContract contract) {
    this.contract = contract;
  }

  void use(LinkWindow window) {
    used.add(window.entity().name());
    used.add(window.role().name());
    if (window.counterparty() != null) {
      used.add(window.counterparty().name());
    }
  }

  void use(LinkPath path) {
    used.add(path.source().name());
    used.add(path.target().name());
  }

  void add(LinkWindow window) {
    Feature counterparty = window.counterparty();
    var track =
        new Track(
            indexOf(window.role()),
            window.windowMinutes(),
            window.eventsMax(),
            counterparty == null ? -1 : indexOf(counterparty),
            window.latestMax());
    if (!tracks.contains(track)) {
      tracks.add(track);
    }
    int entity = indexOf(window.entity());
    int value = window.value() == null ? -1 : value(window.value(), window.counted());
    if (window.latestKind() == null) {
      measures.add(new Measure(window.name(), entity, tracks.indexOf(track), window.kind(), value));
    } else {
      addLatest(window, entity, tracks.indexOf(track), value);
    }
  }

  /** Windows over the same records of the same value share their columns. */
  private void addLatest(LinkWindow window, int entity, int track, int value) {
    int found = -1;
    for (int i = 0; i < measures.size(); i++) {
      Measure other = measures.get(i);
      if (other.kind() == LinkSpec.Kind.LATEST
          && other.entity() == entity
          && other.track() == track
          && other.value() == value) {
        found = i;
      }
    }
    if (found < 0) {
      found = measures.size();
      measures.add(
          new Measure(window.name() + "#latest", entity, track, LinkSpec.Kind.LATEST, value));
    }
    latestNumbers.add(
        new LatestNumber(
            window.name(),
            Objects.requireNonNull(window.latestKind()),
            found,
            Objects.requireNonNull(window.value()),
            window.feature().place()));
  }

  List<LatestNumber> latestNumbers() {
    return latestNumbers;
  }

  void add(LinkPath path) {
    first = first == null ? path : first;
    edgeValue = edgeValue == null ? path.value() : edgeValue;
    paths.add(path.spec());
  }

  int tracks() {
    return tracks.size();
  }

  /** What a rule set says at its top, see {@link LinkSpec} and {@link EdgeSpec}. */
  record Bounds(
      int entitiesMax,
      int entitiesPerBank,
      int edgesMax,
      int freshMinutes,
      int stepsMax,
      Optional<HidingReader.Hiding> hiding,
      boolean carried) {
    /**
     * @param entities fields of a record that are linked
     */
    Optional<Hidden> hidden(int entities) {
      return hiding.map(of -> of.hidden(entities));
    }
  }

  int entities() {
    return linked().size();
  }

  LinkSpec build(Bounds bounds) {
    List<Feature> linked = linked();
    int payment = -1;
    List<EntityField> entities = new ArrayList<>();
    for (Feature entity : linked) {
      if (entity.entity() == EntityKind.PAYMENT) {
        payment = entities.size();
      }
      entities.add(new EntityField(entity.name(), contract.fieldOf(entity.name())));
    }
    Optional<EdgeSpec> edges = first == null ? Optional.empty() : Optional.of(edges(first, bounds));
    Optional<Hidden> hidden = bounds.hidden(entities.size());
    return new LinkSpec(
        hidden.map(Hidden::bucketBits).orElse(LinksReader.LINKAGE_BITS),
        bounds.entitiesMax(),
        bounds.entitiesPerBank(),
        entities,
        payment,
        valueFields,
        tracks,
        measures,
        edges,
        paths,
        hidden,
        bounds.carried());
  }

  private EdgeSpec edges(LinkPath path, Bounds bounds) {
    int value = edgeValue == null ? -1 : value(edgeValue, null);
    return new EdgeSpec(
        indexOf(path.source()),
        indexOf(path.target()),
        value,
        bounds.edgesMax(),
        bounds.freshMinutes(),
        bounds.stepsMax());
  }

  /** What is looked up, and a payment's own name, so that its second half is known. */
  private List<Feature> linked() {
    return contract.entities().stream()
        .filter(e -> used.contains(e.name()) || e.entity() == EntityKind.PAYMENT)
        .toList();
  }

  private int indexOf(Feature entity) {
    return linked().indexOf(entity);
  }

  private int value(Feature feature, LinkWindow.@Nullable Range counted) {
    int field = contract.fieldOf(feature.name());
    ValueField value =
        counted == null
            ? new ValueField(feature.name(), field, feature.max())
            : new ValueField(feature.name(), field, counted.from(), counted.to(), true);
    if (!valueFields.contains(value)) {
      valueFields.add(value);
    }
    return valueFields.indexOf(value);
  }
}
