package org.concordat.agent.iso;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a transaction of a message and the message's header say, by path: the names of the elements
 * below the transaction or the header's block. Of several elements under one path the first counts.
 * Holds plaintext.
 */
final class MessageTexts {
  /** Stands for an amount's currency under the amount's path. */
  static final String CURRENCY = "/@Ccy";

  /** The branch code of a head office, which a BIC of 8 characters leaves out (ISO 9362). */
  private static final String HEAD_OFFICE = "XXX";

  private static final int BIC_CHARS = 8;
  private static final List<String> BIC_PATHS =
      List.of("/FinInstnId/BICFI", "/FinInstnId/BIC", "/FinInstnId/CmbndId/BIC");
  private static final List<String> SYSTEM_PATHS =
      List.of("/FinInstnId/ClrSysMmbId/ClrSysId/Cd", "/FinInstnId/ClrSysMmbId/ClrSysId/Prtry");
  private static final List<String> MEMBER_PATHS =
      List.of(
          "/FinInstnId/ClrSysMmbId/MmbId",
          "/FinInstnId/ClrSysMmbId/Id",
          "/FinInstnId/ClrSysMmbId/Prtry",
          "/FinInstnId/CmbndId/ClrSysMmbId/Id",
          "/FinInstnId/CmbndId/ClrSysMmbId/Prtry");

  private final Map<String, String> header;
  private final Map<String, String> values = new HashMap<>();

  /**
   * @param header of the message, shared by its transactions
   */
  MessageTexts(Map<String, String> header) {
    this.header = header;
  }

  /** Adds the paths by which an agent is named. */
  static void addAgent(Set<String> paths, String agent) {
    BIC_PATHS.forEach(path -> paths.add(agent + path));
    SYSTEM_PATHS.forEach(path -> paths.add(agent + path));
    MEMBER_PATHS.forEach(path -> paths.add(agent + path));
  }

  void put(String path, String text) {
    if (!text.isEmpty()) {
      values.putIfAbsent(path, text);
    }
  }

  boolean has(String path) {
    return values.containsKey(path);
  }

  /** Of the transaction; empty where it says nothing. */
  String own(String path) {
    return values.getOrDefault(path, "");
  }

  String header(String path) {
    return header.getOrDefault(path, "");
  }

  /** Of the transaction, else of the message for all of its transactions. */
  String shared(String path) {
    String own = own(path);
    return own.isEmpty() ? header(path) : own;
  }

  String firstOwn(List<String> paths) {
    return firstOf(paths.stream().map(this::own).toArray(String[]::new));
  }

  String firstShared(String start, List<String> paths) {
    return firstOf(paths.stream().map(path -> shared(start + path)).toArray(String[]::new));
  }

  static String firstOf(String... texts) {
    for (String text : texts) {
      if (!text.isEmpty()) {
        return text;
      }
    }
    return "";
  }

  /** The BIC of a head office ends with XXX; without a BIC the member of a clearing system. */
  String agent(String name) {
    String bic = bic(name);
    if (!bic.isEmpty()) {
      return bic.length() == BIC_CHARS ? bic + HEAD_OFFICE : bic;
    }
    String member = firstShared(name, MEMBER_PATHS);
    String system = firstShared(name, SYSTEM_PATHS);
    return member.isEmpty() || system.isEmpty() ? member : system + "/" + member;
  }

  /** As the message writes it. */
  String bic(String agent) {
    return firstShared(agent, BIC_PATHS);
  }

  /**
   * What a payment without a UETR is known by: instructing agent, message and transaction; no two
   * different ones look alike.
   */
  static String identity(String agent, String message, String transaction) {
    return part(agent) + "/" + part(message) + "/" + part(transaction);
  }

  private static String part(String text) {
    return text.replace("%", "%25").replace("/", "%2F");
  }

  @Override
  public String toString() {
    return "MessageTexts";
  }
}
