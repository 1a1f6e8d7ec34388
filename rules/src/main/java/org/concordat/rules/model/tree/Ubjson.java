package org.concordat.rules.model.tree;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.concordat.rules.model.tree.TreeFile.RefusedException;

/**
 * Universal Binary JSON (draft 12) as XGBoost writes it: objects, arrays with or without a type and
 * a count, texts, big-endian numbers. What else the draft has is refused. Every count is held
 * against the bytes that are left before anything is made of it.
 */
final class Ubjson {
  /** Arrays and objects within each other; a model has 7. */
  static final int DEPTH_MAX = 32;

  /** Values of one file; of a node there are about 15. */
  static final int VALUES_MAX = 40 * TreeModel.NODES_MAX;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int END = -1;

  private final ByteBuffer bytes;
  private int values;

  private Ubjson(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes);
  }

  /** Whether a file that begins with a brace goes on as an object of this format. */
  static boolean isObject(byte[] bytes) {
    return bytes.length > 1 && bytes[0] == '{' && "iUIlL$#".indexOf(bytes[1]) >= 0;
  }

  static JsonNode read(byte[] bytes) throws RefusedException {
    var file = new Ubjson(bytes);
    JsonNode root = file.value(file.next(), 0);
    if (file.bytes.hasRemaining()) {
      throw file.malformed("The file goes on after its end.");
    }
    return root;
  }

  private JsonNode value(byte type, int depth) throws RefusedException {
    if (++values > VALUES_MAX) {
      throw malformed("There are more than " + VALUES_MAX + " values.");
    }
    return switch (type) {
      case '{' -> object(depth + 1);
      case '[' -> array(depth + 1);
      case 'S' -> NODES.textNode(text(length(next())));
      case 'T' -> NODES.booleanNode(true);
      case 'F' -> NODES.booleanNode(false);
      case 'Z' -> NODES.nullNode();
      default -> number(type);
    };
  }

  private JsonNode number(byte type) throws RefusedException {
    require(size(type));
    return switch (type) {
      case 'i' -> NODES.numberNode((int) bytes.get());
      case 'U' -> NODES.numberNode(bytes.get() & 0xff);
      case 'I' -> NODES.numberNode((int) bytes.getShort());
      case 'l' -> NODES.numberNode(bytes.getInt());
      case 'L' -> NODES.numberNode(bytes.getLong());
      case 'd' -> NODES.numberNode(bytes.getFloat());
      case 'D' -> NODES.numberNode(bytes.getDouble());
      default -> throw new IllegalStateException("a type without a size");
    };
  }

  private int size(byte type) throws RefusedException {
    return switch (type) {
      case 'i', 'U' -> 1;
      case 'I' -> 2;
      case 'l', 'd' -> 4;
      case 'L', 'D' -> 8;
      default -> throw malformed("A value's type isn't one that XGBoost writes.");
    };
  }

  private ObjectNode object(int depth) throws RefusedException {
    limit(depth);
    ObjectNode object = NODES.objectNode();
    if (peek() == '$') {
      throw malformed("An object's values have a common type, which XGBoost doesn't write.");
    }
    long count = count(1);
    for (long i = 0; count == END ? !ends('}') : i < count; i++) {
      String key = text(length(next()));
      if (object.replace(key, value(next(), depth)) != null) {
        throw malformed("An object has a key twice.");
      }
    }
    return object;
  }

  private ArrayNode array(int depth) throws RefusedException {
    limit(depth);
    ArrayNode array = NODES.arrayNode();
    if (peek() == '$') {
      next();
      byte type = next();
      long count = count(size(type));
      if (count == END) {
        throw malformed("An array has a type and no length.");
      }
      for (long i = 0; i < count; i++) {
        array.add(value(type, depth));
      }
      return array;
    }
    long count = count(1);
    for (long i = 0; count == END ? !ends(']') : i < count; i++) {
      array.add(value(next(), depth));
    }
    return array;
  }

  /** How many values of at least a size follow, if that stands here. */
  private long count(int sizeBytes) throws RefusedException {
    if (peek() != '#') {
      return END;
    }
    next();
    long count = length(next());
    if (count > bytes.remaining() / sizeBytes) {
      throw malformed("A length is larger than the file.");
    }
    return count;
  }

  private boolean ends(char end) throws RefusedException {
    if (peek() != end) {
      return false;
    }
    next();
    return true;
  }

  private long length(byte type) throws RefusedException {
    if (type == 'd' || type == 'D') {
      throw malformed("A length is no whole number.");
    }
    long length = number(type).longValue();
    if (length < 0) {
      throw malformed("A length is negative.");
    }
    return length;
  }

  private String text(long length) throws RefusedException {
    require(length);
    ByteBuffer encoded = bytes.slice(bytes.position(), (int) length);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(encoded).toString();
      bytes.position(bytes.position() + (int) length);
      return text;
    } catch (CharacterCodingException e) {
      throw malformed("A text is no UTF-8.");
    }
  }

  private byte next() throws RefusedException {
    require(1);
    return bytes.get();
  }

  private byte peek() throws RefusedException {
    require(1);
    return bytes.get(bytes.position());
  }

  private void require(long sizeBytes) throws RefusedException {
    if (bytes.remaining() < sizeBytes) {
      throw malformed("The file ends too early.");
    }
  }

  private void limit(int depth) throws RefusedException {
    if (depth > DEPTH_MAX) {
      throw malformed("Values lie more than " + DEPTH_MAX + " deep within each other.");
    }
  }

  private RefusedException malformed(String message) {
    return TreeFile.malformed("byte " + bytes.position(), message);
  }
}
