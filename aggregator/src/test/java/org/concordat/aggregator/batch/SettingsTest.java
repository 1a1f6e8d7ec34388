package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @ParameterizedTest
  @CsvSource({"0, 5", "5, 5", "100, 10", "300, 30", "60000, 50"})
  void aMachineIsToldTheTimeTenTimesFromCutToCut(long intervalMillis, long tickMillis) {
    Settings of = Batches.settings(0, List.of("bank-a"));
    var settings =
        new Settings(
            of.protocol(),
            of.charter(),
            of.partition(),
            of.me(),
            of.aggregators(),
            of.banks(),
            of.ruleSet(),
            of.ruleSetVersion(),
            of.rowsMax(),
            of.batchesInFlight(),
            intervalMillis,
            of.aheadMillis(),
            of.graceMillis(),
            of.stallMillis(),
            of.backoffMillis());
    assertThat(settings.tickMillis()).isEqualTo(tickMillis);
  }
}
