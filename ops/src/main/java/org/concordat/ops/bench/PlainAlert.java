package org.concordat.ops.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * A row that the baseline flags. One class for the bus and for the bank's file.
 *
 * @param reasons bit i is set where the rule's reason i held
 * @param deliveredMillis 0 on the bus
 */
record PlainAlert(
    String reference,
    String rule,
    long score,
    long reasons,
    long acceptedMillis,
    long committedMillis,
    long deliveredMillis) {
  private static final ObjectMapper JSON = new ObjectMapper();

  PlainAlert delivered(long millis) {
    return new PlainAlert(reference, rule, score, reasons, acceptedMillis, committedMillis, millis);
  }

  byte[] json() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Texts and numbers are always written.", e);
    }
  }

  static PlainAlert read(byte[] json) {
    try {
      return JSON.readValue(json, PlainAlert.class);
    } catch (java.io.IOException e) {
      throw new IllegalStateException("Only the baseline writes its alerts.", e);
    }
  }
}
