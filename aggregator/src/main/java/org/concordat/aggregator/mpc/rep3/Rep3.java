package org.concordat.aggregator.mpc.rep3;

import java.util.Arrays;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Flight;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.SharedTable;
import org.concordat.aggregator.mpc.Step;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.random.Randomness;

/**
 * Replicated sharing among three parties, semi-honest. Araki, Furukawa, Lindell, Nof, Ohara,
 * "High-Throughput Semi-Honest Secure Three-Party Computation with an Honest Majority", CCS 2016
 * (ePrint 2016/768), sections 2 and 3, in the indices of PROTOCOLS 2.1: x = x_0 + x_1 + x_2 (or
 * exclusive or); P_i holds x_i at position 0 and x_{i+1} at position 1; key k_i is shared by P_i
 * and P_{i-1}. From Boolean to arithmetic as {@link #beginB2a} says.
 *
 * <p>A product costs one flight, of one word for each word of the result, to the previous party. An
 * opening costs one flight: the words to the next party and a hash of 32 bytes to the previous one.
 *
 * <p>Hides everything but what is opened from any one party that follows the protocol, whatever it
 * keeps and computes. Does NOT protect against two parties that pool what they hold, nor against
 * one that deviates: a cheat can add a constant to a product unnoticed, hence {@link #verifies} is
 * false. A cheat in an opening's own copies is found.
 *
 * <p>One instance serves one attempt and one thread.
 */
public final class Rep3 implements Suite {
  private static final int PARTIES = 3;
  private static final int HELD = 2;

  private final Channel channel;
  private final Randomness randomness;
  private final int party;
  private final int previous;
  private final int next;
  private long[] outgoing = new long[0];
  private long[] incoming = new long[0];
  private long[] slot = new long[0];

  /**
   * @param keyWithPrevious 32 bytes of this attempt's alone, k_i
   * @param keyWithNext 32 bytes of this attempt's alone, k_{i+1}
   */
  public Rep3(Channel channel, byte[] keyWithPrevious, byte[] keyWithNext) {
    if (channel.parties() != PARTIES) {
      throw new IllegalArgumentException("rep3 has three parties");
    }
    this.channel = channel;
    this.randomness = new Randomness(keyWithPrevious, keyWithNext);
    this.party = channel.party();
    this.previous = (party + 2) % PARTIES;
    this.next = (party + 1) % PARTIES;
  }

  @Override
  public String name() {
    return "rep3";
  }

  @Override
  public int party() {
    return party;
  }

  @Override
  public int parties() {
    return PARTIES;
  }

  @Override
  public int held() {
    return HELD;
  }

  @Override
  public int component(int position) {
    return (party + position) % PARTIES;
  }

  @Override
  public boolean verifies() {
    return false;
  }

  /** {@inheritDoc} One flight, a word for each word of the product. */
  @Override
  public Flight and(Step step, Columns columns, int[] left, int[] right, int[] product) {
    int words = columns.words();
    long[][] first = columns.component(0);
    long[][] second = columns.component(1);
    int length = prepare(product.length, words);
    randomness.zeroShareBits(step, outgoing, length);
    for (int k = 0; k < product.length; k++) {
      long[] z = first[product[k]];
      System.arraycopy(outgoing, k * words, z, 0, words);
      Kernels.and(z, first[left[k]], second[left[k]], first[right[k]], second[right[k]], words);
      System.arraycopy(z, 0, outgoing, k * words, words);
    }
    return reshared(step, columns, product, length);
  }

