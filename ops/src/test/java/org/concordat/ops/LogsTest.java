package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A role is started by the command or by its image: each has a configuration of its logs. */
class LogsTest {
  private static final URL COMMAND = file(Concordat.class, "/logback.xml");
  private static final URL AGENT = file(org.concordat.agent.Main.class, "logback.xml");
  private static final URL AGGREGATOR = file(org.concordat.aggregator.Main.class, "logback.xml");

  private static URL file(Class<?> beside, String name) {
    return Objects.requireNonNull(beside.getResource(name));
  }

  private static LoggerContext configured(URL file, Map<String, String> variables)
      throws JoranException {
    var context = new LoggerContext();
    variables.forEach(context::putProperty);
    var configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(file);
    return context;
  }

  @Test
  void whatCanQuoteRowsIsNeverLogged() throws JoranException {
    for (URL file : List.of(COMMAND, AGENT)) {
      LoggerContext context = configured(file, Map.of("CONCORDAT_KAFKA_LOG_LEVEL", "TRACE"));
      assertThat(context.getLogger("io.debezium.pipeline.ErrorHandler").isErrorEnabled()).isFalse();
      assertThat(context.getLogger("org.apache.kafka.connect.runtime.Worker").isWarnEnabled())
          .isFalse();
      assertThat(context.getLogger("org.concordat.agent.Main").isWarnEnabled()).isTrue();
      context.stop();
    }
  }

  @Test
  void everyRoleReadsTheTwoVariables() throws JoranException {
    Map<String, String> fine =
        Map.of("CONCORDAT_LOG_LEVEL", "TRACE", "CONCORDAT_KAFKA_LOG_LEVEL", "DEBUG");
    for (URL file : List.of(COMMAND, AGENT, AGGREGATOR)) {
      requireLevels(configured(file, Map.of()), Level.INFO, Level.ERROR);
      requireLevels(configured(file, fine), Level.TRACE, Level.DEBUG);
    }
  }

  private static void requireLevels(LoggerContext context, Level ours, Level ofKafka) {
    assertThat(context.getLogger("org.concordat.schemas").getEffectiveLevel()).isEqualTo(ours);
    assertThat(context.getLogger("org.apache.kafka.clients").getEffectiveLevel())
        .isEqualTo(ofKafka);
    context.stop();
  }
}
