package org.concordat.schemas.identity;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** Writes a charter as {@link CharterFile} reads it. */
public final class CharterWriter {
  private static final String HEAD =
      """
      # The constitution of the consortium. Every member signs these very bytes:
      # after any change all signatures in charter.signatures.yaml have to be made anew.
      """;

  private CharterWriter() {}

  /** The file's text; what only its bytes give, its hash, isn't in it. */
  public static String text(Charter charter) {
    Map<String, Object> top = new LinkedHashMap<>();
    top.put("charter", 1);
    if (charter.revision() > 1) {
      top.put("revision", charter.revision());
      top.put("founding", HexFormat.of().formatHex(charter.hash().bytes()));
    }
    top.put("consortium", charter.consortium());
    top.put("mode", charter.mode().name().toLowerCase(Locale.ROOT));
    top.put("suite", charter.suite());
    top.put("partitions", charter.partitions());
    top.put("quorum", charter.quorum());
    top.put("bankOperatedAggregators", charter.bankOperatedAggregators());
    top.put("epochDays", charter.epochDays());
    if (charter.allowUnverifiedLinkage()) {
      top.put("allowUnverifiedLinkage", true);
    }
    top.put("contractVersions", List.copyOf(charter.contractVersions()));
    Map<String, Object> caps = new LinkedHashMap<>();
    caps.put("linkageBits", charter.caps().linkageBits());
    caps.put("bitsPerAlert", charter.caps().bitsPerAlert());
    caps.put("flagsPerBankAndDay", charter.caps().flagsPerBankAndDay());
    caps.put("comparisonsPerScore", charter.caps().comparisonsPerScore());
    top.put("caps", caps);
    List<Object> aggregators = new ArrayList<>();
    for (Charter.Aggregator each : charter.aggregators()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", each.name());
      entry.put("operator", each.operator());
      entry.put("verifyingKey", base64(each.verifyingKey().bytes()));
      aggregators.add(entry);
    }
    top.put("aggregators", aggregators);
    top.put("banks", charter.banks().stream().map(CharterWriter::entry).toList());
    return HEAD + yaml().dump(top);
  }

  /** What a new bank sends to the others: its entry, with public keys alone. */
  public static String text(Charter.Bank bank) {
    return yaml().dump(entry(bank));
  }

  private static Map<String, Object> entry(Charter.Bank bank) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", bank.name());
    entry.put("verifyingKey", base64(bank.verifyingKey().bytes()));
    entry.put("alertKey", base64(bank.alertKey().bytes()));
    return entry;
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static Yaml yaml() {
    var options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    // Keys stay on their lines.
    options.setSplitLines(false);
    options.setIndicatorIndent(2);
    options.setIndentWithIndicator(true);
    return new Yaml(options);
  }
}
