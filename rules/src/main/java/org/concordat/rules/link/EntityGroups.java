package org.concordat.rules.link;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Which entity fields of a record can name the same entity, as payer and payee do and a device
 * doesn't: those that a window or path looks up as one another. Each group has a table of its own,
 * whose records hold what is remembered of its entities and no more.
 */
final class EntityGroups {
  private final int[] groupOf;

  private EntityGroups(int[] groupOf) {
    this.groupOf = groupOf;
  }

  static EntityGroups of(LinkSpec spec) {
    int[] groupOf = IntStream.range(0, spec.entities().size()).toArray();
    for (LinkSpec.Measure measure : spec.measures()) {
      join(groupOf, measure.entity(), spec.tracks().get(measure.track()).role());
    }
    spec.edges().ifPresent(edges -> join(groupOf, edges.source(), edges.target()));
    return new EntityGroups(groupOf);
  }

  private static void join(int[] groupOf, int left, int right) {
    int kept = Math.min(groupOf[left], groupOf[right]);
    int gone = Math.max(groupOf[left], groupOf[right]);
    for (int i = 0; i < groupOf.length; i++) {
      groupOf[i] = groupOf[i] == gone ? kept : groupOf[i];
    }
  }

  /** The least entity field of a field's group. */
  int of(int entity) {
    return groupOf[entity];
  }

  boolean holds(int group, int entity) {
    return groupOf[entity] == group;
  }

  /** The groups of which anything is remembered, ascending. */
  List<Integer> kept(LinkSpec spec) {
    var kept = new TreeSet<Integer>();
    spec.tracks().forEach(track -> kept.add(groupOf[track.role()]));
    spec.edges().ifPresent(edges -> kept.add(groupOf[edges.source()]));
    return List.copyOf(kept);
  }

  /** By entity field: whether its entities have records of which anything is carried. */
  static boolean[] carried(LinkSpec spec) {
    EntityGroups groups = of(spec);
    boolean[] carried = new boolean[spec.entities().size()];
    for (int entity = 0; entity < carried.length; entity++) {
      int field = entity;
      boolean isKept =
          spec.tracks().stream().anyMatch(track -> track.role() == field)
              || spec.edges()
                  .filter(edges -> edges.source() == field || edges.target() == field)
                  .isPresent();
      carried[entity] = isKept && new CarriedLayout(spec, groups, groups.of(entity)).words() > 0;
    }
    return carried;
  }

  /** Bytes of each entity's record by the names of the fields that it can stand in. */
  static Map<List<String>, Long> bytes(LinkSpec spec, int components, boolean namesMembers) {
    EntityGroups groups = of(spec);
    Map<List<String>, Long> bytes = new LinkedHashMap<>();
    for (int group : groups.kept(spec)) {
      List<String> names = new ArrayList<>();
      for (int entity = 0; entity < spec.entities().size(); entity++) {
        if (groups.holds(group, entity)) {
          names.add(spec.entities().get(entity).name());
        }
      }
      var layout = new RecordLayout(spec, components, namesMembers, groups, group);
      int carried = new CarriedLayout(spec, groups, group).words();
      // Padding is at most as many rows again.
      long carriedBytes = carried == 0 ? 0 : 2L * (1 + carried * components) * Long.BYTES;
      bytes.put(
          names, (long) layout.words() * Long.BYTES + EntityTable.OVERHEAD_BYTES + carriedBytes);
    }
    return bytes;
  }

  /** See {@link LinkSpec#loggedBytes}. */
  static long loggedBytes(LinkSpec spec, int components, boolean namesMembers) {
    long words = spec.entities().size() + (long) components * spec.keptWords();
    for (boolean kept : spec.carried() ? spec.keepsHashes() : new boolean[0]) {
      words += kept ? 2L * components : 0;
    }
    int id = namesMembers ? 2 * Long.BYTES : 0;
    return Integer.BYTES + Long.BYTES + 1 + id + words * Long.BYTES;
  }
}
