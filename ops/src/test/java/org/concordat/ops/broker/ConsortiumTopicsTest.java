package org.concordat.ops.broker;

import static org.assertj.core.api.Assertions.assertThat;

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

  @Test
  void anyOtherSettingHasToBeAsWanted() {
    assertThat(ConsortiumTopics.suffices("retention.bytes", "1048576", "-1")).isFalse();
    assertThat(ConsortiumTopics.suffices("max.message.bytes", "2097152", "1048576")).isFalse();
    assertThat(ConsortiumTopics.suffices("max.message.bytes", "1048576", "1048576")).isTrue();
  }
}
