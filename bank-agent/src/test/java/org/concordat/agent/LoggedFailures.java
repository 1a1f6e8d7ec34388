package org.concordat.agent;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/**
 * What a class logs while this is open, from warnings on: of each line its facts and its failure,
 * as printed.
 */
public final class LoggedFailures extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Logger logger;
  private final List<String> failures = new CopyOnWriteArrayList<>();

  public LoggedFailures(Class<?> of) {
    logger = (Logger) LoggerFactory.getLogger(of);
    setContext(logger.getLoggerContext());
    start();
    logger.setLevel(Level.WARN);
    logger.addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent event) {
    IThrowableProxy failure = event.getThrowableProxy();
    String facts = event.getKeyValuePairs() == null ? "" : event.getKeyValuePairs() + "\n";
    failures.add(facts + (failure == null ? "" : ThrowableProxyUtil.asString(failure)));
  }

  /** The only one. */
  public String only() {
    if (failures.size() != 1) {
      throw new AssertionError("expected one line: " + failures);
    }
    return failures.getFirst();
  }

  /** How many lines there were. */
  public int lines() {
    return failures.size();
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(null);
    stop();
  }
}
