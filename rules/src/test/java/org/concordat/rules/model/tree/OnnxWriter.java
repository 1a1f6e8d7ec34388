package org.concordat.rules.model.tree;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Writes ONNX files of a few nodes, as {@code onnx.proto3} numbers the fields. */
final class OnnxWriter {
  static final int FLOAT = 1;
  static final int UINT8 = 2;
  static final int INT64 = 7;
  static final int DOUBLE = 11;

  private static final int INT_TYPE = 2;
  private static final int TEXT_TYPE = 3;
  private static final int TENSOR_TYPE = 4;
  private static final int FLOATS_TYPE = 6;
  private static final int INTS_TYPE = 7;
  private static final int TEXTS_TYPE = 8;

  private final List<byte[]> nodes = new ArrayList<>();
  private final List<byte[]> outputs = new ArrayList<>();
  private int features;
  private int inputType = FLOAT;
  private int opset = 3;

  private interface Body {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Body body) {
    try {
      var bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      body.write(out);
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  OnnxWriter features(int count) {
    this.features = count;
    return this;
  }

  OnnxWriter inputType(int type) {
    this.inputType = type;
    return this;
  }

  OnnxWriter opset(int version) {
    this.opset = version;
    return this;
  }

  OnnxWriter node(Node node) {
    nodes.add(node.bytes());
    return this;
  }

  OnnxWriter output(String name, int type, int... shape) {
    outputs.add(value(name, type, shape));
    return this;
  }

  /** A tensor's name and type; a size of 0 is left open. */
  private static byte[] value(String name, int type, int... sizes) {
    byte[] shape =
        message(
            out -> {
              for (int size : sizes) {
                byte[] dimension =
                    size > 0
                        ? message(part -> part.writeInt64(1, size))
                        : message(part -> part.writeString(2, "N"));
                out.writeByteArray(1, dimension);
              }
            });
    byte[] tensor =
        message(
            out -> {
              out.writeInt32(1, type);
              out.writeByteArray(2, shape);
            });
    return message(
        out -> {
          out.writeString(1, name);
          out.writeByteArray(2, message(part -> part.writeByteArray(1, tensor)));
        });
  }

  private static byte[] opset(String domain, int version) {
    return message(
        out -> {
          out.writeString(1, domain);
          out.writeInt64(2, version);
        });
  }

  byte[] bytes() {
    byte[] graph =
        message(
            out -> {
              for (byte[] node : nodes) {
                out.writeByteArray(1, node);
              }
              out.writeString(2, "trees");
              out.writeByteArray(11, value("X", inputType, 0, features));
              for (byte[] output : outputs) {
                out.writeByteArray(12, output);
              }
            });
    return message(
        out -> {
          out.writeInt64(1, 8);
          out.writeByteArray(7, graph);
          out.writeByteArray(8, opset("", 17));
          out.writeByteArray(8, opset("ai.onnx.ml", opset));
        });
  }

  /** An operation, of which the attributes are added one by one. */
  static final class Node {
    private final String type;
    private final String domain;
    private final List<String> inputs;
    private final List<String> outputs;
    private final List<byte[]> attributes = new ArrayList<>();

    Node(String type, String domain, List<String> inputs, List<String> outputs) {
      this.type = type;
      this.domain = domain;
      this.inputs = inputs;
      this.outputs = outputs;
    }

    private Node add(String name, int attributeType, Body body) {
      attributes.add(
          message(
              out -> {
                out.writeString(1, name);
                body.write(out);
                out.writeInt32(20, attributeType);
              }));
      return this;
    }

    Node integer(String name, long value) {
      return add(name, INT_TYPE, out -> out.writeInt64(3, value));
    }

    Node text(String name, String value) {
      return add(name, TEXT_TYPE, out -> out.writeByteArray(4, value.getBytes()));
    }

    /** Not packed, as most writers do. */
    Node integers(String name, List<? extends Number> values) {
      return add(
          name,
          INTS_TYPE,
          out -> {
            for (Number value : values) {
              out.writeInt64(8, value.longValue());
            }
          });
    }

    /** Packed. */
    Node floats(String name, List<Float> values) {
      return add(name, FLOATS_TYPE, out -> out.writeByteArray(7, raw(values)));
    }

    Node texts(String name, List<String> values) {
      return add(
          name,
          TEXTS_TYPE,
          out -> {
            for (String value : values) {
              out.writeByteArray(9, value.getBytes());
            }
          });
    }

    Node floatTensor(String name, List<Float> values) {
      return tensor(name, FLOAT, values.size(), raw(values));
    }

    Node tensor(String name, int type, int count, byte[] raw) {
      byte[] tensor =
          message(
              out -> {
                out.writeInt64(1, count);
                out.writeInt32(2, type);
                out.writeBytes(9, ByteString.copyFrom(raw));
              });
      return add(name, TENSOR_TYPE, out -> out.writeByteArray(5, tensor));
    }

    private static byte[] raw(List<Float> values) {
      ByteBuffer raw =
          ByteBuffer.allocate(values.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      values.forEach(raw::putFloat);
      return raw.array();
    }

    private byte[] bytes() {
      return message(
          out -> {
            for (String input : inputs) {
              out.writeString(1, input);
            }
            for (String output : outputs) {
              out.writeString(2, output);
            }
            out.writeString(4, type);
            for (byte[] attribute : attributes) {
              out.writeByteArray(5, attribute);
            }
            out.writeString(7, domain);
          });
    }
  }
}