  /**
   * {@inheritDoc} A dot product over Z_2, its terms added up before they are sent (PROTOCOLS 2.1).
   * One flight, a word for each word of what is selected.
   */
  @Override
  public Flight select(
      Step step, Columns columns, int[][] planes, long[] offsets, int[][] selected) {
    int words = columns.words();
    int[] slots = Arrays.stream(selected).flatMapToInt(Arrays::stream).toArray();
    int length = prepare(slots.length, words);
    randomness.zeroShareBits(step, outgoing, length);
    int at = 0;
    for (int k = 0; k < selected.length; k++) {
      for (int row = 0; row < selected[k].length; row++) {
        long[] z = columns.component(0)[selected[k][row]];
        System.arraycopy(outgoing, at, z, 0, words);
        Kernels.select(z, columns, planes[k], offsets[k] + (long) row * planes[k].length);
        System.arraycopy(z, 0, outgoing, at, words);
        at += words;
      }
    }
    return reshared(step, columns, slots, length);
  }

  /**
   * {@inheritDoc} With three components the carry is their majority, x_0 x_1 ^ x_1 x_2 ^ x_2 x_0,
   * and each party holds the two factors of one of its terms. Mohassel and Rindal, "ABY3" (ePrint
   * 2018/403), section 5.3, reach the same with shared factors. One flight, a word for each word.
   */
  @Override
  public Flight carry(Step step, Columns columns, int[] bits, int[] carries) {
    int words = columns.words();
    long[][] first = columns.component(0);
    long[][] second = columns.component(1);
    int length = prepare(carries.length, words);
    randomness.zeroShareBits(step, outgoing, length);
    for (int k = 0; k < carries.length; k++) {
      long[] z = first[carries[k]];
      System.arraycopy(outgoing, k * words, z, 0, words);
      Kernels.majority(z, first[bits[k]], second[bits[k]], words);
      System.arraycopy(z, 0, outgoing, k * words, words);
    }
    return reshared(step, columns, carries, length);
  }

  /** {@inheritDoc} One flight, a word for each word of the product. */
  @Override
  public Flight multiply(Step step, Columns columns, int[] left, int[] right, int[] product) {
    int words = columns.words();
    long[][] first = columns.component(0);
    long[][] second = columns.component(1);
    int length = prepare(product.length, words);
    randomness.zeroShareWords(step, outgoing, length);
    for (int k = 0; k < product.length; k++) {
      long[] z = first[product[k]];
      System.arraycopy(outgoing, k * words, z, 0, words);
      Kernels.multiply(
          z, first[left[k]], second[left[k]], first[right[k]], second[right[k]], words);
      System.arraycopy(z, 0, outgoing, k * words, words);
    }
    return reshared(step, columns, product, length);
  }

  /**
   * {@inheritDoc} The parts of all terms are added up before they are sent (PROTOCOLS 2.1). One
   * flight, a word for each word of the product. A cheat can add a constant to a row of the sum.
   */
  @Override
  public Flight dot(Step step, Columns columns, int[][] left, int[][] right, int[] product) {
    int words = columns.words();
    long[][] first = columns.component(0);
    long[][] second = columns.component(1);
    int length = prepare(product.length, words);
    randomness.zeroShareWords(step, outgoing, length);
    for (int k = 0; k < product.length; k++) {
      long[] z = first[product[k]];
      System.arraycopy(outgoing, k * words, z, 0, words);
      for (int j = 0; j < left[k].length; j++) {
        int x = left[k][j];
        int y = right[k][j];
        Kernels.multiply(z, first[x], second[x], first[y], second[y], words);
      }
      System.arraycopy(z, 0, outgoing, k * words, words);
    }
    return reshared(step, columns, product, length);
  }

