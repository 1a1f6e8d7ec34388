package org.concordat.aggregator.mpc.gadget;

import java.util.Arrays;

/**
 * AES-128 (FIPS 197) of a shared block under a shared key. The S-box is Boyar's and Peralta's
 * circuit of 34 products in 4 rounds ("A depth-16 circuit for the AES S-box", ePrint 2011/332);
 * everything else is local. A block takes 160 S-boxes, a key 40: 5,440 and 1,360 products, each in
 * 40 rounds.
 *
 * <p>Codes hold byte i of a block in bits 8i to 8i+7.
 */
public final class Aes {
  private static final int BLOCK_BITS = 128;
  private static final int BYTES = 16;
  private static final int ROUNDS = 10;

  /** Bits of a key's schedule: the key, then the keys of the rounds. */
  public static final int SCHEDULE_BITS = (ROUNDS + 1) * BLOCK_BITS;

  private final CircuitBuilder circuit;

  private Aes(CircuitBuilder circuit) {
    this.circuit = circuit;
  }

  /**
   * Enciphers a block.
   *
   * @param block 128 bits
   * @param key 128 bits
   */
  public static Bits encrypt(CircuitBuilder circuit, Bits block, Bits key) {
    if (block.width() != BLOCK_BITS || key.width() != BLOCK_BITS) {
      throw new IllegalArgumentException("blocks and keys of AES-128 have 128 bits");
    }
    return encryptScheduled(circuit, block, schedule(circuit, key));
  }

  /** A key's schedule, {@link #SCHEDULE_BITS} long. */
  public static Bits schedule(CircuitBuilder circuit, Bits key) {
    var aes = new Aes(circuit);
    Bits[] roundKey = bytes(key);
    Bits schedule = key;
    int constant = 1;
    for (int round = 1; round <= ROUNDS; round++) {
      roundKey = aes.nextKey(roundKey, constant);
      constant = constant << 1 ^ (constant >>> 7) * 0x11B;
      schedule = schedule.append(join(roundKey));
    }
    return schedule;
  }

  /** Enciphers a block under a key whose schedule is there. */
  public static Bits encryptScheduled(CircuitBuilder circuit, Bits block, Bits schedule) {
    if (block.width() != BLOCK_BITS || schedule.width() != SCHEDULE_BITS) {
      throw new IllegalArgumentException("a block of 128 bits and a whole schedule");
    }
    return new Aes(circuit).encrypt(bytes(block), schedule);
  }

  private static Bits[] bytes(Bits code) {
    Bits[] bytes = new Bits[BYTES];
    Arrays.setAll(bytes, i -> code.slice(8 * i, 8 * i + 8));
    return bytes;
  }

  private static Bits join(Bits[] bytes) {
    Bits code = new Bits();
    for (Bits each : bytes) {
      code = code.append(each);
    }
    return code;
  }

  private Bits encrypt(Bits[] block, Bits schedule) {
    Bits[] state = xor(block, bytes(schedule.slice(0, BLOCK_BITS)));
    for (int round = 1; round <= ROUNDS; round++) {
      Bits[] shifted = new Bits[BYTES];
      for (int i = 0; i < BYTES; i++) {
        // Row i % 4 of column i / 4 comes from as many columns further as its row's number.
        shifted[i] = sbox(state[(i + 4 * (i % 4)) % BYTES]);
      }
      Bits[] roundKey = bytes(schedule.slice(BLOCK_BITS * round, BLOCK_BITS * (round + 1)));
      state = xor(round < ROUNDS ? mixColumns(shifted) : shifted, roundKey);
    }
    return join(state);
  }

  private Bits[] xor(Bits[] left, Bits[] right) {
    Bits[] sum = new Bits[left.length];
    Arrays.setAll(sum, i -> circuit.xor(left[i], right[i]));
    return sum;
  }

  private Bits[] nextKey(Bits[] key, int constant) {
    Bits[] next = new Bits[BYTES];
    for (int i = 0; i < BYTES; i++) {
      Bits before = i < 4 ? sbox(key[12 + (i + 1) % 4]) : next[i - 4];
      next[i] = circuit.xor(key[i], i == 0 ? addConstant(before, constant) : before);
    }
    return next;
  }

