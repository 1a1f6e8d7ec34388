package org.concordat.rules.plan;

import java.util.List;
import java.util.function.IntUnaryOperator;
import org.concordat.schemas.share.Domain;

/**
 * One column operation. Inputs name earlier nodes of the plan by index, so a plan is sorted.
 *
 * <p>A node's value is an integer in Z_2^64 ({@link Domain#ARITHMETIC}, read as signed), an
 * unsigned code of some width ({@link Domain#BOOLEAN}) or a bit (a code of width 1).
 */
public sealed interface Node {
  /** The nodes that this one reads. */
  default List<Integer> operands() {
    return switch (this) {
      case Input unused -> List.of();
      case Linear linear -> linear.inputs();
      case SecretSum sum -> sum.inputs();
      case ToArithmetic converted -> List.of(converted.input());
      case ToCode converted -> List.of(converted.input());
      case Negative negative -> List.of(negative.input());
      case Zero zero -> List.of(zero.input());
      case Extreme extreme -> extreme.inputs();
      case CodeAtLeast compared -> List.of(compared.input());
      case CodeIn member -> List.of(member.input());
      case CodeNotBelow compared -> List.of(compared.left(), compared.right());
      case Not not -> List.of(not.input());
      case And and -> and.inputs();
      case Or or -> or.inputs();
      case AtLeast counted -> counted.inputs();
      case Forest forest -> forest.tests();
      case SecretForest forest -> forest.inputs();
    };
  }

  /** The same operation on nodes under other numbers. */
  default Node renumbered(IntUnaryOperator number) {
    return switch (this) {
      case Input input -> input;
      case Linear linear ->
          new Linear(all(linear.inputs(), number), linear.weights(), linear.constant());
      case SecretSum sum -> new SecretSum(sum.model(), all(sum.inputs(), number));
      case ToArithmetic(int input) -> new ToArithmetic(number.applyAsInt(input));
      case ToCode(int input, int widthBits) -> new ToCode(number.applyAsInt(input), widthBits);
      case Negative(int input, int widthBits) -> new Negative(number.applyAsInt(input), widthBits);
      case Zero(int input, int widthBits) -> new Zero(number.applyAsInt(input), widthBits);
      case Extreme extreme ->
          new Extreme(extreme.isLargest(), all(extreme.inputs(), number), extreme.widthBits());
      case CodeAtLeast(int input, long bound) -> new CodeAtLeast(number.applyAsInt(input), bound);
      case CodeIn(int input, List<Long> values) -> new CodeIn(number.applyAsInt(input), values);
      case CodeNotBelow(int left, int right) ->
          new CodeNotBelow(number.applyAsInt(left), number.applyAsInt(right));
      case Not(int input) -> new Not(number.applyAsInt(input));
      case And and -> new And(all(and.inputs(), number));
      case Or or -> new Or(all(or.inputs(), number));
      case AtLeast counted -> new AtLeast(counted.count(), all(counted.inputs(), number));
      case Forest forest ->
          new Forest(all(forest.tests(), number), forest.trees(), forest.widthBits());
      case SecretForest forest ->
          new SecretForest(
              forest.model(), forest.tables(), all(forest.inputs(), number), forest.widthBits());
    };
  }

  private static List<Integer> all(List<Integer> inputs, IntUnaryOperator number) {
    return inputs.stream().map(number::applyAsInt).toList();
  }

  /** Field {@code field} of the contract's share layout, or a derived column behind them. */
  record Input(int field, Domain domain, int widthBits) implements Node {}

  /** {@code constant + sum of weights[i] * inputs[i]} over arithmetic nodes; no wrap is proved. */
  record Linear(List<Integer> inputs, List<Long> weights, long constant) implements Node {}

  /**
   * {@code sum of model[i] * inputs[i] + model[n]} over n arithmetic nodes, of a model of n+1
   * secret values; within the model's limits no wrap is proved.
   */
  record SecretSum(SecretModel model, List<Integer> inputs) implements Node {}

  /** The unsigned code of a Boolean node as an arithmetic value. */
  record ToArithmetic(int input) implements Node {}

  /** An arithmetic node's value, which is proved to be such, as an unsigned code. */
  record ToCode(int input, int widthBits) implements Node {}

  /**
   * The bit {@code input < 0} of an arithmetic node.
   *
   * @param widthBits proved: {@code -2^(widthBits-1) <= input < 2^(widthBits-1)}
   */
  record Negative(int input, int widthBits) implements Node {}

  /**
   * The bit {@code input = 0} of an arithmetic node.
   *
   * @param widthBits proved, as of {@link Negative}
   */
  record Zero(int input, int widthBits) implements Node {}

  /**
   * The largest or smallest of at least two arithmetic nodes.
   *
   * @param widthBits proved of the difference of any two, as of {@link Negative}
   */
  record Extreme(boolean isLargest, List<Integer> inputs, int widthBits) implements Node {}

  /** The bit {@code input >= bound}, unsigned, of a Boolean node against a public bound. */
  record CodeAtLeast(int input, long bound) implements Node {}

  /** The bit {@code input in values} of a Boolean node; distinct values, ascending, unsigned. */
  record CodeIn(int input, List<Long> values) implements Node {}

  /** The bit {@code left >= right}, unsigned, of two Boolean nodes, the narrower one extended. */
  record CodeNotBelow(int left, int right) implements Node {}

  record Not(int input) implements Node {}

  /** At least two inputs. */
  record And(List<Integer> inputs) implements Node {}

  /** At least two inputs. */
  record Or(List<Integer> inputs) implements Node {}

  /** At least {@code count} of the bits are set; {@code 1 < count < inputs}. */
  record AtLeast(int count, List<Integer> inputs) implements Node {}

  /**
   * The sum of the leaves that a row comes to, an unsigned code that doesn't overflow.
   *
   * @param tests bits; 1 goes left
   */
  record Forest(List<Integer> tests, List<Tree> trees, int widthBits) implements Node {}

  /**
   * The sum of the leaves that a row comes to in trees that are secret, an unsigned code that
   * doesn't overflow.
   *
   * @param model the bits of the tables
   * @param inputs the codes, in the tables' order, then the missing bits of those that are optional
   */
  record SecretForest(SecretModel model, TreeTables tables, List<Integer> inputs, int widthBits)
      implements Node {}

  /**
   * A tree of a forest. A child is an inner node's index, above its parent's, or {@code -1 - leaf}.
   *
   * @param tests by inner node, the root first: an index into the forest's tests
   * @param leaves unsigned
   */
  record Tree(List<Integer> tests, List<Integer> left, List<Integer> right, List<Long> leaves) {}
}
