package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.List;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.PeerMessage;

/** Gathers the effects of one event, in order. */
final class Outbox {
  private List<Effect> effects = new ArrayList<>();

  void add(Effect effect) {
    effects.add(effect);
  }

  /**
   * @param content one of {@link PeerMessage}'s kinds
   */
  void broadcast(Object content) {
    effects.add(new Effect.Broadcast(new PeerMessage(content)));
  }

  void send(int peer, Object content) {
    effects.add(new Effect.Send(peer, new PeerMessage(content)));
  }

  void alarm(Code code, int party, String fact) {
    effects.add(new Effect.Alarm(code, party, fact));
  }

  List<Effect> drain() {
    List<Effect> drained = effects;
    effects = new ArrayList<>();
    return drained;
  }
}
