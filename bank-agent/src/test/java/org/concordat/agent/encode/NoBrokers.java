package org.concordat.agent.encode;

import org.concordat.agent.store.BlockPosition;

/**
 * Surroundings of a spooler whose blocks go nowhere.
 *
 * @param idle whether they count as acknowledged at once
 */
public record NoBrokers(boolean idle) implements Spooler.Surroundings {
  @Override
  public boolean idle(int partition) {
    return idle;
  }

  @Override
  public void spooled(BlockPosition position) {}

  @Override
  public void counted() {}
}
