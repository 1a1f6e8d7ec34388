package org.concordat.ops.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsortiumTopicsTest {
  private static final String WANTED = "604800000";

  /** For ever is -1, and some write the largest number. */
  @ParameterizedTest
  @ValueSource(strings = {WANTED, "604800001", "-1", "9223372036854775807"})
  void aRetentionMayBeLonger(String there) {
    assertThat(ConsortiumTopics.suffices("retention.ms", there, WANTED)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"604799999", "0", "unset"})
  void aRetentionMayNotBeShorter(String there) {
    assertThat(ConsortiumTopics.suffices("retention.ms", there, WANTED)).isFalse();
  }

  /** Which has a count for each bank and rule, of as many as a charter allows. */
  @Test
  void aStateMayBeAsLongAsAVote() {
    var signing = SigningKey.generate(new SecureRandom());
    var topics = new Topics("test.");
    var nothing = new Digest(new byte[32]);
    var charter =
        new Charter(
            nothing,
            1,
            nothing,
            "demo",
            Charter.Mode.TEST,
            "rep3",
            2,
            1,
            false,
            35,
            Set.of(1),
            new Charter.Caps(0, 64, 10, 4),
            List.of(new Charter.Aggregator("agg-1", "operator", signing.verifier())),
            List.of());
    Map<String, Map<String, String>> settings = new HashMap<>();
    new ConsortiumTopics(charter, topics, 1)
        .topics()
        .forEach(topic -> settings.put(topic.name(), topic.configs()));
    String vote = Integer.toString(ConsortiumTopics.VOTE_BYTES_MAX);
    assertThat(settings.get(topics.votes("agg-1"))).containsEntry("max.message.bytes", vote);
    assertThat(settings.get(topics.state("agg-1")))
        .containsEntry("cleanup.policy", "compact")
        .containsEntry("max.message.bytes", vote)
        .containsEntry("segment.bytes", Integer.toString(2 * ConsortiumTopics.VOTE_BYTES_MAX))
        .containsEntry("segment.ms", "600000");
    assertThat(settings.get(topics.workers())).containsEntry("max.message.bytes", "1048576");
  }

  @Test
  void anyOtherSettingHasToBeAsWanted() {
    assertThat(ConsortiumTopics.suffices("retention.bytes", "1048576", "-1")).isFalse();
    assertThat(ConsortiumTopics.suffices("max.message.bytes", "2097152", "1048576")).isFalse();
    assertThat(ConsortiumTopics.suffices("max.message.bytes", "1048576", "1048576")).isTrue();
  }
}
