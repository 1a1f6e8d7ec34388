package org.concordat.agent.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What was said of a payment after it: that it is recalled, or was returned. Holds plaintext;
 * prints its kind only.
 */
public final class Notice {
  /** What is said. */
  public enum Kind {
    /** Somebody asks for the money back. */
    RECALL("recalled"),
    /** The money came back. */
    RETURN("returned");

    private final String status;

    Kind(String status) {
      this.status = status;
    }

    /** What the payment is after it. */
    public String status() {
      return status;
    }
  }

  private final Kind kind;
  private final String reason;
  private final String words;
  private final String amount;
  private final String currency;
  private final String message;
  private final String statedAt;

  /**
   * Texts may be empty where the message says nothing. None has more than 65,535 bytes in UTF-8:
   * one that has can't be stored.
   *
   * @param reason a code of ISO 20022, or the sender's own
   * @param words what the code means, where it is known
   * @param amount that was returned
   * @param message the message's own id
   * @param statedAt when the message was made, as it says
   */
  public Notice(
      Kind kind,
      String reason,
      String words,
      String amount,
      String currency,
      String message,
      String statedAt) {
    this.kind = kind;
    this.reason = reason;
    this.words = words;
    this.amount = amount;
    this.currency = currency;
    this.message = message;
    this.statedAt = statedAt;
  }

  public Kind kind() {
    return kind;
  }

  /** What a reader is shown, by the API's names; only what is known. */
  public Map<String, Object> shown() {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("kind", kind.name().toLowerCase(Locale.ROOT));
    put(shown, "reason", reason);
    put(shown, "reasonText", words);
    put(shown, "amount", amount);
    put(shown, "currency", currency);
    put(shown, "message", message);
    put(shown, "statedAt", statedAt);
    return shown;
  }

  private static void put(Map<String, Object> shown, String name, String text) {
    if (!text.isEmpty()) {
      shown.put(name, text);
    }
  }

  byte[] encode() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeUTF(kind.name());
      for (String text : new String[] {reason, words, amount, currency, message, statedAt}) {
        out.writeUTF(text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Notice decode(byte[] plain) {
    try (var in = new DataInputStream(new ByteArrayInputStream(plain))) {
      return new Notice(
          Kind.valueOf(in.readUTF()),
          in.readUTF(),
          in.readUTF(),
          in.readUTF(),
          in.readUTF(),
          in.readUTF(),
          in.readUTF());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "Notice[" + kind + "]";
  }
}