  /**
   * {@inheritDoc} Derived here: for a bit b = u ^ v with u = b_0 ^ b_1, known to P_0, and v = b_2,
   * known to P_1 and P_2, b = v + (1-2v)u. P_0 sends u - F(k_1) to P_2, one word for each bit of
   * the code; then P_2 has v + (1-2v)(u - F(k_1)) and P_1 has (1-2v)F(k_1), which add up to b: the
   * words that {@link #endB2a} reshares. P_2 sees u under a fresh mask that it doesn't know; the
   * other two see nothing. Bits of a code are weighted and added on the way, so the second flight
   * is one word a row.
   */
  @Override
  public Flight beginB2a(Step step, Columns columns, int[][] codes, int[] targets) {
    int planes = Arrays.stream(codes).mapToInt(code -> code.length).sum();
    int length = prepare(planes * Columns.LANES, columns.words());
    for (int target : targets) {
      for (int lane = 0; lane < Columns.LANES; lane++) {
        Arrays.fill(columns.component(0)[target + lane], 0, columns.words(), 0);
      }
    }
    return switch (party) {
      case 0 -> {
        randomness.withNext(step, outgoing, length);
        maskBits(columns, codes);
        channel.send(previous, step, outgoing, 0, length);
        yield () -> {};
      }
      case 1 -> {
        randomness.withPrevious(step, outgoing, length);
        addBits(columns, codes, targets, outgoing);
        yield () -> {};
      }
      default ->
          () -> {
            reserveIncoming(length);
            channel.receive(next, step, incoming, 0, length);
            addBits(columns, codes, targets, incoming);
          };
    };
  }

  /** P_0: the exclusive or of both components of each bit, minus the mask that is in its place. */
  private void maskBits(Columns columns, int[][] codes) {
    int words = columns.words();
    int at = 0;
    for (int[] code : codes) {
      for (int plane : code) {
        for (int lane = 0; lane < Columns.LANES; lane++) {
          System.arraycopy(outgoing, at, slot, 0, words);
          Kernels.maskedBit(
              slot, columns.component(0)[plane], columns.component(1)[plane], lane, words);
          System.arraycopy(slot, 0, outgoing, at, words);
          at += words;
        }
      }
    }
  }

  /** P_1 and P_2: their summand of each code, from their words for its bits. */
  private void addBits(Columns columns, int[][] codes, int[] targets, long[] ofBits) {
    int words = columns.words();
    boolean isSecond = party == 2;
    long[][] ownedLast = columns.component(isSecond ? 0 : 1);
    long[][] sums = columns.component(0);
    int at = 0;
    for (int k = 0; k < codes.length; k++) {
      for (int bit = 0; bit < codes[k].length; bit++) {
        long[] plane = ownedLast[codes[k][bit]];
        for (int lane = 0; lane < Columns.LANES; lane++) {
          System.arraycopy(ofBits, at, slot, 0, words);
          long[] sum = sums[targets[k] + lane];
          if (isSecond) {
            Kernels.addFlipped(sum, slot, plane, lane, bit, words);
          } else {
            Kernels.addSigned(sum, slot, plane, lane, bit, words);
          }
          at += words;
        }
      }
    }
  }

  /** {@inheritDoc} One flight, one word a row. */
  @Override
  public Flight endB2a(Step step, Columns columns, int[] targets) {
    int[] lanes = new int[targets.length * Columns.LANES];
    Arrays.setAll(lanes, i -> targets[i / Columns.LANES] + i % Columns.LANES);
    return reshareWords(step, columns, lanes);
  }

  /** {@inheritDoc} One flight, a word for each word. */
  @Override
  public Flight reshareBits(Step step, Columns columns, int[] slots) {
    int words = columns.words();
    int length = prepare(slots.length, words);
    randomness.zeroShareBits(step, outgoing, length);
    for (int k = 0; k < slots.length; k++) {
      System.arraycopy(outgoing, k * words, slot, 0, words);
      Kernels.xor(columns.component(0)[slots[k]], slot, words);
      System.arraycopy(columns.component(0)[slots[k]], 0, outgoing, k * words, words);
    }
    return reshared(step, columns, slots, length);
  }

