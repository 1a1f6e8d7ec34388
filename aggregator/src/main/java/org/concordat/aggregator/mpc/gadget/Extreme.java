package org.concordat.aggregator.mpc.gadget;

import java.util.ArrayList;
import java.util.List;

/**
 * The largest or smallest of some values and which it is: a tournament in ceil(log2 n) stages, each
 * a comparison and a {@link Selection}. Of equal values the first one wins. Nothing is opened.
 */
public final class Extreme {
  /**
   * An unsigned code that won.
   *
   * @param index of the winner in the list, as a code of ceil(log2 n) bits, at least one
   */
  public record OfCodes(Bits value, Bits index) {}

  /** A number that won. */
  public record OfNumbers(Word value, Bits index) {}

  private Extreme() {}

  /**
   * The largest of unsigned codes of equal width. For n codes of l bits n-1 times the cost of
   * {@link Comparison#notBelow} and l products for the choice, in ceil(log2 n) (2 + ceil(log2 l))
   * rounds.
   */
  public static OfCodes largest(CircuitBuilder circuit, List<Bits> codes) {
    List<OfCodes> left = new ArrayList<>();
    for (int i = 0; i < codes.size(); i++) {
      left.add(new OfCodes(codes.get(i), index(circuit, i, codes.size())));
    }
    while (left.size() > 1) {
      List<OfCodes> winners = new ArrayList<>();
      for (int i = 0; i + 1 < left.size(); i += 2) {
        OfCodes a = left.get(i);
        OfCodes b = left.get(i + 1);
        Bits isFirst = Comparison.notBelow(circuit, a.value, b.value);
        winners.add(
            new OfCodes(
                Selection.of(circuit, isFirst, a.value, b.value),
                Selection.of(circuit, isFirst, a.index, b.index)));
      }
      if (left.size() % 2 == 1) {
        winners.add(left.getLast());
      }
      left = winners;
    }
    return left.getFirst();
  }

  /** The smallest of unsigned codes of equal width: as {@link #largest} of their complements. */
  public static OfCodes smallest(CircuitBuilder circuit, List<Bits> codes) {
    OfCodes largest = largest(circuit, codes.stream().map(circuit::not).toList());
    return new OfCodes(circuit.not(largest.value), largest.index);
  }

  /** As {@link #largestNumber}, without which one it is. */
  public static Word largestOf(CircuitBuilder circuit, List<Word> words, int widthBits) {
    List<Word> left = words;
    while (left.size() > 1) {
      List<Word> winners = new ArrayList<>();
      for (int i = 0; i + 1 < left.size(); i += 2) {
        Word a = left.get(i);
        Word b = left.get(i + 1);
        Bits isSecond = Comparison.below(circuit, a, b, widthBits);
        winners.add(Selection.of(circuit, isSecond, b, a));
      }
      if (left.size() % 2 == 1) {
        winners.add(left.getLast());
      }
      left = winners;
    }
    return left.getFirst();
  }

  /** As {@link #smallestNumber}, without which one it is. */
  public static Word smallestOf(CircuitBuilder circuit, List<Word> words, int widthBits) {
    List<Word> opposites = words.stream().map(word -> opposite(circuit, word)).toList();
    return opposite(circuit, largestOf(circuit, opposites, widthBits));
  }

  /**
   * The largest of numbers, any two of which differ by less than 2^(widthBits-1). For n numbers n-1
   * times the cost of {@link Comparison#negative} and of an arithmetic choice, in ceil(log2 n) (5 +
   * ceil(log2(widthBits-2))) rounds.
   */
  public static OfNumbers largestNumber(CircuitBuilder circuit, List<Word> words, int widthBits) {
    List<OfNumbers> left = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      left.add(new OfNumbers(words.get(i), index(circuit, i, words.size())));
    }
    while (left.size() > 1) {
      List<OfNumbers> winners = new ArrayList<>();
      for (int i = 0; i + 1 < left.size(); i += 2) {
        OfNumbers a = left.get(i);
        OfNumbers b = left.get(i + 1);
        Bits isSecond = Comparison.below(circuit, a.value, b.value, widthBits);
        winners.add(
            new OfNumbers(
                Selection.of(circuit, isSecond, b.value, a.value),
                Selection.of(circuit, isSecond, b.index, a.index)));
      }
      if (left.size() % 2 == 1) {
        winners.add(left.getLast());
      }
      left = winners;
    }
    return left.getFirst();
  }

  /** The smallest of numbers: as {@link #largestNumber} of their opposites. */
  public static OfNumbers smallestNumber(CircuitBuilder circuit, List<Word> words, int widthBits) {
    OfNumbers largest =
        largestNumber(
            circuit, words.stream().map(word -> opposite(circuit, word)).toList(), widthBits);
    return new OfNumbers(opposite(circuit, largest.value), largest.index);
  }

  private static Word opposite(CircuitBuilder circuit, Word word) {
    return circuit.linear(List.of(word), List.of(-1L), 0);
  }

  private static Bits index(CircuitBuilder circuit, int index, int count) {
    int width = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(count - 1));
    Bits bits = new Bits();
    for (int bit = 0; bit < width; bit++) {
      bits = bits.append(circuit.constant((index >>> bit & 1) == 1));
    }
    return bits;
  }
}
