package org.concordat.aggregator.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.concordat.aggregator.mpc.gadget.Bits;
import org.concordat.aggregator.mpc.gadget.Circuit;
import org.concordat.aggregator.mpc.gadget.CircuitBuilder;
import org.concordat.aggregator.mpc.gadget.Comparison;
import org.concordat.aggregator.mpc.gadget.Conversion;
import org.concordat.aggregator.mpc.gadget.Extreme;
import org.concordat.aggregator.mpc.gadget.Forest;
import org.concordat.aggregator.mpc.gadget.Logic;
import org.concordat.aggregator.mpc.gadget.Membership;
import org.concordat.aggregator.mpc.gadget.Scalar;
import org.concordat.aggregator.mpc.gadget.SecretForest;
import org.concordat.aggregator.mpc.gadget.Thresholds;
import org.concordat.aggregator.mpc.gadget.Word;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.PublicNodes;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.rules.plan.RuleOutput.ReasonOutput;
import org.concordat.rules.plan.SecretModel;
import org.concordat.rules.plan.TreeTables;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;

/**
 * A plan as a circuit, with the slots of what goes in and what is read at the end. Holds only nodes
 * that a live rule needs: a shadow rule's flags are nobody's, so nothing is computed for it. Nodes
 * that hang on public columns alone are computed in the clear and go in as they are.
 */
final class PlanCircuit {
  /** A contract field that the circuit reads, and its slots. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; stays in this package
  record Input(int field, Domain domain, int slot, int[] planes) {}

  /** Secret bits that the circuit reads: so many words of its tables, in the order of the list. */
  record Table(String rule, int words) {}

  /** A secret model that the circuit reads, and the slot of each of its values. */
  @SuppressWarnings("ArrayRecordComponent") // never compared; stays in this package
  record Secret(String rule, int[] slots) {}

  /**
   * What a row gets from earlier ones, and its slot.
   *
   * @param column of the shared derived columns, or -1 for a public node
   * @param isWord whether it is an arithmetic column; else a plane
   */
  record Derived(int node, int column, boolean isWord, int slot) {}

  /**
   * A live rule's slots; {@code score} is -1 for a rule without one. Those called slots are of the
   * candidates of its paths.
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared; stays in this package
  record Output(int index, int flag, int score, int[] reasons, int[] slots) {
    int detailWords() {
      return (score < 0 ? 0 : 1) + (reasons.length == 0 ? 0 : 1);
    }
  }

  private final Circuit circuit;
  private final List<Input> inputs;
  private final List<Secret> secrets;
  private final List<Table> tables;
  private final List<Derived> derived;
  private final List<Output> outputs;

  private PlanCircuit(
      Circuit circuit,
      List<Input> inputs,
      List<Secret> secrets,
      List<Table> tables,
      List<Derived> derived,
      List<Output> outputs) {
    this.circuit = circuit;
    this.inputs = List.copyOf(inputs);
    this.secrets = List.copyOf(secrets);
    this.tables = List.copyOf(tables);
    this.derived = List.copyOf(derived);
    this.outputs = List.copyOf(outputs);
  }

  static PlanCircuit of(Plan plan) {
    return new Compiler(plan).compile();
  }

  Circuit circuit() {
    return circuit;
  }

  List<Input> inputs() {
    return inputs;
  }

  /** Of the live rules. */
  List<Secret> secrets() {
    return secrets;
  }

  /** Of the live rules; the columns' tables are their words one after the other. */
  List<Table> tables() {
    return tables;
  }

  /** Inputs that are no fields. */
  List<Derived> derived() {
    return derived;
  }

  /** Of the live rules, in the plan's order. */
  List<Output> outputs() {
    return outputs;
  }

