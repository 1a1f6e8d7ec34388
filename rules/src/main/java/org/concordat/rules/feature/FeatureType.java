package org.concordat.rules.feature;

import org.concordat.schemas.share.Domain;

/** What a feature's values are. The default domain follows from what is usually done with them. */
public enum FeatureType {
  /** Money in the contract's currency, in minor units; converted where it comes in another. */
  AMOUNT(Kind.NUMBER, Domain.ARITHMETIC),
  /** Money in the currency in which it came, at declared decimals. */
  ORIGINAL_AMOUNT(Kind.NUMBER, Domain.ARITHMETIC),
  /** An ISO 4217 code out of a list. */
  CURRENCY(Kind.CATEGORY, Domain.BOOLEAN),
  INTEGER(Kind.NUMBER, Domain.ARITHMETIC),
  /** A number at declared decimals. */
  DECIMAL(Kind.NUMBER, Domain.ARITHMETIC),
  FLAG(Kind.FLAG, Domain.BOOLEAN),
  /** One name out of a list. */
  CATEGORY(Kind.CATEGORY, Domain.BOOLEAN),
  /** The number of public cut points that a number reaches. */
  BINS(Kind.BINS, Domain.BOOLEAN),
  /** 0 to 23, from the event time in the source's zone. */
  HOUR_OF_DAY(Kind.NUMBER, Domain.BOOLEAN, Origin.EVENT_TIME),
  /** {@code monday} to {@code sunday}, from the event time in the source's zone. */
  DAY_OF_WEEK(Kind.CATEGORY, Domain.BOOLEAN, Origin.EVENT_TIME),
  /** How many payments of the account came before, in a window. */
  HISTORY_COUNT(Kind.NUMBER, Domain.ARITHMETIC, Origin.HISTORY),
  /** The sum of an amount over the account's payments before, in a window. */
  HISTORY_SUM(Kind.NUMBER, Domain.ARITHMETIC, Origin.HISTORY),
  /** From the account's payment before. */
  SECONDS_SINCE_LAST(Kind.NUMBER, Domain.BOOLEAN, Origin.HISTORY),
  /** Whether the account never paid this beneficiary before. */
  FIRST_TO_BENEFICIARY(Kind.FLAG, Domain.BOOLEAN, Origin.HISTORY),
  /** An amount as a multiple of the account's usual one. */
  RATIO_TO_USUAL(Kind.NUMBER, Domain.BOOLEAN, Origin.HISTORY),
  /** An identifier, as a salted hash: links payments, and can't be compared otherwise. */
  ENTITY(Kind.ENTITY, Domain.BOOLEAN);

  /** What may be done with a value. */
  public enum Kind {
    NUMBER,
    FLAG,
    CATEGORY,
    BINS,
    ENTITY
  }

  private enum Origin {
    COLUMN,
    EVENT_TIME,
    HISTORY
  }

  private final Kind kind;
  private final Domain domain;
  private final Origin origin;

  FeatureType(Kind kind, Domain domain) {
    this(kind, domain, Origin.COLUMN);
  }

  FeatureType(Kind kind, Domain domain, Origin origin) {
    this.kind = kind;
    this.domain = domain;
    this.origin = origin;
  }

  public Kind kind() {
    return kind;
  }

  Domain defaultDomain() {
    return domain;
  }

  /** Whether the value comes from the event time or the account's history, from no column. */
  public boolean isDerived() {
    return origin != Origin.COLUMN;
  }

  /** Whether the bank's agent computes the value from the account's earlier payments. */
  public boolean isHistory() {
    return origin == Origin.HISTORY;
  }
}