  private Bits addConstant(Bits code, int constant) {
    Bits sum = new Bits();
    for (int bit = 0; bit < 8; bit++) {
      boolean flips = (constant >>> bit & 1) == 1;
      sum = sum.append(flips ? circuit.not(code.bit(bit)) : code.bit(bit));
    }
    return sum;
  }

  private Bits[] mixColumns(Bits[] state) {
    Bits[] mixed = new Bits[BYTES];
    for (int column = 0; column < BYTES; column += 4) {
      Bits all =
          circuit.xor(
              circuit.xor(state[column], state[column + 1]),
              circuit.xor(state[column + 2], state[column + 3]));
      for (int row = 0; row < 4; row++) {
        Bits own = state[column + row];
        Bits pair = circuit.xor(own, state[column + (row + 1) % 4]);
        mixed[column + row] = circuit.xor(own, circuit.xor(all, times2(pair)));
      }
    }
    return mixed;
  }

  /** Modulo x^8 + x^4 + x^3 + x + 1. */
  private Bits times2(Bits code) {
    Bits high = code.bit(7);
    Bits product = high.append(circuit.xor(code.bit(0), high)).append(code.bit(1));
    product = product.append(circuit.xor(code.bit(2), high));
    return product.append(circuit.xor(code.bit(3), high)).append(code.slice(4, 7));
  }

  private Bits x(Bits left, Bits right) {
    return circuit.xor(left, right);
  }

  private Bits and(Bits left, Bits right) {
    return circuit.and(left, right);
  }

  /** Names as the paper has them; u0 is the highest bit. */
  private Bits sbox(Bits u) {
    Bits[] t = top(u);
    Bits[] m = middle(t, u.bit(0));
    return bottom(m);
  }

  private Bits[] top(Bits code) {
    Bits[] u = new Bits[8];
    Arrays.setAll(u, i -> code.bit(7 - i));
    Bits[] t = new Bits[28];
    t[1] = x(u[0], u[3]);
    t[2] = x(u[0], u[5]);
    t[3] = x(u[0], u[6]);
    t[4] = x(u[3], u[5]);
    t[5] = x(u[4], u[6]);
    t[6] = x(t[1], t[5]);
    t[7] = x(u[1], u[2]);
    t[8] = x(u[7], t[6]);
    t[9] = x(u[7], t[7]);
    t[10] = x(t[6], t[7]);
    t[11] = x(u[1], u[5]);
    t[12] = x(u[2], u[5]);
    t[13] = x(t[3], t[4]);
    t[14] = x(t[6], t[11]);
    t[15] = x(t[5], t[11]);
    t[16] = x(t[5], t[12]);
    t[17] = x(t[9], t[16]);
    t[18] = x(u[3], u[7]);
    t[19] = x(t[7], t[18]);
    t[20] = x(t[1], t[19]);
    t[21] = x(u[6], u[7]);
    t[22] = x(t[7], t[21]);
    t[23] = x(t[2], t[22]);
    t[24] = x(t[2], t[10]);
    t[25] = x(t[20], t[17]);
    t[26] = x(t[3], t[16]);
    t[27] = x(t[1], t[12]);
    return t;
  }

