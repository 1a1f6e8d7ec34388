package org.concordat.agent.api;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One operation of the API.
 *
 * @param path as OpenAPI writes it, such as {@code /v1/transactions/{ref}}; a parameter is one
 *     segment
 * @param roles of which the caller has one; nobody needs a token if there is none
 * @param bodyBytesMax 0 where there is no body
 * @param blocking whether the handler waits for the disk, and so stays off the event loop
 */
public record Route(
    HttpMethod method,
    String path,
    Set<Role> roles,
    long bodyBytesMax,
    boolean blocking,
    Handler<RoutingContext> handler) {
  private static final Pattern PARAMETER = Pattern.compile("\\{([a-zA-Z]+)}");

  /** A route without a body whose handler may wait for the disk. */
  public static Route get(String path, Set<Role> roles, Handler<RoutingContext> handler) {
    return new Route(HttpMethod.GET, path, roles, 0, true, handler);
  }

  /** A route with a body whose handler may wait for the disk. */
  public static Route post(
      String path, Set<Role> roles, long bodyBytesMax, Handler<RoutingContext> handler) {
    return new Route(HttpMethod.POST, path, roles, bodyBytesMax, true, handler);
  }

  /** A route that removes something. */
  public static Route delete(String path, Set<Role> roles, Handler<RoutingContext> handler) {
    return new Route(HttpMethod.DELETE, path, roles, 0, true, handler);
  }

  /** The same, with a handler that never waits. */
  public Route notBlocking() {
    return new Route(method, path, roles, bodyBytesMax, false, handler);
  }

  /** The path as a pattern; a colon in a path is a colon, unlike in the router's own paths. */
  String regex() {
    var regex = new StringBuilder();
    Matcher matcher = PARAMETER.matcher(path);
    int end = 0;
    while (matcher.find()) {
      regex.append(Pattern.quote(path.substring(end, matcher.start())));
      regex.append("(?<").append(matcher.group(1)).append(">[^/]+)");
      end = matcher.end();
    }
    return regex.append(Pattern.quote(path.substring(end))).toString();
  }
}
