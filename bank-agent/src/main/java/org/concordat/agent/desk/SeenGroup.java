package org.concordat.agent.desk;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A group as it was when it was looked at: the desk's own changes with each alert. Holds accounts:
 * prints its id only.
 *
 * @param latest the number of the member that came last
 * @param members oldest first
 * @param states how many of them stand where
 */
record SeenGroup(
    String id, String account, long latest, List<Entry> members, Map<State, Long> states) {
  static SeenGroup of(Index.Group group, Function<Entry, State> state) {
    List<Entry> members = group.inOrder();
    Map<State, Long> states = new EnumMap<>(State.class);
    members.forEach(entry -> states.merge(state.apply(entry), 1L, Long::sum));
    return new SeenGroup(group.id, group.account, group.latest(), members, states);
  }

  @Override
  public String toString() {
    return "SeenGroup[" + id + "]";
  }
}
