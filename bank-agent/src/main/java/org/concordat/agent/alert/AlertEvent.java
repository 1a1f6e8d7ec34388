package org.concordat.agent.alert;

import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import org.concordat.schemas.record.Alert;

/** An alert as a CloudEvent 1.0 in JSON (structured mode); the event's id is the alert's. */
final class AlertEvent {
  static final String MEDIA_TYPE = JsonFormat.CONTENT_TYPE;
  static final String TYPE = "org.concordat.alert.v1";
  private static final JsonFormat FORMAT = new JsonFormat();

  private AlertEvent() {}

  static byte[] json(Alert alert) {
    return FORMAT.serialize(
        CloudEventBuilder.v1()
            .withId(alert.getId())
            .withSource(URI.create("urn:concordat:bank:" + alert.getBank()))
            .withType(TYPE)
            .withSubject(alert.getRule())
            .withTime(Instant.ofEpochMilli(alert.getCommittedMillis()).atOffset(ZoneOffset.UTC))
            .withData("application/json", AlertJson.line(alert).getBytes(StandardCharsets.UTF_8))
            .build());
  }
}
