package org.concordat.agent.iso;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a mapping can take from a transaction of a message; an absent one is an empty cell. */
public enum IsoField {
  IDENTITY("identity"),
  UETR("uetr"),
  MESSAGE_ID("messageId"),
  INSTRUCTION_ID("instructionId"),
  END_TO_END_ID("endToEndId"),
  TRANSACTION_ID("transactionId"),
  EVENT_TIME("eventTime"),
  CREATION_TIME("creationTime"),
  ACCEPTANCE_TIME("acceptanceTime"),
  SETTLEMENT_DATE("settlementDate"),
  AMOUNT("amount"),
  CURRENCY("currency"),
  INSTRUCTED_AMOUNT("instructedAmount"),
  INSTRUCTED_CURRENCY("instructedCurrency"),
  INSTRUCTING_AGENT("instructingAgent"),
  INSTRUCTED_AGENT("instructedAgent"),
  DEBTOR_AGENT("debtorAgent"),
  CREDITOR_AGENT("creditorAgent"),
  DEBTOR_ACCOUNT("debtorAccount"),
  CREDITOR_ACCOUNT("creditorAccount"),
  DEBTOR_COUNTRY("debtorCountry"),
  CREDITOR_COUNTRY("creditorCountry"),
  CHARGE_BEARER("chargeBearer"),
  SERVICE_LEVEL("serviceLevel"),
  LOCAL_INSTRUMENT("localInstrument"),
  CATEGORY_PURPOSE("categoryPurpose"),
  PURPOSE("purpose"),
  SETTLEMENT_METHOD("settlementMethod");

  private final String column;

  IsoField(String column) {
    this.column = column;
  }

  /** As it is written in a mapping. */
  public String column() {
    return column;
  }

  public static Optional<IsoField> of(String column) {
    return Arrays.stream(values()).filter(field -> field.column.equals(column)).findFirst();
  }

  /** Every field as it is written in a mapping. */
  public static List<String> columns() {
    return Arrays.stream(values()).map(IsoField::column).toList();
  }
}
