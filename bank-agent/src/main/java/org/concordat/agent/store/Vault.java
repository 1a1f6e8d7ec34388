package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.concordat.schemas.seal.AtRestBox;

/** Encrypts what holds plaintext, each value bound to where it is stored. */
final class Vault {
  private static final String JOURNAL = "journal";
  private static final String DEAD_LETTERS = "dead-letters";
  private static final String ANSWERS = "answers";
  private static final String HISTORY = "history";
  private static final String DESK = "desk";
  private static final String NOTICES = "notices";
  private static final String CHECK = "check";
  private static final byte[] CHECK_PLAIN = "concordat".getBytes(StandardCharsets.UTF_8);

  private final AtRestBox box;

  Vault(AtRestBox box) {
    this.box = box;
  }

  byte[] sealJournal(JournalBlock block) {
    BlockPosition position = block.position();
    return box.seal(JOURNAL, position.partition(), "rows", position.key(), block.encode());
  }

  JournalBlock openJournal(BlockPosition position, byte[] sealed) {
    return JournalBlock.decode(position, openPlain(position, sealed));
  }

  long journalOrder(BlockPosition position, byte[] sealed) {
    return JournalBlock.decodeOrder(openPlain(position, sealed));
  }

  private byte[] openPlain(BlockPosition position, byte[] sealed) {
    return box.open(JOURNAL, position.partition(), "rows", position.key(), sealed);
  }

  byte[] sealLetter(long number, DeadLetter letter) {
    return box.seal(DEAD_LETTERS, 0, "letter", numberKey(number), letter.encode());
  }

  DeadLetter openLetter(long number, byte[] sealed) {
    return DeadLetter.decode(box.open(DEAD_LETTERS, 0, "letter", numberKey(number), sealed));
  }

  byte[] sealAnswer(Id request, Answered answered) {
    byte[] answer = answered.answer().encode();
    byte[] plain =
        ByteBuffer.allocate(Id.BYTES + answer.length)
            .put(answered.body().bytes())
            .put(answer)
            .array();
    return box.seal(ANSWERS, 0, "answer", request.bytes(), plain);
  }

  Answered openAnswer(Id request, byte[] sealed) {
    byte[] plain = box.open(ANSWERS, 0, "answer", request.bytes(), sealed);
    byte[] answer = Arrays.copyOfRange(plain, Id.BYTES, plain.length);
    return new Answered(Id.of(plain), Answer.decode(answer));
  }

  byte[] sealHistory(Id account, byte[] history) {
    return box.seal(HISTORY, 0, "account", account.bytes(), history);
  }

  byte[] openHistory(Id account, byte[] sealed) {
    return box.open(HISTORY, 0, "account", account.bytes(), sealed);
  }

  byte[] sealDesk(DeskTable table, byte[] key, byte[] plain) {
    return box.seal(DESK, 0, table.kind(), key, plain);
  }

  byte[] openDesk(DeskTable table, byte[] key, byte[] sealed) {
    return box.open(DESK, 0, table.kind(), key, sealed);
  }

  byte[] sealNotice(byte[] name, Notice notice) {
    return box.seal(NOTICES, 0, "notice", name, notice.encode());
  }

  Notice openNotice(byte[] name, byte[] sealed) {
    return Notice.decode(box.open(NOTICES, 0, "notice", name, sealed));
  }

  /** A value by which a later start sees whether it has the same key. */
  byte[] sealCheck() {
    return box.seal(CHECK, 0, CHECK, new byte[0], CHECK_PLAIN);
  }

  /** Fails as the box fails where the key is another. */
  byte[] openCheck(byte[] sealed) {
    return box.open(CHECK, 0, CHECK, new byte[0], sealed);
  }

  static byte[] numberKey(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }
}
