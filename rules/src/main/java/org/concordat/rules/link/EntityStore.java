package org.concordat.rules.link;

/**
 * What is remembered of the entities of one group.
 *
 * @param carried what the next epoch gets of them
 * @param rememberedMinutes of its longest window or path
 */
record EntityStore(
    RecordLayout layout, EntityTable table, CarriedLayout carried, int rememberedMinutes) {
  static EntityStore of(
      LinkSpec spec, int components, boolean namesMembers, EntityGroups groups, int group) {
    var layout = new RecordLayout(spec, components, namesMembers, groups, group);
    int longest =
        spec.tracks().stream()
            .filter(track -> groups.holds(group, track.role()))
            .mapToInt(LinkSpec.Track::windowMinutes)
            .max()
            .orElse(0);
    boolean hasEdges =
        spec.edges().filter(edges -> groups.holds(group, edges.source())).isPresent();
    int farthest =
        hasEdges
            ? spec.paths().stream().mapToInt(LinkSpec.PathSpec::withinMinutes).max().orElse(0)
            : 0;
    return new EntityStore(
        layout,
        new EntityTable(layout.words(), spec.entitiesMax()),
        new CarriedLayout(spec, groups, group),
        Math.max(longest, farthest));
  }
}
