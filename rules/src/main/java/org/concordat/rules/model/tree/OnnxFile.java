package org.concordat.rules.model.tree;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.concordat.rules.model.tree.TreeFile.RefusedException;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an ONNX file that say what a graph computes, by the field numbers of {@code
 * onnx.proto3}; others are skipped. Messages lie within each other only as deep as the fields that
 * are read here, so a hostile file can't nest them deeper.
 */
final class OnnxFile {
  /** Nodes of the graph, and its inputs and initial values. */
  static final int NODES_MAX = 1_000;

  /** Values of one list: of a tree's node or leaf each has one, or one for each of two classes. */
  static final int VALUES_MAX = 4 * TreeModel.NODES_MAX;

  /** Type of a tensor's elements. */
  static final int FLOAT = 1;

  private static final int UINT8 = 2;

  /** A named tensor that goes into the graph. */
  record Input(String name, int elementType, List<Long> shape) {}

  /** An operation. */
  record Node(
      String name,
      String type,
      String domain,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {
    /** Where it stands, for a message. */
    String place() {
      return "node '" + (name.isEmpty() ? type : name) + "'";
    }
  }

  /** A value of an operation; what isn't there is empty. */
  static final class Attribute {
    private String name = "";
    private long integer;
    private String text = "";
    private final Longs integers = new Longs();
    private final Floats floats = new Floats();
    private final List<String> texts = new ArrayList<>();
    private @Nullable Tensor tensor;

    long integer() {
      return integer;
    }

    String text() {
      return text;
    }

    long[] integers() {
      return integers.toArray();
    }

    float[] floats() {
      return floats.toArray();
    }

    List<String> texts() {
      return texts;
    }

    @Nullable Tensor tensor() {
      return tensor;
    }
  }

  /** Numbers of one type; those of others are not read. */
  static final class Tensor {
    private int elementType;
    private final Floats floats = new Floats();
    private final Longs integers = new Longs();
    private byte[] raw = new byte[0];
    private boolean isExternal;

    int elementType() {
      return elementType;
    }

    /** Of type {@link #FLOAT}; little-endian where they are raw. */
    float[] floats() {
      if (raw.length == 0) {
        return floats.toArray();
      }
      float[] numbers = new float[raw.length / Float.BYTES];
      ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
      return numbers;
    }

    /** Of unsigned bytes. */
    long[] unsignedBytes() {
      if (raw.length == 0) {
        return integers.toArray();
      }
      long[] numbers = new long[raw.length];
      Arrays.setAll(numbers, i -> raw[i] & 0xff);
      return numbers;
    }

    boolean holdsUnsignedBytes() {
      return elementType == UINT8 && !isExternal;
    }

    boolean holdsFloats() {
      return elementType == FLOAT && !isExternal && raw.length % Float.BYTES == 0;
    }
  }

  private final List<Node> nodes = new ArrayList<>();
  private final List<Input> inputs = new ArrayList<>();
  private final Map<String, Long> opsets = new HashMap<>();
  private final List<String> constants = new ArrayList<>();
  private final CodedInputStream in;

  private OnnxFile(byte[] bytes) {
    this.in = CodedInputStream.newInstance(bytes);
  }

  static OnnxFile read(byte[] bytes) throws RefusedException {
    var file = new OnnxFile(bytes);
    try {
      file.fields(file::model);
    } catch (LimitException e) {
      throw TreeFile.malformed(
          "byte " + file.in.getTotalBytesRead(), "A list has more than " + e.max + " entries.");
    } catch (IOException e) {
      throw TreeFile.malformed(
          "byte " + file.in.getTotalBytesRead(), "The file can't be read as ONNX.");
    }
    return file;
  }

  /** A list that is longer than any that is read here. */
  private static final class LimitException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int max;

    LimitException(int max) {
      super("a list is too long");
      this.max = max;
    }

    static void requireRoom(int size, int max) throws LimitException {
      if (size >= max) {
        throw new LimitException(max);
      }
    }
  }

  List<Node> nodes() {
    return nodes;
  }

  /** Those that a caller has to give; initial values aren't. */
  List<Input> inputs() {
    return inputs.stream().filter(input -> !constants.contains(input.name)).toList();
  }

  /** Version of a set of operations; 0 where the file doesn't use it. */
  long opset(String domain) {
    return opsets.getOrDefault(domain, 0L);
  }

  /** Takes a field, or says that it doesn't want it. */
  private interface FieldReader {
    boolean read(int tag) throws IOException;
  }

