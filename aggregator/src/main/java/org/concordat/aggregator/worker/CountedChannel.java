package org.concordat.aggregator.worker;

import java.util.concurrent.atomic.AtomicLong;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Step;

/** A channel that counts what came over it: an attempt to which flights come isn't stuck. */
final class CountedChannel implements Channel {
  private final Channel channel;
  private final AtomicLong received;

  /**
   * @param received is raised with each flight that came
   */
  CountedChannel(Channel channel, AtomicLong received) {
    this.channel = channel;
    this.received = received;
  }

  @Override
  public int party() {
    return channel.party();
  }

  @Override
  public int parties() {
    return channel.parties();
  }

  @Override
  public void send(int peer, Step step, long[] words, int offset, int length) {
    channel.send(peer, step, words, offset, length);
  }

  @Override
  public void receive(int peer, Step step, long[] words, int offset, int length) {
    channel.receive(peer, step, words, offset, length);
    received.incrementAndGet();
  }

  @Override
  public String toString() {
    return "CountedChannel[received=" + received + "]";
  }
}