  /** One plan being compiled. */
  private static final class Compiler {
    private final Plan plan;
    private final boolean[] needed;
    private final boolean[] isPublic;
    private final CircuitBuilder builder = new CircuitBuilder();
    private final Map<Integer, Bits> bits = new HashMap<>();
    private final Map<Integer, Word> words = new HashMap<>();
    private final Map<SecretModel, List<Scalar>> models = new LinkedHashMap<>();
    private final List<Table> tables = new ArrayList<>();
    private final Map<Integer, Thresholds> thresholds = new HashMap<>();
    private final Map<Integer, Membership> memberships = new HashMap<>();

    Compiler(Plan plan) {
      this.plan = plan;
      this.needed = new boolean[plan.nodes().size()];
      this.isPublic = PublicNodes.of(plan);
    }

    PlanCircuit compile() {
      List<Integer> live = new ArrayList<>();
      for (int output = 0; output < plan.outputs().size(); output++) {
        if (plan.outputs().get(output).live()) {
          live.add(output);
          markNeeded(plan.outputs().get(output));
        }
      }
      for (int node = 0; node < needed.length; node++) {
        if (needed[node]) {
          write(node, plan.nodes().get(node));
        }
      }
      live.forEach(output -> keep(plan.outputs().get(output)));
      Circuit circuit = builder.build();
      return new PlanCircuit(
          circuit,
          readInputs(circuit),
          models.entrySet().stream().map(model -> secret(circuit, model)).toList(),
          tables,
          readDerived(circuit),
          live.stream().map(output -> readOutput(circuit, output)).toList());
    }

    private void markNeeded(RuleOutput output) {
      needed[output.flag()] = true;
      output.score().ifPresent(node -> needed[node] = true);
      output.reasons().forEach(reason -> needed[reason.bit()] = true);
      output.slots().forEach(slot -> needed[slot] = true);
      // Nodes name earlier ones only, so one sweep from the end reaches all.
      for (int node = needed.length - 1; node >= 0; node--) {
        if (needed[node] && !isPublic[node]) {
          plan.nodes().get(node).operands().forEach(operand -> needed[operand] = true);
        }
      }
    }

    private void write(int index, Node node) {
      if (isPublic[index]) {
        if (isWord(node)) {
          words.put(index, builder.inputWord());
        } else {
          bits.put(index, builder.inputBits(1));
        }
        return;
      }
      switch (node) {
        case Node.Input input when column(input) >= 0 -> words.put(index, builder.inputWord());
        case Node.Input input -> {
          ShareField field = plan.layout().fields().get(input.field());
          if (field.domain() != input.domain() || field.widthBits() != input.widthBits()) {
            throw new IllegalArgumentException("an input differs from its field");
          }
          if (input.domain() == Domain.ARITHMETIC) {
            words.put(index, builder.inputWord());
          } else {
            bits.put(index, builder.inputBits(input.widthBits()));
          }
        }
        case Node.Linear linear ->
            words.put(
                index,
                builder.linear(
                    linear.inputs().stream().map(this::word).toList(),
                    linear.weights(),
                    linear.constant()));
        case Node.SecretSum sum -> words.put(index, secretSum(sum));
        case Node.ToArithmetic converted -> words.put(index, builder.b2a(bits(converted.input())));
        case Node.ToCode converted ->
            bits.put(
                index, Conversion.a2b(builder, word(converted.input()), converted.widthBits()));
        case Node.Negative negative ->
            bits.put(
                index, Comparison.negative(builder, word(negative.input()), negative.widthBits()));
        case Node.Zero zero ->
            bits.put(index, Comparison.zero(builder, word(zero.input()), zero.widthBits()));
        case Node.Extreme extreme -> {
          List<Word> compared = extreme.inputs().stream().map(this::word).toList();
          words.put(
              index,
              extreme.isLargest()
                  ? Extreme.largestOf(builder, compared, extreme.widthBits())
                  : Extreme.smallestOf(builder, compared, extreme.widthBits()));
        }
        case Node.CodeAtLeast compared ->
            bits.put(
                index,
                thresholds
                    .computeIfAbsent(
                        compared.input(), input -> new Thresholds(builder, bits(input)))
                    .atLeast(compared.bound()));
        case Node.CodeIn member ->
            bits.put(
                index,
                memberships
                    .computeIfAbsent(member.input(), input -> new Membership(builder, bits(input)))
                    .in(member.values()));
        case Node.CodeNotBelow compared ->
            bits.put(
                index, Comparison.notBelow(builder, bits(compared.left()), bits(compared.right())));
        case Node.Not not -> bits.put(index, builder.not(bits(not.input())));
        case Node.And and -> bits.put(index, Logic.all(builder, all(and.inputs())));
        case Node.Or or -> bits.put(index, Logic.any(builder, all(or.inputs())));
        case Node.AtLeast counted ->
            bits.put(index, Logic.atLeast(builder, counted.count(), all(counted.inputs())));
        case Node.Forest forest ->
            bits.put(
                index,
                Forest.sum(
                    builder,
                    all(forest.tests()),
                    forest.trees().stream().map(Compiler::tree).toList(),
                    forest.widthBits()));
        case Node.SecretForest forest -> bits.put(index, secretForest(forest));
      }
    }

