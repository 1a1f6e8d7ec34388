package org.concordat.agent.rest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.concordat.agent.encode.Acknowledgement;
import org.concordat.agent.encode.Outcome;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.Answer;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: from its body to the answer that is given when all is durable. Holds
 * plaintext until its records are handed on; prints nothing of it.
 */
final class Request {
  /** Who asked. */
  interface Asker {
    void answer(Answer answer);

    void refuse(RuntimeException refusal);
  }

  private final String caller;
  private final String operation;
  private final Optional<String> key;
  private final BodyFormat format;
  private final Asker asker;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean answered = new AtomicBoolean();
  private byte @Nullable [] body;
  private @Nullable Answer answer;
  private volatile Runnable whenOver = () -> {};

  Request(
      String caller,
      String operation,
      Optional<String> key,
      BodyFormat format,
      byte[] body,
      Asker asker) {
    this.caller = caller;
    this.operation = operation;
    this.key = key;
    this.format = format;
    this.body = body;
    this.asker = asker;
  }

  String caller() {
    return caller;
  }

  String operation() {
    return operation;
  }

  /** The idempotency key. */
  Optional<String> key() {
    return key;
  }

  /** The body, which is then left to the caller alone; nothing once an answer was given. */
  synchronized Optional<byte[]> takeBody() {
    byte[] taken = body;
    body = null;
    return Optional.ofNullable(taken);
  }

  List<SourceRecord> read(byte[] bytes) {
    return format.read(bytes);
  }

  /** Gives an answer, unless one was given. */
  void answerWith(Answer given) {
    if (answered.compareAndSet(false, true)) {
      asker.answer(given);
    }
  }

  /** Refuses, unless an answer was given. */
  void refuse(RuntimeException refusal) {
    if (answered.compareAndSet(false, true)) {
      // Whatever waits behind it in the queue holds no memory any more.
      takeBody();
      asker.refuse(refusal);
    }
  }

  /**
   * Expects so many records.
   *
   * @param over done once when the last of them is durable
   */
  void expect(int records, Runnable over) {
    waiting.set(records);
    whenOver = over;
  }

  /** The answer, once everything is decided. */
  synchronized Answer answer() {
    if (answer == null) {
      answer = format.answer(outcomes);
    }
    return answer;
  }

  /** Of one record; records are handed in one after another. */
  Acknowledgement acknowledgement() {
    return new Acknowledgement() {
      @Override
      public void decided(Outcome outcome) {
        synchronized (Request.this) {
          outcomes.add(outcome);
        }
      }

      @Override
      public void durable() {
        if (waiting.decrementAndGet() == 0) {
          whenOver.run();
          answerWith(answer());
        }
      }
    };
  }

  @Override
  public String toString() {
    return "Request[" + operation + "]";
  }
}
