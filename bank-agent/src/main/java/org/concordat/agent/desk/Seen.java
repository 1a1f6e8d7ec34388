package org.concordat.agent.desk;

/** An item and where it stands now. Prints its id only. */
final class Seen {
  private final Item item;
  private final State state;

  Seen(Item item, State state) {
    this.item = item;
    this.state = state;
  }

  Item item() {
    return item;
  }

  State state() {
    return state;
  }

  @Override
  public String toString() {
    return "Seen[" + item.id() + "]";
  }
}
