package org.concordat.agent.iso;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.concordat.agent.store.Notice;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/** What a credit transfer says, whichever version's words it uses. Holds plaintext. */
final class Transfer implements Transaction {
  private static final int COUNTRY_CHARS = 2;
  private static final List<String> ACCOUNT_PATHS =
      List.of("/Id/IBAN", "/Id/Othr/Id", "/Id/BBAN", "/Id/UPIC", "/Id/PrtryAcct/Id");
  private static final List<String> COUNTRY_PATHS = List.of("/PstlAdr/Ctry", "/CtryOfRes");
  private static final List<String> ACCEPTANCE_PATHS =
      List.of("AccptncDtTm", "AddtlDtTm/AccptncDtTm");
  private static final String AMOUNT = "IntrBkSttlmAmt";
  private static final String INSTRUCTED = "InstdAmt";

  /** Every path that is kept. */
  static final Set<String> PATHS = paths();

  private final MessageTexts texts;

  /**
   * @param header of the message, shared by its transfers
   */
  Transfer(Map<String, String> header) {
    this.texts = new MessageTexts(header);
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
      MessageTexts.addAgent(paths, agent);
    }
    for (String party : List.of("Dbtr", "Cdtr")) {
      ACCOUNT_PATHS.forEach(path -> paths.add(party + "Acct" + path));
      COUNTRY_PATHS.forEach(path -> paths.add(party + path));
    }
    return Set.copyOf(paths);
  }

  @Override
  public void put(String path, String text) {
    texts.put(path, text);
  }

  @Override
  public @Nullable Code refusal() {
    if (!Money.fits(texts.own(AMOUNT), texts.own(AMOUNT + MessageTexts.CURRENCY))
        || (texts.has(INSTRUCTED)
            && !Money.fits(texts.own(INSTRUCTED), texts.own(INSTRUCTED + MessageTexts.CURRENCY)))) {
      return Code.CDT_334;
    }
    return texts.own("PmtId/UETR").isEmpty() && texts.own("PmtId/TxId").isEmpty()
        ? Code.CDT_335
        : null;
  }

  /** Empty where it says nothing. */
  String field(IsoField field) {
    return switch (field) {
      case IDENTITY -> identity();
      case UETR -> texts.own("PmtId/UETR");
      case MESSAGE_ID -> texts.header("MsgId");
      case INSTRUCTION_ID -> texts.own("PmtId/InstrId");
      case END_TO_END_ID -> texts.own("PmtId/EndToEndId");
      case TRANSACTION_ID -> texts.own("PmtId/TxId");
      case EVENT_TIME ->
          MessageTexts.firstOf(texts.firstOwn(ACCEPTANCE_PATHS), texts.header("CreDtTm"));
      case CREATION_TIME -> texts.header("CreDtTm");
      case ACCEPTANCE_TIME -> texts.firstOwn(ACCEPTANCE_PATHS);
      case SETTLEMENT_DATE -> texts.shared("IntrBkSttlmDt");
      case AMOUNT -> texts.own(AMOUNT);
      case CURRENCY -> texts.own(AMOUNT + MessageTexts.CURRENCY);
      case INSTRUCTED_AMOUNT -> texts.own(INSTRUCTED);
      case INSTRUCTED_CURRENCY -> texts.own(INSTRUCTED + MessageTexts.CURRENCY);
      case INSTRUCTING_AGENT -> texts.agent("InstgAgt");
      case INSTRUCTED_AGENT -> texts.agent("InstdAgt");
      case DEBTOR_AGENT -> texts.agent("DbtrAgt");
      case CREDITOR_AGENT -> texts.agent("CdtrAgt");
      case DEBTOR_ACCOUNT -> account("Dbtr");
      case CREDITOR_ACCOUNT -> account("Cdtr");
      case DEBTOR_COUNTRY -> country("Dbtr");
      case CREDITOR_COUNTRY -> country("Cdtr");
      case CHARGE_BEARER -> texts.own("ChrgBr");
      case SERVICE_LEVEL ->
          MessageTexts.firstOf(
              texts.shared("PmtTpInf/SvcLvl/Cd"), texts.shared("PmtTpInf/SvcLvl/Prtry"));
      case LOCAL_INSTRUMENT ->
          MessageTexts.firstOf(
              texts.shared("PmtTpInf/LclInstrm/Cd"), texts.shared("PmtTpInf/LclInstrm/Prtry"));
      case CATEGORY_PURPOSE ->
          MessageTexts.firstOf(
              texts.shared("PmtTpInf/CtgyPurp"),
              texts.shared("PmtTpInf/CtgyPurp/Cd"),
              texts.shared("PmtTpInf/CtgyPurp/Prtry"));
      case PURPOSE -> MessageTexts.firstOf(texts.own("Purp/Cd"), texts.own("Purp/Prtry"));
      case SETTLEMENT_METHOD -> texts.header("SttlmInf/SttlmMtd");
    };
  }

  /** The UETR, else instructing agent, message and transaction. */
  private String identity() {
    String uetr = texts.own("PmtId/UETR");
    return uetr.isEmpty()
        ? MessageTexts.identity(
            MessageTexts.firstOf(texts.agent("InstgAgt"), texts.agent("DbtrAgt")),
            texts.header("MsgId"),
            texts.own("PmtId/TxId"))
        : uetr;
  }

  private String account(String party) {
    return texts.firstShared(party + "Acct", ACCOUNT_PATHS);
  }

  /** Of the address, else of residence, else of the IBAN, else of the agent's BIC. */
  private String country(String party) {
    String stated = texts.firstShared(party, COUNTRY_PATHS);
    if (!stated.isEmpty()) {
      return stated;
    }
    String iban = texts.own(party + "Acct/Id/IBAN");
    if (!iban.isEmpty()) {
      return iban.substring(0, COUNTRY_CHARS);
    }
    String bic = texts.bic(party + "Agt");
    return bic.isEmpty() ? "" : bic.substring(4, 4 + COUNTRY_CHARS);
  }

  @Override
  public @Nullable Notice notice() {
    return null;
  }

  @Override
  public List<String> cells(List<IsoField> fields) {
    var cells = new ArrayList<String>(fields.size());
    fields.forEach(field -> cells.add(field(field)));
    return cells;
  }

  @Override
  public String toString() {
    return "Transfer";
  }
}
