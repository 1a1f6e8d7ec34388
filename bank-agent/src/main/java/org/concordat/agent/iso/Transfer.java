package org.concordat.agent.iso;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/**
 * What a credit transfer says, whichever version's words it uses. Holds plaintext.
 *
 * <p>A path is the names of the elements below {@code GrpHdr} or {@code CdtTrfTxInf}; of several
 * elements under one path the first counts.
 */
final class Transfer {
  /** Stands for an amount's currency under the amount's path. */
  static final String CURRENCY = "/@Ccy";

  /** The branch code of a head office, which a BIC of 8 characters leaves out (ISO 9362). */
  private static final String HEAD_OFFICE = "XXX";

  private static final int BIC_CHARS = 8;
  private static final int COUNTRY_CHARS = 2;
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
  private static final List<String> ACCOUNT_PATHS =
      List.of("/Id/IBAN", "/Id/Othr/Id", "/Id/BBAN", "/Id/UPIC", "/Id/PrtryAcct/Id");
  private static final List<String> COUNTRY_PATHS = List.of("/PstlAdr/Ctry", "/CtryOfRes");
  private static final List<String> ACCEPTANCE_PATHS =
      List.of("AccptncDtTm", "AddtlDtTm/AccptncDtTm");
  private static final String AMOUNT = "IntrBkSttlmAmt";
  private static final String INSTRUCTED = "InstdAmt";

  /** Every path that is kept. */
  static final Set<String> PATHS = paths();

  private final Map<String, String> header;
  private final Map<String, String> values = new HashMap<>();

  /**
   * @param header of the message, shared by its transfers
   */
  Transfer(Map<String, String> header) {
    this.header = header;
  }

  private static Set<String> paths() {
    var paths =
        new HashSet<String>(
            List.of(
                "MsgId",
                "CreDtTm",
                "NbOfTxs",
                "IntrBkSttlmDt",
                "SttlmInf/SttlmMtd",
                "PmtId/InstrId",
                "PmtId/EndToEndId",
                "PmtId/TxId",
                "PmtId/UETR",
                AMOUNT,
                INSTRUCTED,
                "ChrgBr",
                "PmtTpInf/SvcLvl/Cd",
                "PmtTpInf/SvcLvl/Prtry",
                "PmtTpInf/LclInstrm/Cd",
                "PmtTpInf/LclInstrm/Prtry",
                "PmtTpInf/CtgyPurp",
                "PmtTpInf/CtgyPurp/Cd",
                "PmtTpInf/CtgyPurp/Prtry",
                "Purp/Cd",
                "Purp/Prtry"));
    paths.addAll(ACCEPTANCE_PATHS);
    for (String agent : List.of("InstgAgt", "InstdAgt", "DbtrAgt", "CdtrAgt")) {
      BIC_PATHS.forEach(path -> paths.add(agent + path));
      SYSTEM_PATHS.forEach(path -> paths.add(agent + path));
      MEMBER_PATHS.forEach(path -> paths.add(agent + path));
    }
    for (String party : List.of("Dbtr", "Cdtr")) {
      ACCOUNT_PATHS.forEach(path -> paths.add(party + "Acct" + path));
      COUNTRY_PATHS.forEach(path -> paths.add(party + path));
    }
    return Set.copyOf(paths);
  }

  void put(String path, String text) {
    if (!text.isEmpty()) {
      values.putIfAbsent(path, text);
    }
  }

  /** Why it can't be taken whatever the mapping; null if it can. */
  @Nullable Code refusal() {
    if (!Money.fits(value(AMOUNT), value(AMOUNT + CURRENCY))
        || (values.containsKey(INSTRUCTED)
            && !Money.fits(value(INSTRUCTED), value(INSTRUCTED + CURRENCY)))) {
      return Code.CDT_334;
    }
    return value("PmtId/UETR").isEmpty() && value("PmtId/TxId").isEmpty() ? Code.CDT_335 : null;
  }

