package org.concordat.agent.iso;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.concordat.agent.store.Notice;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/**
 * What a recall (camt.056) or a return (pacs.004) says of one payment, whichever version's words it
 * uses. Holds plaintext.
 */
final class LaterNotice implements Transaction {
  private static final String UETR = "OrgnlUETR";
  private static final String TRANSACTION = "OrgnlTxId";
  private static final String ORIGINAL_MESSAGE = "OrgnlGrpInf/OrgnlMsgId";
  private static final String ORIGINAL_MESSAGE_OF_ALL = "OrgnlMsgId";
  private static final String AMOUNT = "RtrdIntrBkSttlmAmt";
  private static final String DEBTOR_AGENT = "OrgnlTxRef/DbtrAgt";
  private static final int TEXT_CHARS_MAX = 35;
  private static final Pattern UETR_FORM =
      Pattern.compile("[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}");
  private static final Pattern TIME_FORM = Pattern.compile("[0-9T:.Z+-]{1,40}");

  /** ActiveCurrencyAndAmount: 18 digits at most, of which 5 behind the point. */
  private static final Pattern AMOUNT_FORM =
      Pattern.compile("(?!.{20})[0-9]{1,18}(\\.[0-9]{0,5})?");

  private static final List<String> REASONS =
      List.of(
          "RtrRsnInf/Rsn/Cd",
          "RtrRsnInf/Rsn/Prtry",
          "RtrRsnInf/RtrRsn/Cd",
          "RtrRsnInf/RtrRsn/Prtry",
          "CxlRsnInf/Rsn/Cd",
          "CxlRsnInf/Rsn/Prtry",
          "CxlRsnInf/CxlRsn/Cd",
          "CxlRsnInf/CxlRsn/Prtry");

  /** Of the external code sets for cancellation and return, what fraud teams meet most. */
  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("AC01", "the account number is wrong"),
          Map.entry("AC03", "the creditor's account number is wrong"),
          Map.entry("AC04", "the account is closed"),
          Map.entry("AC06", "the account is blocked"),
          Map.entry("AGNT", "the agent is wrong"),
          Map.entry("AM05", "it was paid twice"),
          Map.entry("AM09", "the amount is wrong"),
          Map.entry("CURR", "the currency is wrong"),
          Map.entry("CUST", "the customer asks for it"),
          Map.entry("CUTA", "the payment could not be applied"),
          Map.entry("DUPL", "it was paid twice"),
          Map.entry("FOCR", "it follows a recall"),
          Map.entry("FR01", "fraud"),
          Map.entry("FRAD", "fraud"),
          Map.entry("LEGL", "a legal decision"),
          Map.entry("MD07", "the customer has died"),
          Map.entry("MS02", "the customer gives no reason"),
          Map.entry("MS03", "the agent gives no reason"),
          Map.entry("RR04", "a regulation"),
          Map.entry("SVNR", "the service was not rendered"),
          Map.entry("TECH", "a technical fault"),
          Map.entry("UPAY", "the payment was not due"));

  /** Every path that is kept. */
  static final Set<String> PATHS = paths();

  private final Notice.Kind kind;
  private final MessageTexts texts;

  /**
   * @param header of the message, shared by its transactions
   */
  LaterNotice(Notice.Kind kind, Map<String, String> header) {
    this.kind = kind;
    this.texts = new MessageTexts(header);
  }

  private static Set<String> paths() {
    var paths =
        new HashSet<>(
            List.of(
                "MsgId",
                "Id",
                "CreDtTm",
                "NbOfTxs",
                UETR,
                TRANSACTION,
                "OrgnlInstrId",
                "OrgnlEndToEndId",
                ORIGINAL_MESSAGE,
                ORIGINAL_MESSAGE_OF_ALL,
                AMOUNT));
    paths.addAll(REASONS);
    for (String agent : List.of("InstdAgt", "Assgnr/Agt", DEBTOR_AGENT)) {
      MessageTexts.addAgent(paths, agent);
    }
    return Set.copyOf(paths);
  }

  @Override
  public void put(String path, String text) {
    texts.put(path, text);
  }

  @Override
  public @Nullable Code refusal() {
    if (!isFormed()) {
      return Code.CDT_338;
    }
    if (texts.has(AMOUNT)
        && !Money.fits(texts.own(AMOUNT), texts.own(AMOUNT + MessageTexts.CURRENCY))) {
      return Code.CDT_334;
    }
    boolean named =
        texts.has(UETR) || !(originalMessage().isEmpty() || texts.own(TRANSACTION).isEmpty());
    return named ? null : Code.CDT_337;
  }

  /** All that a notice keeps has a bound by it, which {@link Notice} needs to be stored. */
  private boolean isFormed() {
    for (String text :
        List.of(
            message(),
            texts.own(TRANSACTION),
            texts.own("OrgnlInstrId"),
            texts.own("OrgnlEndToEndId"),
            originalMessage(),
            texts.firstOwn(REASONS),
            texts.own(AMOUNT + MessageTexts.CURRENCY))) {
      if (text.length() > TEXT_CHARS_MAX) {
        return false;
      }
    }
    return TIME_FORM.matcher(texts.header("CreDtTm")).matches()
        && (!texts.has(AMOUNT) || AMOUNT_FORM.matcher(texts.own(AMOUNT)).matches())
        && (!texts.has(UETR) || UETR_FORM.matcher(texts.own(UETR)).matches());
  }

  private String message() {
    return MessageTexts.firstOf(texts.header("MsgId"), texts.header("Id"));
  }

  private String originalMessage() {
    return MessageTexts.firstOf(texts.own(ORIGINAL_MESSAGE), texts.header(ORIGINAL_MESSAGE_OF_ALL));
  }

  @Override
  public List<String> cells(List<IsoField> fields) {
    return fields.stream().map(this::field).toList();
  }

  /** Of the payment that it speaks of. */
  private String field(IsoField field) {
    return switch (field) {
      case IDENTITY -> identity();
      case UETR -> texts.own(UETR);
      case MESSAGE_ID -> originalMessage();
      case INSTRUCTION_ID -> texts.own("OrgnlInstrId");
      case END_TO_END_ID -> texts.own("OrgnlEndToEndId");
      case TRANSACTION_ID -> texts.own(TRANSACTION);
      default -> "";
    };
  }

  /** As {@link Transfer} makes it of the payment, whose instructing agent now recalls or gets. */
  private String identity() {
    if (texts.has(UETR)) {
      return texts.own(UETR);
    }
    String instructing =
        switch (kind) {
          case RECALL -> texts.agent("Assgnr/Agt");
          case RETURN -> texts.agent("InstdAgt");
        };
    return MessageTexts.identity(
        MessageTexts.firstOf(instructing, texts.agent(DEBTOR_AGENT)),
        originalMessage(),
        texts.own(TRANSACTION));
  }

  @Override
  public Notice notice() {
    String reason = texts.firstOwn(REASONS);
    return new Notice(
        kind,
        reason,
        WORDS.getOrDefault(reason, ""),
        texts.own(AMOUNT),
        texts.own(AMOUNT + MessageTexts.CURRENCY),
        message(),
        texts.header("CreDtTm"));
  }

  @Override
  public String toString() {
    return "LaterNotice";
  }
}