  /** {@inheritDoc} One flight, a word for each word. */
  @Override
  public Flight reshareWords(Step step, Columns columns, int[] slots) {
    int words = columns.words();
    int length = prepare(slots.length, words);
    randomness.zeroShareWords(step, outgoing, length);
    for (int k = 0; k < slots.length; k++) {
      System.arraycopy(outgoing, k * words, slot, 0, words);
      Kernels.add(columns.component(0)[slots[k]], slot, words);
      System.arraycopy(columns.component(0)[slots[k]], 0, outgoing, k * words, words);
    }
    return reshared(step, columns, slots, length);
  }

  /** {@inheritDoc} Component i is what P_i and P_{i-1} draw from k_i. */
  @Override
  public void randomBits(Step step, Columns columns, int[] planes) {
    int words = columns.words();
    int length = prepare(planes.length, words);
    randomness.withPrevious(step, outgoing, length);
    scatter(outgoing, columns.component(0), planes, words);
    randomness.withNext(step, outgoing, length);
    scatter(outgoing, columns.component(1), planes, words);
  }

  private static void scatter(long[] source, long[][] component, int[] slots, int words) {
    for (int k = 0; k < slots.length; k++) {
      System.arraycopy(source, k * words, component[slots[k]], 0, words);
    }
  }

  /** {@inheritDoc} As {@link Shuffle} says. */
  @Override
  public void shuffle(Steps steps, String path, SharedTable table) {
    new Shuffle(channel, randomness).run(steps, path, table);
  }

  /** {@inheritDoc} One flight, a hash of 32 bytes to each peer. */
  @Override
  public Flight compareHeld(Step step, Columns columns, int[] slots) {
    int length = prepare(slots.length, columns.words());
    gather(columns, columns.component(0), slots);
    long[] withPrevious = CopyHash.of(step, outgoing, length);
    gather(columns, columns.component(1), slots);
    return compare(step, withPrevious, CopyHash.of(step, outgoing, length));
  }

  /** {@inheritDoc} One flight, a hash of 32 bytes to each peer. */
  @Override
  public Flight compareKnown(Step step, long[] words) {
    long[] hash = CopyHash.of(step, words, words.length);
    return compare(step, hash, hash);
  }

  private Flight compare(Step step, long[] withPrevious, long[] withNext) {
    channel.send(previous, step, withPrevious, 0, CopyHash.WORDS);
    channel.send(next, step, withNext, 0, CopyHash.WORDS);
    return () -> {
      compare(step, previous, withPrevious);
      compare(step, next, withNext);
    };
  }

  private void compare(Step step, int peer, long[] own) {
    long[] other = new long[CopyHash.WORDS];
    channel.receive(peer, step, other, 0, CopyHash.WORDS);
    if (!CopyHash.equal(own, other)) {
      throw new ProtocolAbortException(Fault.HELD_DIFFER, step, peer);
    }
  }

  @Override
  public Flight openBits(Step step, Columns columns, int[] planes, long[] opened) {
    sendToNext(step, columns, planes);
    sendToPrevious(step, columns, planes);
    return () -> receiveBits(step, columns, planes, opened);
  }

  @Override
  public Flight openWords(Step step, Columns columns, int[] lanes, long[] opened) {
    sendToNext(step, columns, lanes);
    sendToPrevious(step, columns, lanes);
    return () -> receiveWords(step, columns, lanes, opened);
  }

  /**
   * {@inheritDoc} One flight: the words from the reader's previous party, a hash of 32 bytes from
   * its next one.
   */
  @Override
  public Flight openBitsTo(int reader, Step step, Columns columns, int[] planes, long[] opened) {
    return sendTo(reader, step, columns, planes)
        ? () -> receiveBits(step, columns, planes, opened)
        : () -> {};
  }

  @Override
  public Flight openWordsTo(int reader, Step step, Columns columns, int[] lanes, long[] opened) {
    return sendTo(reader, step, columns, lanes)
        ? () -> receiveWords(step, columns, lanes, opened)
        : () -> {};
  }

