package org.concordat.aggregator;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * What a class logs while this is open: of each line its keys and values, and as {@code thrown} the
 * message of what was thrown.
 */
public final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Logger logger;
  private final List<Map<String, Object>> lines = new CopyOnWriteArrayList<>();

  public LogLines(Class<?> of) {
    logger = (Logger) LoggerFactory.getLogger(of);
    // The build's own configuration of logs shows errors alone.
    logger.setLevel(Level.INFO);
    setContext(logger.getLoggerContext());
    start();
    logger.addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent event) {
    Map<String, Object> line = new HashMap<>();
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> line.put(pair.key, pair.value));
    }
    if (event.getThrowableProxy() != null) {
      line.put("thrown", event.getThrowableProxy().getMessage());
    }
    lines.add(line);
  }

  public List<Map<String, Object>> all() {
    return List.copyOf(lines);
  }

  /** The only one. */
  public Map<String, Object> only() {
    if (lines.size() != 1) {
      throw new AssertionError("expected one line: " + lines);
    }
    return lines.getFirst();
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(null);
    stop();
  }
}
