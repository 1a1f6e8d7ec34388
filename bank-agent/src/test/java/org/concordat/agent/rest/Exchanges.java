package org.concordat.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Holds requests and answers against the OpenAPI document that was served. */
public final class Exchanges {
  private static final String ID = "https://concordat.test/openapi.json";

  private final JsonNode document;
  private final SchemaRegistry registry;

  /** What was seen, as "POST /v1/transactions 202". */
  public final Set<String> seen = new TreeSet<>();

  public Exchanges(String yaml) throws IOException {
    document = new YAMLMapper().readTree(yaml);
    String json = new ObjectMapper().writeValueAsString(document);
    registry =
        SchemaRegistry.withDialect(
            Dialects.getOpenApi31(), builder -> builder.schemas(Map.of(ID, json)));
  }

  /** Every operation, as "POST /v1/transactions". */
  public Set<String> operations() {
    var operations = new TreeSet<String>();
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      Iterator<String> methods = path.getValue().fieldNames();
      while (methods.hasNext()) {
        operations.add(methods.next().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey());
      }
    }
    return operations;
  }

  /** The statuses that the document gives an operation. */
  public Set<String> statuses(String operation) {
    var statuses = new TreeSet<String>();
    operation(operation).get("responses").fieldNames().forEachRemaining(statuses::add);
    return statuses;
  }

  private JsonNode operation(String operation) {
    String[] parts = operation.split(" ");
    return document.get("paths").get(parts[1]).get(parts[0].toLowerCase(java.util.Locale.ROOT));
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
  }

  private boolean fits(JsonNode schema, String json) {
    String absolute = schema.toString().replace("\"#/", "\"" + ID + "#/");
    Schema read = registry.getSchema(absolute, InputFormat.JSON);
    return read.validate(json, InputFormat.JSON).isEmpty();
  }

  public boolean requestFits(String operation, String type, String body) {
    JsonNode content = operation(operation).get("requestBody").get("content").get(type);
    return content != null && fits(content.get("schema"), body);
  }

  public void assertResponse(String operation, HttpResponse<String> response) {
    String status = Integer.toString(response.statusCode());
    JsonNode described = operation(operation).get("responses").get(status);
    assertThat(described).as("%s answers %s", operation, status).isNotNull();
    String type = response.headers().firstValue("content-type").orElse("");
    JsonNode content = resolved(described).get("content").get(type);
    assertThat(content).as("%s answers %s with %s", operation, status, type).isNotNull();
    if (type.equals("application/json") || type.endsWith("+json")) {
      assertThat(fits(content.get("schema"), response.body()))
          .as("%s answers %s as described: %s", operation, status, response.body())
          .isTrue();
    }
    seen.add(operation + " " + status);
  }
}
