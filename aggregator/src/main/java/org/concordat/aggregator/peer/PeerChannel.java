package org.concordat.aggregator.peer;

import org.concordat.aggregator.mpc.Channel;

/**
 * One party's end of one attempt. {@code send} and {@code receive} throw {@link
 * UnavailableException} once the session has ended or the channel is closed, also while they wait.
 */
public interface PeerChannel extends Channel, AutoCloseable {
  /** Ends the attempt on this side, from any thread: flights that come later are dropped. */
  @Override
  void close();
}
