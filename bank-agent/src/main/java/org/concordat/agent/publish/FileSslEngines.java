package org.concordat.agent.publish;

import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.concordat.schemas.bus.ClientTls;
import org.jspecify.annotations.Nullable;

/**
 * Gives each connection of a Kafka client the certificate that is in its files then; connections
 * that are up stay up as they are. Kafka makes it by its name. The aggregator has its like: neither
 * module may know the other, and what both know may not know Kafka.
 */
public final class FileSslEngines implements SslEngineFactory {
  private Map<String, ?> settings = Map.of();
  private @Nullable Map<String, String> files;
  private DefaultSslEngineFactory current = new DefaultSslEngineFactory();

  @Override
  public void configure(Map<String, ?> configs) {
    settings = Map.copyOf(withoutNulls(configs));
    refreshed();
  }

  private static Map<String, Object> withoutNulls(Map<String, ?> configs) {
    Map<String, Object> there = new HashMap<>();
    configs.forEach(
        (key, value) -> {
          if (value != null) {
            there.put(key, value);
          }
        });
    return there;
  }

  private synchronized DefaultSslEngineFactory refreshed() {
    if (!(settings.get(ClientTls.SETTING) instanceof ClientTls tls)) {
      throw new IllegalStateException("Clients are made with their files.");
    }
    Map<String, String> now = tls.settings();
    if (now != files) {
      Map<String, Object> with = new HashMap<>(settings);
      now.forEach((key, pem) -> with.put(key, new Password(pem)));
      var next = new DefaultSslEngineFactory();
      next.configure(with);
      current = next;
      files = now;
    }
    return current;
  }

  @Override
  public SSLEngine createClientSslEngine(String host, int port, String identification) {
    return refreshed().createClientSslEngine(host, port, identification);
  }

  @Override
  public SSLEngine createServerSslEngine(String host, int port) {
    throw new UnsupportedOperationException("A client serves nobody.");
  }

  /** Never by Kafka: the files decide. */
  @Override
  public boolean shouldBeRebuilt(Map<String, Object> nextConfigs) {
    return false;
  }

  @Override
  public Set<String> reconfigurableConfigs() {
    return Set.of();
  }

  @Override
  public @Nullable KeyStore keystore() {
    return refreshed().keystore();
  }

  @Override
  public @Nullable KeyStore truststore() {
    return refreshed().truststore();
  }

  @Override
  public void close() {
    // Holds nothing that has to be closed.
  }
}