  /** Sends what the reader lacks, or its hash, unless this party is the reader: then true. */
  private boolean sendTo(int reader, Step step, Columns columns, int[] slots) {
    if (reader == next) {
      sendToNext(step, columns, slots);
    } else if (reader == previous) {
      sendToPrevious(step, columns, slots);
    } else if (reader != party) {
      throw new IllegalArgumentException("reader");
    }
    return reader == party;
  }

  /** P_{i+1} lacks x_i. */
  private void sendToNext(Step step, Columns columns, int[] slots) {
    int length = prepare(slots.length, columns.words());
    gather(columns, columns.component(0), slots);
    channel.send(next, step, outgoing, 0, length);
  }

  /** P_{i-1} lacks x_{i+1}: it gets a hash, in the same flight as the words (PROTOCOLS R1). */
  private void sendToPrevious(Step step, Columns columns, int[] slots) {
    int length = prepare(slots.length, columns.words());
    gather(columns, columns.component(1), slots);
    channel.send(previous, step, CopyHash.of(step, outgoing, length), 0, CopyHash.WORDS);
  }

  private void receiveBits(Step step, Columns columns, int[] planes, long[] opened) {
    receiveMissing(step, columns, planes, opened);
    for (int i = 0; i < planes.length * columns.words(); i++) {
      long[] x0 = columns.component(0)[planes[i / columns.words()]];
      long[] x1 = columns.component(1)[planes[i / columns.words()]];
      opened[i] ^= x0[i % columns.words()] ^ x1[i % columns.words()];
    }
  }

  private void receiveWords(Step step, Columns columns, int[] lanes, long[] opened) {
    receiveMissing(step, columns, lanes, opened);
    for (int i = 0; i < lanes.length * columns.words(); i++) {
      long[] x0 = columns.component(0)[lanes[i / columns.words()]];
      long[] x1 = columns.component(1)[lanes[i / columns.words()]];
      opened[i] += x0[i % columns.words()] + x1[i % columns.words()];
    }
  }

  /** x_{i-1}, compared with the other holder's hash before the words reach anyone. */
  private void receiveMissing(Step step, Columns columns, int[] slots, long[] opened) {
    int length = slots.length * columns.words();
    if (opened.length < length) {
      throw new IllegalArgumentException("opened is too short");
    }
    reserveIncoming(length);
    channel.receive(previous, step, incoming, 0, length);
    long[] vouched = new long[CopyHash.WORDS];
    channel.receive(next, step, vouched, 0, CopyHash.WORDS);
    if (!CopyHash.equal(vouched, CopyHash.of(step, incoming, length))) {
      throw new ProtocolAbortException(Fault.COPIES_DIFFER, step, previous);
    }
    System.arraycopy(incoming, 0, opened, 0, length);
  }

  private void gather(Columns columns, long[][] component, int[] slots) {
    int words = columns.words();
    for (int k = 0; k < slots.length; k++) {
      System.arraycopy(component[slots[k]], 0, outgoing, k * words, words);
    }
  }

  /** Sends position 0 of the slots, which is in {@code outgoing}; awaits position 1. */
  private Flight reshared(Step step, Columns columns, int[] slots, int length) {
    channel.send(previous, step, outgoing, 0, length);
    return () -> {
      reserveIncoming(length);
      channel.receive(next, step, incoming, 0, length);
      scatter(incoming, columns.component(1), slots, columns.words());
    };
  }

  /** Makes room for a flight and returns its length. */
  private int prepare(int slots, int words) {
    long length = (long) slots * words;
    if (length < 1 || length > Channel.FLIGHT_WORDS_MAX) {
      throw new IllegalArgumentException("flight length");
    }
    if (outgoing.length < length) {
      outgoing = new long[(int) length];
    }
    if (slot.length < words) {
      slot = new long[words];
    }
    return (int) length;
  }

  private void reserveIncoming(int length) {
    if (incoming.length < length) {
      incoming = new long[length];
    }
  }

  @Override
  public String toString() {
    return "Rep3[party=" + party + "]";
  }
}