  private Bits[] middle(Bits[] t, Bits u7) {
    Bits[] m = new Bits[64];
    m[1] = and(t[13], t[6]);
    m[2] = and(t[23], t[8]);
    m[3] = x(t[14], m[1]);
    m[4] = and(t[19], u7);
    m[5] = x(m[4], m[1]);
    m[6] = and(t[3], t[16]);
    m[7] = and(t[22], t[9]);
    m[8] = x(t[26], m[6]);
    m[9] = and(t[20], t[17]);
    m[10] = x(m[9], m[6]);
    m[11] = and(t[1], t[15]);
    m[12] = and(t[4], t[27]);
    m[13] = x(m[12], m[11]);
    m[14] = and(t[2], t[10]);
    m[15] = x(m[14], m[11]);
    m[16] = x(m[3], m[2]);
    m[17] = x(m[5], t[24]);
    m[18] = x(m[8], m[7]);
    m[19] = x(m[10], m[15]);
    m[20] = x(m[16], m[13]);
    m[21] = x(m[17], m[15]);
    m[22] = x(m[18], m[13]);
    m[23] = x(m[19], t[25]);
    m[24] = x(m[22], m[23]);
    m[25] = and(m[22], m[20]);
    m[26] = x(m[21], m[25]);
    m[27] = x(m[20], m[21]);
    m[28] = x(m[23], m[25]);
    m[29] = and(m[28], m[27]);
    m[30] = and(m[26], m[24]);
    m[31] = and(m[20], m[23]);
    m[32] = and(m[27], m[31]);
    m[33] = x(m[27], m[25]);
    m[34] = and(m[21], m[22]);
    m[35] = and(m[24], m[34]);
    m[36] = x(m[24], m[25]);
    m[37] = x(m[21], m[29]);
    m[38] = x(m[32], m[33]);
    m[39] = x(m[23], m[30]);
    m[40] = x(m[35], m[36]);
    m[41] = x(m[38], m[40]);
    m[42] = x(m[37], m[39]);
    m[43] = x(m[37], m[38]);
    m[44] = x(m[39], m[40]);
    m[45] = x(m[42], m[41]);
    products(m, t, u7);
    return m;
  }

  private void products(Bits[] m, Bits[] t, Bits u7) {
    m[46] = and(m[44], t[6]);
    m[47] = and(m[40], t[8]);
    m[48] = and(m[39], u7);
    m[49] = and(m[43], t[16]);
    m[50] = and(m[38], t[9]);
    m[51] = and(m[37], t[17]);
    m[52] = and(m[42], t[15]);
    m[53] = and(m[45], t[27]);
    m[54] = and(m[41], t[10]);
    m[55] = and(m[44], t[13]);
    m[56] = and(m[40], t[23]);
    m[57] = and(m[39], t[19]);
    m[58] = and(m[43], t[3]);
    m[59] = and(m[38], t[22]);
    m[60] = and(m[37], t[20]);
    m[61] = and(m[42], t[1]);
    m[62] = and(m[45], t[4]);
    m[63] = and(m[41], t[2]);
  }

  private Bits bottom(Bits[] m) {
    Bits l0 = x(m[61], m[62]);
    Bits l1 = x(m[50], m[56]);
    Bits l2 = x(m[46], m[48]);
    Bits l3 = x(m[47], m[55]);
    Bits l4 = x(m[54], m[58]);
    Bits l5 = x(m[49], m[61]);
    Bits l6 = x(m[62], l5);
    Bits l7 = x(m[46], l3);
    Bits l8 = x(m[51], m[59]);
    Bits l9 = x(m[52], m[53]);
    Bits l10 = x(m[53], l4);
    Bits l11 = x(m[60], l2);
    Bits l12 = x(m[48], m[51]);
    Bits l13 = x(m[50], l0);
    Bits l14 = x(m[52], m[61]);
    Bits l15 = x(m[55], l1);
    Bits l16 = x(m[56], l0);
    Bits l17 = x(m[57], l1);
    Bits l18 = x(m[58], l8);
    Bits l19 = x(m[63], l4);
    Bits l20 = x(l0, l1);
    Bits l21 = x(l1, l7);
    Bits l22 = x(l3, l12);
    Bits l23 = x(l18, l2);
    Bits l24 = x(l15, l9);
    Bits l25 = x(l6, l10);
    Bits l26 = x(l7, l9);
    Bits l27 = x(l8, l10);
    Bits l28 = x(l11, l14);
    Bits l29 = x(l11, l17);
    return circuit
        .not(x(l6, l23))
        .append(circuit.not(x(l13, l27)))
        .append(x(l25, l29))
        .append(x(l20, l22))
        .append(x(l6, l21))
        .append(circuit.not(x(l19, l28)))
        .append(circuit.not(x(l16, l26)))
        .append(x(l6, l24));
  }
}