  /** Empty where it says nothing. */
  String field(IsoField field) {
    return switch (field) {
      case IDENTITY -> identity();
      case UETR -> value("PmtId/UETR");
      case MESSAGE_ID -> header.getOrDefault("MsgId", "");
      case INSTRUCTION_ID -> value("PmtId/InstrId");
      case END_TO_END_ID -> value("PmtId/EndToEndId");
      case TRANSACTION_ID -> value("PmtId/TxId");
      case EVENT_TIME -> firstOf(firstOf(ACCEPTANCE_PATHS), header.getOrDefault("CreDtTm", ""));
      case CREATION_TIME -> header.getOrDefault("CreDtTm", "");
      case ACCEPTANCE_TIME -> firstOf(ACCEPTANCE_PATHS);
      case SETTLEMENT_DATE -> shared("IntrBkSttlmDt");
      case AMOUNT -> value(AMOUNT);
      case CURRENCY -> value(AMOUNT + CURRENCY);
      case INSTRUCTED_AMOUNT -> value(INSTRUCTED);
      case INSTRUCTED_CURRENCY -> value(INSTRUCTED + CURRENCY);
      case INSTRUCTING_AGENT -> agent("InstgAgt");
      case INSTRUCTED_AGENT -> agent("InstdAgt");
      case DEBTOR_AGENT -> agent("DbtrAgt");
      case CREDITOR_AGENT -> agent("CdtrAgt");
      case DEBTOR_ACCOUNT -> account("Dbtr");
      case CREDITOR_ACCOUNT -> account("Cdtr");
      case DEBTOR_COUNTRY -> country("Dbtr");
      case CREDITOR_COUNTRY -> country("Cdtr");
      case CHARGE_BEARER -> value("ChrgBr");
      case SERVICE_LEVEL -> firstOf(shared("PmtTpInf/SvcLvl/Cd"), shared("PmtTpInf/SvcLvl/Prtry"));
      case LOCAL_INSTRUMENT ->
          firstOf(shared("PmtTpInf/LclInstrm/Cd"), shared("PmtTpInf/LclInstrm/Prtry"));
      case CATEGORY_PURPOSE ->
          firstOf(
              shared("PmtTpInf/CtgyPurp"),
              shared("PmtTpInf/CtgyPurp/Cd"),
              shared("PmtTpInf/CtgyPurp/Prtry"));
      case PURPOSE -> firstOf(value("Purp/Cd"), value("Purp/Prtry"));
      case SETTLEMENT_METHOD -> header.getOrDefault("SttlmInf/SttlmMtd", "");
    };
  }

  /**
   * The UETR, else instructing agent, message and transaction; no two different ones look alike.
   */
  private String identity() {
    String uetr = value("PmtId/UETR");
    if (!uetr.isEmpty()) {
      return uetr;
    }
    return part(firstOf(agent("InstgAgt"), agent("DbtrAgt")))
        + "/"
        + part(header.getOrDefault("MsgId", ""))
        + "/"
        + part(value("PmtId/TxId"));
  }

  private static String part(String text) {
    return text.replace("%", "%25").replace("/", "%2F");
  }

  private String agent(String name) {
    String bic = firstShared(name, BIC_PATHS);
    if (!bic.isEmpty()) {
      return bic.length() == BIC_CHARS ? bic + HEAD_OFFICE : bic;
    }
    String member = firstShared(name, MEMBER_PATHS);
    String system = firstShared(name, SYSTEM_PATHS);
    return member.isEmpty() || system.isEmpty() ? member : system + "/" + member;
  }

  private String account(String party) {
    return firstShared(party + "Acct", ACCOUNT_PATHS);
  }

  /** Of the address, else of residence, else of the IBAN, else of the agent's BIC. */
  private String country(String party) {
    String stated = firstShared(party, COUNTRY_PATHS);
    if (!stated.isEmpty()) {
      return stated;
    }
    String iban = value(party + "Acct/Id/IBAN");
    if (!iban.isEmpty()) {
      return iban.substring(0, COUNTRY_CHARS);
    }
    String bic = firstShared(party + "Agt", BIC_PATHS);
    return bic.isEmpty() ? "" : bic.substring(4, 4 + COUNTRY_CHARS);
  }

  private String firstShared(String start, List<String> paths) {
    for (String path : paths) {
      String value = shared(start + path);
      if (!value.isEmpty()) {
        return value;
      }
    }
    return "";
  }

  private String firstOf(List<String> paths) {
    return firstOf(paths.stream().map(this::value).toArray(String[]::new));
  }

  private static String firstOf(String... texts) {
    for (String text : texts) {
      if (!text.isEmpty()) {
        return text;
      }
    }
    return "";
  }

  private String value(String path) {
    return values.getOrDefault(path, "");
  }

  /** Of the transaction, else of the message for all of its transactions. */
  private String shared(String path) {
    String own = value(path);
    return own.isEmpty() ? header.getOrDefault(path, "") : own;
  }

  List<String> cells(List<IsoField> fields) {
    var cells = new ArrayList<String>(fields.size());
    fields.forEach(field -> cells.add(field(field)));
    return cells;
  }

  @Override
  public String toString() {
    return "Transfer";
  }
}