  /** All fields up to the end of the message. */
  private void fields(FieldReader reader) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!reader.read(tag)) {
        skip(tag);
      }
    }
  }

  /** Groups, which nest without a limit, aren't part of ONNX. */
  private void skip(int tag) throws IOException {
    if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP || !in.skipField(tag)) {
      throw new IOException("a group");
    }
  }

  private void message(FieldReader reader) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    fields(reader);
    in.popLimit(limit);
  }

  private static int bytes(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static int varint(int field) {
    return field << 3 | WireFormat.WIRETYPE_VARINT;
  }

  private static int fixed32(int field) {
    return field << 3 | WireFormat.WIRETYPE_FIXED32;
  }

  private boolean model(int tag) throws IOException {
    if (tag == bytes(7)) {
      message(this::graph);
    } else if (tag == bytes(8)) {
      opset();
    } else {
      return false;
    }
    return true;
  }

  private void opset() throws IOException {
    String[] domain = {""};
    long[] version = {0};
    message(
        tag -> {
          if (tag == bytes(1)) {
            domain[0] = in.readString();
          } else if (tag == varint(2)) {
            version[0] = in.readInt64();
          } else {
            return false;
          }
          return true;
        });
    opsets.put(domain[0], version[0]);
  }

  private boolean graph(int tag) throws IOException {
    if (tag == bytes(1)) {
      node();
    } else if (tag == bytes(5)) {
      message(
          field -> {
            if (field == bytes(8)) {
              LimitException.requireRoom(constants.size(), NODES_MAX);
              constants.add(in.readString());
            }
            return field == bytes(8);
          });
    } else if (tag == bytes(11)) {
      input();
    } else {
      return false;
    }
    return true;
  }

  private void node() throws IOException {
    LimitException.requireRoom(nodes.size(), NODES_MAX);
    String[] texts = new String[8];
    Arrays.fill(texts, "");
    List<String> from = new ArrayList<>();
    List<String> to = new ArrayList<>();
    Map<String, Attribute> attributes = new HashMap<>();
    message(
        tag -> {
          if (tag == bytes(1) || tag == bytes(2)) {
            List<String> list = tag == bytes(1) ? from : to;
            LimitException.requireRoom(list.size(), NODES_MAX);
            list.add(in.readString());
          } else if (tag == bytes(3) || tag == bytes(4) || tag == bytes(7)) {
            texts[tag >>> 3] = in.readString();
          } else if (tag == bytes(5)) {
            var attribute = new Attribute();
            message(field -> attribute(field, attribute));
            if (attributes.put(attribute.name, attribute) != null) {
              throw new IOException("an attribute twice");
            }
          } else {
            return false;
          }
          return true;
        });
    nodes.add(new Node(texts[3], texts[4], texts[7], from, to, attributes));
  }

  private boolean attribute(int tag, Attribute attribute) throws IOException {
    if (tag == bytes(1)) {
      attribute.name = in.readString();
    } else if (tag == varint(3)) {
      attribute.integer = in.readInt64();
    } else if (tag == bytes(4)) {
      attribute.text = in.readString();
    } else if (tag == bytes(5)) {
      var tensor = new Tensor();
      message(field -> tensor(field, tensor));
      attribute.tensor = tensor;
    } else if (tag == bytes(9)) {
      LimitException.requireRoom(attribute.texts.size(), VALUES_MAX);
      attribute.texts.add(in.readString());
    } else {
      return floats(tag, 7, attribute.floats) || integers(tag, 8, attribute.integers);
    }
    return true;
  }

  private boolean tensor(int tag, Tensor tensor) throws IOException {
    if (tag == varint(2)) {
      tensor.elementType = in.readInt32();
    } else if (tag == bytes(9)) {
      tensor.raw = in.readByteArray();
    } else if (tag == varint(14)) {
      tensor.isExternal = in.readInt32() != 0;
    } else {
      return floats(tag, 4, tensor.floats) || integers(tag, 5, tensor.integers);
    }
    return true;
  }

  private void input() throws IOException {
    LimitException.requireRoom(inputs.size(), NODES_MAX);
    String[] name = {""};
    int[] type = {0};
    List<Long> shape = new ArrayList<>();
    message(
        tag -> {
          if (tag == bytes(1)) {
            name[0] = in.readString();
          } else if (tag == bytes(2)) {
            message(field -> within(field, bytes(1), part -> tensorType(part, type, shape)));
          } else {
            return false;
          }
          return true;
        });
    inputs.add(new Input(name[0], type[0], shape));
  }

  private boolean within(int tag, int wanted, FieldReader reader) throws IOException {
    if (tag == wanted) {
      message(reader);
    }
    return tag == wanted;
  }

  /** A dimension without a number is 0. */
  private boolean tensorType(int tag, int[] elementType, List<Long> shape) throws IOException {
    if (tag == varint(1)) {
      elementType[0] = in.readInt32();
      return true;
    }
    return within(
        tag,
        bytes(2),
        field -> {
          long[] size = {0};
          boolean isDimension =
              within(
                  field,
                  bytes(1),
                  part -> {
                    if (part == varint(1)) {
                      size[0] = in.readInt64();
                    }
                    return part == varint(1);
                  });
          if (isDimension) {
            LimitException.requireRoom(shape.size(), NODES_MAX);
            shape.add(size[0]);
          }
          return isDimension;
        });
  }

  /** Packed or not: both are in use. */
  private boolean floats(int tag, int field, Floats to) throws IOException {
    if (tag == fixed32(field)) {
      to.add(in.readFloat());
    } else if (tag == bytes(field)) {
      int limit = in.pushLimit(in.readRawVarint32());
      while (in.getBytesUntilLimit() > 0) {
        to.add(in.readFloat());
      }
      in.popLimit(limit);
    } else {
      return false;
    }
    return true;
  }

  private boolean integers(int tag, int field, Longs to) throws IOException {
    if (tag == varint(field)) {
      to.add(in.readInt64());
    } else if (tag == bytes(field)) {
      int limit = in.pushLimit(in.readRawVarint32());
      while (in.getBytesUntilLimit() > 0) {
        to.add(in.readInt64());
      }
      in.popLimit(limit);
    } else {
      return false;
    }
    return true;
  }

  private static final class Floats {
    private float[] numbers = new float[0];
    private int size;

    void add(float number) throws LimitException {
      LimitException.requireRoom(size, VALUES_MAX);
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.max(16, 2 * size));
      }
      numbers[size++] = number;
    }

    float[] toArray() {
      return Arrays.copyOf(numbers, size);
    }
  }

  private static final class Longs {
    private long[] numbers = new long[0];
    private int size;

    void add(long number) throws LimitException {
      LimitException.requireRoom(size, VALUES_MAX);
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.max(16, 2 * size));
      }
      numbers[size++] = number;
    }

    long[] toArray() {
      return Arrays.copyOf(numbers, size);
    }
  }
}
