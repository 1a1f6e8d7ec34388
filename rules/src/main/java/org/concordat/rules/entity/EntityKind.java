package org.concordat.rules.entity;

import java.util.List;
import java.util.Locale;

/**
 * What an entity is, and how its identifiers are written: two texts name the same one exactly where
 * they are equal after {@link #normalised}.
 */
public enum EntityKind {
  /** An IBAN, else a national account number. */
  ACCOUNT(true),
  /** A primary account number of a card, with its Luhn digit. */
  CARD(false),
  /** A phone number, as E.164 writes it. */
  PHONE(false),
  EMAIL(false),
  /** A reference of a device, as the bank's systems write it. */
  DEVICE(true),
  /** An IPv4 or IPv6 address of a session. */
  ADDRESS(false),
  /** A payment itself: its UETR, or a reference that both banks know. */
  PAYMENT(true);

  /** Columns that together are one identifier. */
  public static final int PARTS_MAX = 8;

  private final boolean joins;

  EntityKind(boolean joins) {
    this.joins = joins;
  }

  /** Whether an identifier may consist of several parts, such as a bank's code and an account. */
  public boolean joins() {
    return joins;
  }

  /** Whether this is the code of a country whose phone numbers are known. */
  public static boolean isRegion(String region) {
    return Phones.isRegion(region);
  }

  /** As contracts write it, and as it enters the hash. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The one way to write an identifier.
   *
   * @param parts one, or several where the kind {@link #joins}
   * @param region ISO 3166 code of the country that a phone number without one is of; may be empty
   * @throws RefusedIdentifierException a part can't be one of this kind
   */
  public String normalised(List<String> parts, String region) throws RefusedIdentifierException {
    if (parts.size() == 1) {
      return normalised(parts.getFirst(), region);
    }
    if (!joins || parts.isEmpty()) {
      throw new IllegalArgumentException("parts of a kind that has one");
    }
    var joined = new StringBuilder();
    for (String part : parts) {
      // Of an account's parts none is an IBAN; no part holds what joins them.
      String written = this == ACCOUNT ? Accounts.national(part) : References.joined(part);
      joined.append(joined.isEmpty() ? "" : "/").append(written);
    }
    return joined.toString();
  }

  private String normalised(String text, String region) throws RefusedIdentifierException {
    return switch (this) {
      case ACCOUNT -> Accounts.normalised(text);
      case CARD -> Cards.normalised(text);
      case PHONE -> Phones.normalised(text, region);
      case EMAIL -> Emails.normalised(text);
      case DEVICE -> References.normalised(text);
      case ADDRESS -> Addresses.normalised(text);
      case PAYMENT -> References.payment(text);
    };
  }
}