    private Word secretSum(Node.SecretSum sum) {
      List<Scalar> values = new ArrayList<>();
      for (int i = 0; i < sum.model().values(); i++) {
        values.add(builder.inputScalar());
      }
      models.put(sum.model(), values);
      List<Word> factors = new ArrayList<>(sum.inputs().stream().map(this::word).toList());
      // The model's last value is the constant: it weighs a public 1.
      factors.add(builder.linear(List.of(), List.of(), 1));
      return builder.weighted(factors, values);
    }

    private Bits secretForest(Node.SecretForest forest) {
      TreeTables shape = forest.tables();
      long offset = (long) Long.SIZE * tables.stream().mapToInt(Table::words).sum();
      tables.add(new Table(forest.model().rule(), shape.words()));
      List<Bits> codes = forest.inputs().stream().map(this::bits).toList();
      List<Bits> inputs = new ArrayList<>();
      long[] offsets = new long[shape.digits()];
      for (int digit = 0; digit < offsets.length; digit++) {
        offsets[digit] = offset + shape.offset(digit);
        inputs.add(inputs(shape, codes, digit));
      }
      return SecretForest.sum(
          builder,
          inputs,
          new SecretForest.Shape(
              shape.trees(),
              shape.depth(),
              shape.leafBits(),
              offsets,
              offset + shape.leafOffset(0)),
          forest.widthBits());
    }

    /** What a digit's rows choose from, of all codes that have such a digit. */
    private Bits inputs(TreeTables shape, List<Bits> codes, int digit) {
      Bits inputs = builder.none();
      int missing = shape.codes().size();
      for (int i = 0; i < shape.codes().size(); i++) {
        TreeTables.Code code = shape.codes().get(i);
        boolean hasMissing = TreeTables.hasMissing(code, digit);
        if (digit < shape.digits(code)) {
          int below = code.widthBits();
          for (int higher = 0; higher <= digit; higher++) {
            below -= shape.digitWidth(code, higher);
          }
          Bits bits = codes.get(i).slice(below, below + shape.digitWidth(code, digit));
          inputs =
              inputs.append(
                  SecretForest.inputs(builder, bits, hasMissing ? codes.get(missing) : null));
        }
        missing += code.optional() ? 1 : 0;
      }
      return inputs;
    }

    private static Secret secret(Circuit circuit, Map.Entry<SecretModel, List<Scalar>> model) {
      return new Secret(
          model.getKey().rule(), model.getValue().stream().mapToInt(circuit::slot).toArray());
    }

    /** Which of the derived columns an input is, or -1 for a field. */
    private int column(Node.Input input) {
      return Math.max(-1, input.field() - plan.layout().fields().size());
    }

