package org.concordat.agent.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.concordat.agent.config.AgentConfig.Api;
import org.concordat.agent.config.AgentConfig.ApiTls;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/** The section {@code api}: without TLS only this machine itself may call. */
final class ApiSection {
  private static final int PORT_MAX = 65_535;

  private ApiSection() {}

  static Api read(Path folder, Document api) {
    Document listen =
        api.get("listen").about("host:port of the bank's API; port 0 for any free one.");
    String text = listen.text();
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    int port = colon < 0 ? -1 : port(text.substring(colon + 1));
    if (listen.isPresent() && (port < 0 || host.isEmpty())) {
      listen.add(Code.CDT_106, "'" + text + "' is no host:port.", "Write 127.0.0.1:8443, say.");
    }
    Optional<ApiTls> tls = tls(folder, api);
    if (port >= 0 && !host.isEmpty() && tls.isEmpty() && !isLoopback(host)) {
      listen.add(Code.CDT_375, Code.CDT_375.cause(), Code.CDT_375.fix());
    }
    return new Api(
        host,
        port,
        tls,
        AgentConfig.existing(
            folder, api.get("tokens").about("The file of tokens and their roles.")));
  }

  private static int port(String digits) {
    return digits.matches("\\d{1,5}") && Integer.parseInt(digits) <= PORT_MAX
        ? Integer.parseInt(digits)
        : -1;
  }

  private static Optional<ApiTls> tls(Path folder, Document api) {
    if (!api.has("certificate") && !api.has("key")) {
      return Optional.empty();
    }
    Path certificate =
        AgentConfig.existing(
            folder, api.get("certificate").about("PEM; needed where other machines can call."));
    Path key =
        AgentConfig.existing(
            folder, api.get("key").about("Its private key; needed with certificate."));
    if (api.has("key") && Files.exists(key)) {
      KeyFiles.isPrivate(key, api.problems());
    }
    return Optional.of(new ApiTls(certificate, key));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
