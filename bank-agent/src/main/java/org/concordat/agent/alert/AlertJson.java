package org.concordat.agent.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.concordat.schemas.record.Alert;

/** An alert as one line of JSON. */
final class AlertJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private AlertJson() {}

  static String line(Alert alert) {
    ObjectNode json =
        MAPPER
            .createObjectNode()
            .put("id", alert.getId())
            .put("mode", alert.getMode())
            .put("bank", alert.getBank())
            .put("reference", alert.getReference())
            .put("rule", alert.getRule())
            .put("ruleTitle", alert.getRuleTitle())
            .put("ruleSet", alert.getRuleSet())
            .put("ruleSetVersion", alert.getRuleSetVersion())
            .put("contractVersion", alert.getContractVersion())
            .put("score", alert.getScore())
            .put("threshold", alert.getThreshold());
    var reasons = json.putArray("reasons");
    alert
        .getReasons()
        .forEach(
            reason ->
                reasons.addObject().put("code", reason.getCode()).put("text", reason.getText()));
    json.put("partition", alert.getPartition())
        .put("alertSequence", alert.getAlertSequence())
        .put("eventMinute", alert.getEventMinute())
        .put("acceptedMillis", alert.getAcceptedMillis())
        .put("committedMillis", alert.getCommittedMillis())
        .put("deliveredMillis", alert.getDeliveredMillis())
        .put("cut", alert.getCut())
        .put("verification", alert.getVerification().toString())
        .put("pattern", alert.getPattern());
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Texts and numbers are always written.", e);
    }
  }
}
