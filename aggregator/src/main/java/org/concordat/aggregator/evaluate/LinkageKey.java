package org.concordat.aggregator.evaluate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.aggregator.mpc.gadget.Aes;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;

/**
 * What one aggregator holds of an epoch's AES key, under which identifiers become pseudonyms. The
 * key exists as shares only; its schedule is part of it, so that it is computed once an epoch and
 * not with each batch. Prints nothing.
 */
public final class LinkageKey {
  private static final int KEY_WORDS = 2;
  private static final int WORDS = Aes.SCHEDULE_BITS / Long.SIZE;

  /** By position of the component, the schedule's bits. */
  private final long[][] components;

  private LinkageKey(long[][] components) {
    this.components = components;
  }

  /**
   * Draws a key that no party knows, and computes its schedule. As many rounds as AES has, and no
   * flight is longer than some hundred words.
   */
  public static LinkageKey draw(Suite suite, Steps steps) {
    var drawn = new Columns(suite.held(), KEY_WORDS, 1);
    suite.randomBits(steps.next("linkage/draw"), drawn, new int[] {0, 1});
    var builder = new CircuitBuilder();
    Bits key = builder.inputBits(KEY_WORDS * Long.SIZE);
    Bits schedule = Aes.schedule(builder, key);
    builder.output(schedule);
    Circuit circuit = builder.build();
    var columns = new Columns(suite.held(), circuit.slotCount(), 1);
    for (int position = 0; position < suite.held(); position++) {
      int[] slots = circuit.slots(key);
      for (int bit = 0; bit < slots.length; bit++) {
        long word = drawn.component(position)[bit / Long.SIZE][0];
        columns.component(position)[slots[bit]][0] = word >>> bit % Long.SIZE & 1;
      }
    }
    circuit.run(suite, columns, steps, "linkage/schedule");
    long[][] components = new long[suite.held()][WORDS];
    for (int position = 0; position < suite.held(); position++) {
      int[] slots = circuit.slots(schedule);
      for (int bit = 0; bit < slots.length; bit++) {
        long lowest = columns.component(position)[slots[bit]][0] & 1;
        components[position][bit / Long.SIZE] |= lowest << bit % Long.SIZE;
      }
    }
    wipe(drawn, suite.held());
    wipe(columns, suite.held());
    return new LinkageKey(components);
  }

  private static void wipe(Columns columns, int held) {
    for (int position = 0; position < held; position++) {
      for (long[] slot : columns.component(position)) {
        Arrays.fill(slot, 0);
      }
    }
  }

  /**
   * What {@link #bytes} gave.
   *
   * @throws IllegalArgumentException it has another length
   */
  public static LinkageKey of(ByteBuffer bytes) {
    if (bytes.remaining() == 0 || bytes.remaining() % (WORDS * Long.BYTES) != 0) {
      throw new IllegalArgumentException("length of a linkage key");
    }
    long[][] components = new long[bytes.remaining() / (WORDS * Long.BYTES)][WORDS];
    ByteBuffer source = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    for (long[] component : components) {
      for (int i = 0; i < WORDS; i++) {
        component[i] = source.getLong();
      }
    }
    return new LinkageKey(components);
  }

  /** For this party's own log, sealed. */
  public ByteBuffer bytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(components.length * WORDS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long[] component : components) {
      for (long word : component) {
        bytes.putLong(word);
      }
    }
    return bytes.flip();
  }

  /**
   * Compares every component among its holders. A party that has lost its key, or went back to an
   * older one, would make pseudonyms that nobody else has.
   */
  void compare(Suite suite, Steps steps) {
    int[] slots = new int[WORDS];
    Arrays.setAll(slots, i -> i);
    var columns = new Columns(components.length, WORDS, 1);
    for (int position = 0; position < components.length; position++) {
      for (int i = 0; i < WORDS; i++) {
        columns.component(position)[i][0] = components[position][i];
      }
    }
    suite.compareHeld(steps.next("linkage/key"), columns, slots).await();
    wipe(columns, components.length);
  }

  /** Fills planes with the schedule's bits, the same in every row. */
  void load(Columns columns, int[] planes) {
    for (int position = 0; position < components.length; position++) {
      long[][] slots = columns.component(position);
      for (int bit = 0; bit < planes.length; bit++) {
        boolean set = (components[position][bit / Long.SIZE] >>> bit % Long.SIZE & 1) == 1;
        Arrays.fill(slots[planes[bit]], 0, columns.words(), set ? -1L : 0L);
      }
    }
  }

  /** Clears what {@link #load} filled. */
  void clear(Columns columns, int[] planes) {
    for (int position = 0; position < components.length; position++) {
      for (int plane : planes) {
        Arrays.fill(columns.component(position)[plane], 0);
      }
    }
  }

  public void destroy() {
    for (long[] component : components) {
      Arrays.fill(component, 0);
    }
  }

  @Override
  public String toString() {
    return "LinkageKey";
  }
}
