package org.concordat.schemas.problem;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A place in a YAML file that knows its line and column. JSON files are read too, YAML 1.2 being
 * all but a superset.
 *
 * <p>Reading never throws on a wrong value: it adds a {@link Problem} and gives a harmless default,
 * so that one pass finds all that is wrong; the caller ends with {@link Problems#throwIfAny}. Keys
 * that nobody asked for are problems as well: {@link #finish} says so, with a suggestion.
 */
public final class Document {
  /** Larger files are refused. */
  public static final int FILE_BYTES_MAX = 64 << 20;

  /** Mappings and lists in each other, at most. */
  static final int NESTING_MAX = 100;

  private final String source;
  private final Problems problems;
  private final @Nullable Node node;
  private final Place place;
  private final String path;
  private final @Nullable Catalogue catalogue;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Map<String, Document> opened = new LinkedHashMap<>();

  private Document(
      String source, Problems problems, @Nullable Node node, Place place, String path) {
    this(source, problems, node, place, path, null);
  }

  private Document(
      String source,
      Problems problems,
      @Nullable Node node,
      Place place,
      String path,
      @Nullable Catalogue catalogue) {
    this.catalogue = catalogue;
    this.source = source;
    this.problems = problems;
    this.node = node;
    this.place = place;
    this.path = path;
  }

  /** Holds nothing, has every key, and notes what is asked for. */
  public static Document recording(Catalogue catalogue) {
    return new Document("", new Problems(), null, Place.of(""), "", catalogue);
  }

  /** Reads a file; what is wrong with it goes to {@code problems}. */
  public static Document read(Path file, Problems problems) {
    String name = file.toString();
    try (InputStream in = Files.newInputStream(file)) {
      return parse(name, in.readNBytes(FILE_BYTES_MAX + 1), problems);
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(name)));
      return absent(name, problems);
    }
  }

  /** Reads what was read of a file that is named so. */
  public static Document parse(String source, byte[] bytes, Problems problems) {
    if (bytes.length > FILE_BYTES_MAX) {
      problems.add(
          Code.CDT_106,
          Place.of(source),
          "The file is longer than " + FILE_BYTES_MAX + " bytes.",
          "Use a smaller file.");
      return absent(source, problems);
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return parse(source, text, problems);
    } catch (CharacterCodingException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(source)));
      return absent(source, problems);
    }
  }

  /** Stands for a file of which the reader has told already why there is none. */
  public static Document absent(String source, Problems problems) {
    return new Document(source, problems, null, Place.of(source), "");
  }

  /** Reads a text that came from a named source. */
  public static Document parse(String source, String text, Problems problems) {
    Place top = new Place(source, 1, 1);
    var options = new LoaderOptions();
    options.setCodePointLimit(FILE_BYTES_MAX);
    options.setMaxAliasesForCollections(0);
    // SnakeYAML lets one more through than it is told.
    options.setNestingDepthLimit(NESTING_MAX - 1);
    try {
      Node root = new Yaml(options).compose(new StringReader(text));
      if (root != null) {
        reportAmbiguousKeys(source, root, problems);
        return new Document(source, problems, root, at(source, root), "");
      }
      problems.add(Code.CDT_102, top, "The file is empty.", "Write what belongs into it.");
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      Place where =
          mark == null ? top : new Place(source, mark.getLine() + 1, mark.getColumn() + 1);
      problems.add(
          Code.CDT_102,
          where,
          Code.CDT_102.cause() + " " + e.getProblem() + ".",
          Code.CDT_102.fix());
    } catch (RuntimeException e) {
      problems.add(Problem.of(Code.CDT_102, top));
    }
    return new Document(source, problems, null, top, "");
  }

  /** SnakeYAML's composer lets keys stand twice, and be anything. */
  private static void reportAmbiguousKeys(String source, Node node, Problems problems) {
    if (node instanceof SequenceNode sequence) {
      sequence.getValue().forEach(item -> reportAmbiguousKeys(source, item, problems));
    } else if (node instanceof MappingNode mapping) {
      Set<String> names = new HashSet<>();
      for (NodeTuple tuple : mapping.getValue()) {
        Place place = at(source, tuple.getKeyNode());
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
          problems.add(Code.CDT_102, place, "A key is not a text.", "Write 'key: value' lines.");
        } else if (!names.add(key.getValue())) {
          problems.add(
              Code.CDT_107,
              place,
              "The key '" + key.getValue() + "' is written twice.",
              "Remove one of them.");
        }
        reportAmbiguousKeys(source, tuple.getValueNode(), problems);
      }
    }
  }

  private static Place at(String source, Node node) {
    Mark mark = node.getStartMark();
    return new Place(source, mark.getLine() + 1, mark.getColumn() + 1);
  }

  public Place place() {
    return place;
  }

  public Problems problems() {
    return problems;
  }

  /** The keys that lead here, joined with dots; empty at the top. */
  public String path() {
    return path;
  }

  public boolean isPresent() {
    return node != null;
  }

  public boolean isMapping() {
    return node instanceof MappingNode;
  }

  public boolean isSequence() {
    return node instanceof SequenceNode;
  }

  public boolean isScalar() {
    return node instanceof ScalarNode;
  }

  /** Whether the scalar was written as, or in a way that YAML reads as, text. */
  public boolean isText() {
    return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR);
  }

  public boolean isNumber() {
    return node instanceof ScalarNode scalar
        && (scalar.getTag().equals(Tag.INT) || scalar.getTag().equals(Tag.FLOAT));
  }

  /** The keys of a mapping in the order of the file; none for anything else. */
  public List<String> keys() {
    List<String> keys = new ArrayList<>();
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key) {
          keys.add(key.getValue());
        }
      }
    }
    return keys;
  }

  /** Whether a mapping has a key; asking makes the key known. */
  public boolean has(String key) {
    asked.add(key);
    return catalogue != null || find(key) != null;
  }

  /** Says what this is for, in the reference of the configuration. */
  public Document about(String meaning) {
    if (catalogue != null) {
      catalogue.meaning(path, meaning);
    }
    return this;
  }

  private void note(String type, Object whenMissing) {
    if (catalogue != null) {
      catalogue.type(path, type, whenMissing);
    }
  }

  /** What stands under a required key. */
  public Document get(String key) {
    // What was looked for first may be missing.
    boolean required = !asked.contains(key);
    Document child = maybe(key);
    if (catalogue != null) {
      catalogue.asked(child.path, required);
    }
    if (!child.isPresent() && isMapping()) {
      add(Code.CDT_104, "The key '" + key + "' is missing.", "Add '" + key + "' here.");
    }
    return child;
  }

  /** What stands under a key that may be missing. */
  public Document maybe(String key) {
    asked.add(key);
    Document known = opened.get(key);
    if (known != null) {
      return known;
    }
    if (node != null && !isMapping() && asked.size() == 1) {
      add(
          Code.CDT_105,
          "A mapping with keys is expected here.",
          "Write 'key: value' lines, the first of them '" + key + ":'.");
    }
    Node found = find(key);
    String childPath = path.isEmpty() ? key : path + "." + key;
    Place childPlace = found == null ? place : at(source, found);
    Document child = new Document(source, problems, found, childPlace, childPath, catalogue);
    if (catalogue != null) {
      catalogue.asked(childPath, false);
    }
    opened.put(key, child);
    return child;
  }

  private @Nullable Node find(String key) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode name && name.getValue().equals(key)) {
          return tuple.getValueNode();
        }
      }
    }
    return null;
  }

  /** The place of a key itself, rather than of its value. */
  public Place placeOfKey(String key) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode name && name.getValue().equals(key)) {
          return at(source, name);
        }
      }
    }
    return place;
  }

  /** The items of a sequence; a missing sequence has none. */
  public List<Document> items() {
    List<Document> items = new ArrayList<>();
    if (node instanceof SequenceNode sequence) {
      for (Node item : sequence.getValue()) {
        items.add(
            new Document(
                source, problems, item, at(source, item), path + "[" + items.size() + "]"));
      }
    } else if (node != null) {
      add(Code.CDT_105, "A list is expected here.", "Write '[a, b]' or lines that start with '-'.");
    }
    return items;
  }

  /** A text; empty, and a problem, for anything but a scalar. */
  public String text() {
    note("text", "");
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    if (node != null) {
      add(Code.CDT_105, "A text is expected here.", "Write a single value.");
    }
    return "";
  }

  public String text(String whenMissing) {
    note("text", whenMissing);
    return node == null ? whenMissing : text();
  }

  /** One of the names of an enum, written in kebab case: {@code K_OF_N} as {@code k-of-n}. */
  public <E extends Enum<E>> Optional<E> choice(Class<E> type) {
    if (node == null) {
      note("one of " + names(type), "");
      return Optional.empty();
    }
    String written = text();
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
      if (name.equals(written)) {
        return Optional.of(constant);
      }
      names.add(name);
    }
    String near = Problems.closest(written, names);
    add(
        Code.CDT_106,
        "'" + written + "' is none of " + String.join(", ", names) + ".",
        near.isEmpty() ? "Write one of them." : "Did you mean '" + near + "'?");
    return Optional.empty();
  }

  private static <E extends Enum<E>> String names(Class<E> type) {
    return java.util.Arrays.stream(type.getEnumConstants())
        .map(constant -> constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
        .collect(java.util.stream.Collectors.joining(", "));
  }

  public boolean bool(boolean whenMissing) {
    note("true or false", whenMissing);
    if (node == null) {
      return whenMissing;
    }
    String written = text();
    if (written.equals("true") || written.equals("false")) {
      return written.equals("true");
    }
    add(Code.CDT_105, "Either true or false is expected here.", "Write true or false.");
    return whenMissing;
  }

  /** A whole number within inclusive limits; underscores may group its digits. */
  public long integer(long min, long max) {
    if (node == null) {
      note(number(min, max), "");
      return 0;
    }
    Optional<BigDecimal> value = number();
    if (value.isEmpty()) {
      addNoNumber();
      return min;
    }
    try {
      long exact = value.get().longValueExact();
      if (exact < min || exact > max) {
        add(
            Code.CDT_106,
            exact + " is outside " + min + " to " + max + ".",
            "Use a number from " + min + " to " + max + ".");
        return min;
      }
      return exact;
    } catch (ArithmeticException e) {
      add(Code.CDT_105, "A whole number is expected here.", "Write a number without a fraction.");
      return min;
    }
  }

  private static String number(long min, long max) {
    return String.format(java.util.Locale.ROOT, "%,d to %,d", min, max);
  }

  public long integer(long min, long max, long whenMissing) {
    note(number(min, max), String.format(java.util.Locale.ROOT, "%,d", whenMissing));
    return node == null ? whenMissing : integer(min, max);
  }

  /** A decimal number exactly as written; 0, and a problem, for anything else. */
  public BigDecimal decimal() {
    Optional<BigDecimal> value = number();
    if (value.isEmpty() && node != null) {
      addNoNumber();
    }
    return value.orElse(BigDecimal.ZERO);
  }

  private void addNoNumber() {
    add(Code.CDT_105, "A number is expected here.", "Write a decimal number such as 12.50.");
  }

  private Optional<BigDecimal> number() {
    if (node instanceof ScalarNode scalar) {
      String written = scalar.getValue().replace("_", "");
      // A bound on the length bounds the exponent too: 1e999999999 would fill the memory.
      if (written.length() <= 64) {
        try {
          BigDecimal value = new BigDecimal(written);
          if (Math.abs((long) value.scale()) <= 400) {
            return Optional.of(value);
          }
        } catch (NumberFormatException e) {
          // The caller says so.
        }
      }
    }
    return Optional.empty();
  }

  /** Reports a problem at this place. */
  public void add(Code code, String reason, String fix) {
    String where = path.isEmpty() ? reason : "[" + path + "] " + reason;
    problems.add(code, place, where, fix);
  }

  /** Reports the keys that were never asked for, here and in all that was opened from here. */
  public void finish() {
    for (String key : keys()) {
      if (!asked.contains(key)) {
        String near = Problems.closest(key, asked);
        problems.add(
            Code.CDT_103,
            placeOfKey(key),
            "The key '" + key + "' is not known here.",
            near.isEmpty()
                ? "Known keys: " + String.join(", ", asked) + "."
                : "Did you mean '" + near + "'?");
      }
    }
    opened.values().stream().filter(Document::isMapping).forEach(Document::finish);
  }
}
