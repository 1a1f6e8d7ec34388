package org.concordat.agent.api;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Set;

/** Serves the description of the whole API, for which nobody needs a token. */
public final class OpenApiDocument {
  private static final String PATH = "/v1/openapi.yaml";

  private OpenApiDocument() {}

  public static void addTo(ApiServer api) {
    Buffer document = Buffer.buffer(read());
    api.add(
        Route.get(
                PATH,
                Set.of(),
                context ->
                    context.response().putHeader("content-type", "application/yaml").end(document))
            .notBlocking());
  }

  private static byte[] read() {
    try (InputStream in = OpenApiDocument.class.getResourceAsStream("openapi.yaml")) {
      return Objects.requireNonNull(in, "openapi.yaml").readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
