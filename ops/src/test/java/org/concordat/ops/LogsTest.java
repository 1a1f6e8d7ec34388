package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import java.util.Objects;
import org.concordat.agent.Main;
import org.junit.jupiter.api.Test;

/** An agent is started by the command or by its image: each has a configuration of its logs. */
class LogsTest {
  private static LoggerContext configured(URL file) throws JoranException {
    var context = new LoggerContext();
    var configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(file);
    return context;
  }

  @Test
  void whatCanQuoteRowsIsNeverLogged() throws JoranException {
    for (URL file :
        new URL[] {
          Objects.requireNonNull(Concordat.class.getResource("/logback.xml")),
          Objects.requireNonNull(Main.class.getResource("logback.xml"))
        }) {
      LoggerContext context = configured(file);
      assertThat(context.getLogger("io.debezium.pipeline.ErrorHandler").isErrorEnabled()).isFalse();
      assertThat(context.getLogger("org.concordat.agent.Main").isWarnEnabled()).isTrue();
      context.stop();
    }
  }
}
