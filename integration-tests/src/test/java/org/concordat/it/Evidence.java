package org.concordat.it;

import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.concordat.ops.demo.Role;

/** What an aggregator's log tells of a record that it has set aside. */
final class Evidence {
  private Evidence() {}

  /** Whether a line under a code names the record's place and hash. */
  static boolean isTold(Role aggregator, String code, ConsumerRecord<byte[], byte[]> record)
      throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(record.value());
    List<String> facts =
        List.of(
            "code=\"" + code + "\"",
            "topic=\"" + record.topic() + "\"",
            "offset=\"" + record.offset() + "\"",
            "sha256=\"" + HexFormat.of().formatHex(hash) + "\"");
    return Files.readAllLines(aggregator.log()).stream()
        .anyMatch(line -> facts.stream().allMatch(line::contains));
  }
}