    private static boolean isWord(Node node) {
      return switch (node) {
        case Node.Input input -> input.domain() == Domain.ARITHMETIC;
        case Node.Linear unused -> true;
        case Node.ToArithmetic unused -> true;
        case Node.Forest unused -> true;
        case Node.SecretSum unused -> true;
        case Node.SecretForest unused -> true;
        case Node.ToCode unused -> false;
        case Node.Negative unused -> false;
        case Node.Zero unused -> false;
        case Node.Extreme unused -> true;
        case Node.CodeAtLeast unused -> false;
        case Node.CodeIn unused -> false;
        case Node.CodeNotBelow unused -> false;
        case Node.Not unused -> false;
        case Node.And unused -> false;
        case Node.Or unused -> false;
        case Node.AtLeast unused -> false;
      };
    }

    private static Forest.Tree tree(Node.Tree tree) {
      return new Forest.Tree(
          tree.tests().stream().mapToInt(Integer::intValue).toArray(),
          tree.left().stream().mapToInt(Integer::intValue).toArray(),
          tree.right().stream().mapToInt(Integer::intValue).toArray(),
          tree.leaves().stream().mapToLong(Long::longValue).toArray());
    }

    private List<Bits> all(List<Integer> nodes) {
      return nodes.stream().map(this::bits).toList();
    }

    private Bits bits(int node) {
      Bits found = bits.get(node);
      if (found == null) {
        throw new IllegalArgumentException("a Boolean node is expected");
      }
      return found;
    }

    private Word word(int node) {
      Word found = words.get(node);
      if (found == null) {
        throw new IllegalArgumentException("an arithmetic node is expected");
      }
      return found;
    }

    private void keep(RuleOutput output) {
      builder.output(bits(output.flag()));
      output.score().ifPresent(node -> builder.output(word(node)));
      output.reasons().forEach(reason -> builder.output(bits(reason.bit())));
      output.slots().forEach(slot -> builder.output(bits(slot)));
    }

    private List<Input> readInputs(Circuit circuit) {
      var inputs = new ArrayList<Input>();
      for (int node = 0; node < needed.length; node++) {
        if (needed[node]
            && plan.nodes().get(node) instanceof Node.Input input
            && column(input) < 0) {
          inputs.add(
              input.domain() == Domain.ARITHMETIC
                  ? new Input(input.field(), input.domain(), circuit.slot(word(node)), new int[0])
                  : new Input(input.field(), input.domain(), -1, circuit.slots(bits(node))));
        }
      }
      return inputs;
    }

    private List<Derived> readDerived(Circuit circuit) {
      var derived = new ArrayList<Derived>();
      for (int node = 0; node < needed.length; node++) {
        Node of = plan.nodes().get(node);
        boolean isShared = !isPublic[node] && of instanceof Node.Input input && column(input) >= 0;
        if (needed[node] && (isPublic[node] || isShared)) {
          int column = isShared && of instanceof Node.Input input ? column(input) : -1;
          boolean isWord = isWord(of);
          int slot = isWord ? circuit.slot(word(node)) : circuit.slots(bits(node))[0];
          derived.add(new Derived(node, column, isWord, slot));
        }
      }
      return derived;
    }

    private Output readOutput(Circuit circuit, int index) {
      RuleOutput output = plan.outputs().get(index);
      int[] reasons = output.reasons().stream().mapToInt(reason -> bit(circuit, reason)).toArray();
      int score = output.score().isPresent() ? circuit.slot(word(output.score().getAsInt())) : -1;
      int[] slots =
          output.slots().stream().mapToInt(slot -> circuit.slots(bits(slot))[0]).toArray();
      return new Output(index, circuit.slots(bits(output.flag()))[0], score, reasons, slots);
    }

    private int bit(Circuit circuit, ReasonOutput reason) {
      return circuit.slots(bits(reason.bit()))[0];
    }
  }
}
