package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.peer.PeerSettings.Versions;
import org.concordat.schemas.problem.Code;
import org.junit.jupiter.api.Test;

/** The links' small parts, at their bounds. */
class PeerPartsTest {
  @Test
  void theBacklogHoldsItsMaximumAndNotAByteMore() throws Exception {
    var backlog = new Backlog(1_000, 1_000);
    backlog.add(400);
    backlog.add(600);
    assertThat(backlog.bytes()).isEqualTo(1_000);
    var fault = catchThrowableOfType(LinkFault.class, () -> backlog.add(1));
    assertThat(fault.code()).isEqualTo(Code.CDT_652);
    backlog.release(1);
    backlog.add(1);
    assertThat(backlog.bytes()).isEqualTo(1_000);
  }

  /** However short they are: an array has a least length. */
  @Test
  void flightsThatNobodyTakesAreBounded() throws Exception {
    int bytesMax = 1 << 20;
    var inbox = new Inbox(1, "agg-2", new Backlog(2 * bytesMax, bytesMax), new WordPool());
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES);
    int most = bytesMax / (WordPool.SMALLEST * Long.BYTES);
    var fault =
        catchThrowableOfType(
            LinkFault.class,
            () -> {
              for (int step = 0; step <= most; step++) {
                inbox.put(new Inbox.Position(step, 1, 0), word.clear());
              }
            });
    assertThat(fault.code()).isEqualTo(Code.CDT_652);
  }

  @Test
  void thePoolGivesArraysThatAreLongEnough() {
    var pool = new WordPool();
    for (int length : new int[] {1, 255, 256, 257, 1 << 20, (1 << 20) + 1, 1 << 23}) {
      long[] array = pool.take(length);
      assertThat(array.length).isGreaterThanOrEqualTo(length).isLessThan(2 * length + 256);
      pool.giveBack(array);
      assertThat(pool.take(length)).isSameAs(array);
    }
  }

  /** Three parties' lists over links whose ids are the pairs' numbers. */
  private static byte[][] lists() {
    byte[][] lists = new byte[3][3 * Hkdf.KEY_BYTES];
    for (int one = 0; one < 3; one++) {
      for (int other = 0; other < 3; other++) {
        byte id = (byte) (one == other ? 0 : 1 + one + other);
        int at = other * Hkdf.KEY_BYTES;
        Arrays.fill(lists[one], at, at + Hkdf.KEY_BYTES, id);
      }
    }
    return lists;
  }

  @Test
  void aSessionNeedsListsThatAgreeOnEveryLink() {
    long agreed = Proposal.agree(lists()).orElseThrow();
    assertThat(agreed).isNotNegative();
    for (int party = 0; party < 3; party++) {
      for (int at = 0; at < 3 * Hkdf.KEY_BYTES; at++) {
        byte[][] changed = lists();
        changed[party][at] ^= 1;
        boolean own = at / Hkdf.KEY_BYTES == party;
        assertThat(Proposal.agree(changed).isPresent()).isEqualTo(own);
      }
    }
    byte[][] otherLink = lists();
    otherLink[0][Hkdf.KEY_BYTES] ^= 1;
    otherLink[1][0] ^= 1;
    assertThat(Proposal.agree(otherLink).orElseThrow()).isNotEqualTo(agreed);
    var fault = catchThrowableOfType(LinkFault.class, () -> Proposal.check(new byte[95], 3));
    assertThat(fault.code()).isEqualTo(Code.CDT_651);
  }

  private static Hello hello(Versions protocol) {
    byte[] view = new byte[32];
    view[31] = 5;
    return new Hello(
        protocol,
        new Versions(1, 2),
        0,
        3,
        -7,
        new byte[32],
        new byte[32],
        new byte[32],
        new byte[32],
        new byte[32],
        new byte[1_216],
        view);
  }

  @Test
  void aHelloIsReadUpToWhatThisReleaseKnows() throws LinkFault {
    byte[] bytes = hello(new Versions(1, 1)).encode();
    Hello longer = Hello.decode(Arrays.copyOf(bytes, bytes.length + 100));
    assertThat(longer.epoch()).isEqualTo(-7);
    assertThat(longer.planFormats()).isEqualTo(new Versions(1, 2));
    assertThat(longer.view()[31]).isEqualTo((byte) 5);
    int earlier = bytes.length - 32;
    assertThat(Hello.decode(Arrays.copyOf(bytes, earlier)).view())
        .as("of an earlier release")
        .isEqualTo(PeerSettings.ALONE.bytes());
    for (int length = 0; length < bytes.length; length++) {
      if (length == earlier) {
        continue;
      }
      byte[] cut = Arrays.copyOf(bytes, length);
      var fault = catchThrowableOfType(LinkFault.class, () -> Hello.decode(cut));
      assertThat(fault.code()).isEqualTo(Code.CDT_557);
    }
    bytes[0] ^= 1;
    var fault = catchThrowableOfType(LinkFault.class, () -> Hello.decode(bytes));
    assertThat(fault.code()).isEqualTo(Code.CDT_557);
  }

  @Test
  void releasesSpeakTheNewestThatBothKnow() throws LinkFault {
    var own = new Versions(2, 3);
    var earlier = new Versions(1, 2);
    var later = new Versions(3, 4);
    for (Versions other : List.of(earlier, own, later)) {
      hello(own).check(hello(other), 0);
      hello(other).check(hello(own), 0);
    }
    assertThat(own.common(earlier)).isEqualTo(2);
    assertThat(earlier.common(own)).isEqualTo(2);
    assertThat(own.common(own)).isEqualTo(3);
    assertThat(own.common(later)).isEqualTo(3);
  }

  /** It couldn't read a complaint, nor be read. */
  @Test
  void aBuildThatSkipsOneByOneIsRefused() {
    Hello own = hello(PeerSettings.PROTOCOL);
    Hello earlier = hello(new Versions(1, 2));
    var fault = catchThrowableOfType(LinkFault.class, () -> own.check(earlier, 0));
    assertThat(fault.code()).isEqualTo(Code.CDT_553);
  }

  @Test
  void helloesThatSawOtherCertificatesAreRefused() {
    Hello own = hello(new Versions(1, 1));
    byte[] other = new byte[32];
    other[3] = 1;
    var seen =
        new Hello(
            own.protocol(),
            own.planFormats(),
            1,
            3,
            1,
            own.charterHash(),
            own.ruleSetHash(),
            own.ownCertificate(),
            other,
            own.nonce(),
            own.key(),
            own.view());
    var fault = catchThrowableOfType(LinkFault.class, () -> own.check(seen, 1));
    assertThat(fault.code()).isEqualTo(Code.CDT_557);
    var misplaced = catchThrowableOfType(LinkFault.class, () -> own.check(seen, 2));
    assertThat(misplaced.code()).isEqualTo(Code.CDT_554);
    var newer = hello(new Versions(2, 2));
    var version = catchThrowableOfType(LinkFault.class, () -> own.check(newer, 0));
    assertThat(version.code()).isEqualTo(Code.CDT_553);
  }

  @Test
  void directionsAndPurposesHaveDifferentKeys() {
    var dialer = new LinkKeys(new byte[32], true);
    var acceptor = new LinkKeys(new byte[32], false);
    assertThat(dialer.sending()).isEqualTo(acceptor.receiving());
    assertThat(dialer.receiving()).isEqualTo(acceptor.sending());
    assertThat(dialer.sending()).isNotEqualTo(dialer.receiving());
    assertThat(dialer.secret()).isEqualTo(acceptor.secret()).isNotEqualTo(dialer.sending());
    assertThat(dialer.id()).isEqualTo(acceptor.id()).isNotEqualTo(dialer.secret());
    dialer.destroy();
    assertThat(dialer.sending()).containsOnly(0);
    assertThat(dialer.receiving()).containsOnly(0);
    assertThat(dialer.secret()).containsOnly(0);
    assertThat(dialer).hasToString("LinkKeys");
  }
}
