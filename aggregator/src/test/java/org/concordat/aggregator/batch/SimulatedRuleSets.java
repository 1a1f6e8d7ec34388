package org.concordat.aggregator.batch;

/** Rule sets that come to the parties while they run, to each at its own time. */
final class SimulatedRuleSets {
  /** Between two, on average; cuts are a few milliseconds apart. */
  private static final int PAUSE_MILLIS = 40;

  /** So late that some look for one before the others have it. */
  private static final int DELAY_MILLIS = 40;

  private static final int SETS_MAX = 16;

  private final SimulatedConsortium consortium;
  private int published;
  private boolean ended;

  SimulatedRuleSets(SimulatedConsortium consortium) {
    this.consortium = consortium;
  }

  void publishLater() {
    consortium.after(
        consortium.random.nextInt(2 * PAUSE_MILLIS),
        () -> {
          if (!ended && published < SETS_MAX) {
            publish(2 + published++);
            publishLater();
          }
        });
  }

  private void publish(int version) {
    var ruleSet = new RuleSetId(Batches.digest("rules" + version), version);
    for (int each = 0; each < SimulatedConsortium.PARTIES; each++) {
      int index = each;
      consortium.after(
          consortium.random.nextInt(DELAY_MILLIS),
          () -> {
            SimulatedParty party = consortium.parties.get(index);
            party.store.ruleSets.add(ruleSet);
            if (party.alive) {
              consortium.step(party, party.look());
            }
          });
    }
  }

  /** What a start does, unless its operator has forgotten the folder: then it comes later. */
  void look(SimulatedParty party) {
    if (consortium.random.nextInt(4) > 0) {
      consortium.step(party, party.look());
    } else {
      consortium.afterIn(party, DELAY_MILLIS, () -> consortium.step(party, party.look()));
    }
  }

  /** No more of them. */
  void end() {
    ended = true;
  }

  /** Whether a party has all of them. */
  boolean settled(SimulatedParty party) {
    return party.store.ruleSets.size() == published;
  }
}
