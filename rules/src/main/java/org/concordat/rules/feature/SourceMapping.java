package org.concordat.rules.feature;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.concordat.rules.entity.EntityKind;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * How the columns of a bank's CSV become features of a contract. The bank's own: not part of a rule
 * set's hash.
 */
public final class SourceMapping {
  /** Where the currency of amounts stands: in a column, or the same in every row. */
  record CurrencySource(@Nullable String column, @Nullable String fixed) {}

  /**
   * One feature's column, two that are compared, or what every row has.
   *
   * @param columns none where every row has the same
   * @param constant the same as if it stood in every row
   * @param values what a cell's text means; other texts mean themselves
   * @param missing cells that hold no value
   * @param round whether a number that is too fine is rounded half-even instead of refused
   * @param region whose phone numbers those without a country's code are; empty where none is said
   */
  record ColumnMapping(
      List<String> columns,
      @Nullable String constant,
      boolean equal,
      Map<String, String> values,
      Set<String> missing,
      @Nullable CurrencySource currency,
      boolean round,
      String region,
      Place place) {}

  /**
   * Whose history a payment belongs to: the columns that together name the account, and the
   * beneficiary.
   *
   * @param beneficiary none where the source doesn't tell
   */
  record Parties(List<String> account, List<String> beneficiary, Place place) {
    String columns() {
      return String.join(", ", account) + "; " + String.join(", ", beneficiary);
    }
  }

  /** The column that says what was fraud, and the cells that mean yes. */
  record Label(String column, Set<String> positive) {}

  private final Place place;
  private final List<String> reference;
  private final TimeSource time;
  private final @Nullable CurrencySource currency;
  private final @Nullable Label label;
  private final @Nullable String bank;
  private final Map<String, String> bankNames;
  private final @Nullable Parties parties;
  private final Map<String, ColumnMapping> columns;

  private SourceMapping(
      Place place,
      List<String> reference,
      TimeSource time,
      @Nullable CurrencySource currency,
      @Nullable Label label,
      @Nullable String bank,
      Map<String, String> bankNames,
      @Nullable Parties parties,
      Map<String, ColumnMapping> columns) {
    this.place = place;
    this.reference = reference;
    this.time = time;
    this.currency = currency;
    this.label = label;
    this.bank = bank;
    this.bankNames = bankNames;
    this.parties = parties;
    this.columns = columns;
  }

  /**
   * Reads a mapping file or a {@code mapping} section; what is wrong goes to the document's
   * problems. Whoever opened the document finishes it.
   */
  public static SourceMapping read(Document document) {
    if (document.has("format")) {
      FileFormat.isKnown(document);
    }
    Map<String, ColumnMapping> columns = new LinkedHashMap<>();
    Document list = document.get("columns");
    for (String feature : list.keys()) {
      columns.put(feature, column(list.get(feature)));
    }
    Document bank = document.maybe("bank");
    Map<String, String> bankNames = bank.isMapping() ? meanings(bank) : Map.of();
    String bankColumn = bank.isMapping() ? bank.get("column").text() : bank.text("");
    return new SourceMapping(
        document.place(),
        texts(document.get("reference")),
        TimeSource.read(document.get("time"), document.maybe("zone")),
        currency(document.maybe("currency")),
        label(document.maybe("label")),
        bankColumn.isEmpty() ? null : bankColumn,
        bankNames,
        parties(document.maybe("history")),
        columns);
  }

  private static @Nullable Parties parties(Document history) {
    return history.isPresent()
        ? new Parties(
            texts(history.get("account")), texts(history.maybe("beneficiary")), history.place())
        : null;
  }

  private static ColumnMapping column(Document spec) {
    if (!spec.isMapping()) {
      return new ColumnMapping(
          texts(spec), null, false, Map.of(), Set.of(""), null, false, "", spec.place());
    }
    boolean equal = spec.has("equal");
    String constant = spec.has("constant") ? spec.get("constant").text() : null;
    if (constant != null && (equal || spec.has("column"))) {
      spec.add(
          Code.CDT_106,
          "A constant comes from no column.",
          "Remove 'constant', or 'column' and 'equal'.");
    }
    List<String> columns = columns(spec, constant != null, equal);
    if (equal && columns.size() != 2) {
      spec.get("equal").add(Code.CDT_106, "Two columns are compared.", "List two columns.");
    }
    Set<String> missing =
        spec.has("missing") ? new LinkedHashSet<>(texts(spec.get("missing"))) : Set.of("");
    return new ColumnMapping(
        columns,
        constant,
        equal,
        meanings(spec),
        missing,
        currency(spec.maybe("currency")),
        spec.maybe("round").bool(false),
        region(spec.maybe("region")),
        spec.place());
  }

  private static String region(Document document) {
    String region = document.text("");
    if (document.isPresent() && !EntityKind.isRegion(region)) {
      document.add(
          Code.CDT_106, "No country of this code has phone numbers.", "Write one such as DE.");
      return "";
    }
    return region;
  }

  private static List<String> columns(Document spec, boolean constant, boolean equal) {
    if (constant) {
      return List.of();
    }
    return texts(spec.get(equal ? "equal" : "column"));
  }

  private static Map<String, String> meanings(Document spec) {
    Map<String, String> meanings = new LinkedHashMap<>();
    Document values = spec.maybe("values");
    values.keys().forEach(key -> meanings.put(key, values.get(key).text()));
    return meanings;
  }

  private static @Nullable CurrencySource currency(Document document) {
    if (!document.isPresent()) {
      return null;
    }
    if (document.isMapping()) {
      return new CurrencySource(document.get("column").text(), null);
    }
    String code = document.text();
    if (!RateTable.isCurrency(code)) {
      document.add(
          Code.CDT_315,
          "'" + code + "' is no ISO 4217 code.",
          "Write one such as EUR, or {column: name}.");
    }
    return new CurrencySource(null, code);
  }

  private static @Nullable Label label(Document document) {
    if (!document.isPresent()) {
      return null;
    }
    if (!document.isMapping()) {
      return new Label(document.text(), Set.of("1", "true"));
    }
    return new Label(
        document.get("column").text(), new LinkedHashSet<>(texts(document.get("positive"))));
  }

  /** One text or a list of them. */
  private static List<String> texts(Document document) {
    if (!document.isSequence()) {
      return document.isPresent() ? List.of(document.text()) : List.of();
    }
    List<String> texts = new ArrayList<>();
    document.items().forEach(item -> texts.add(item.text()));
    return texts;
  }

  /** A mapping for a person to complete: each feature beside the column whose name is closest. */
  public static String template(FeatureContract contract, List<String> header) {
    var text = new StringBuilder("format: 1\nreference: ");
    text.append(near("id", header)).append("\ntime: {column: ").append(near("time", header));
    text.append("}\ncurrency: ").append(contract.currency()).append('\n');
    if (contract.hasHistory()) {
      text.append("history: {account: ").append(near("debtor_account", header));
      text.append(", beneficiary: ").append(near("creditor_account", header)).append("}\n");
    }
    text.append("columns:\n");
    for (Feature feature : contract.features()) {
      if (!feature.type().isDerived()) {
        text.append("  ").append(feature.name()).append(": ");
        text.append(near(feature.name(), header)).append('\n');
      }
    }
    return text.toString();
  }

  private static String near(String name, List<String> header) {
    String closest = Problems.closest(name, header);
    return closest.isEmpty() ? "COLUMN" : closest;
  }

  /** The column that names the submitting bank, where one file holds several banks' rows. */
  public Optional<String> bankColumn() {
    return Optional.ofNullable(bank);
  }

  /** The charter's name of the bank that a cell of the bank column names. */
  public String bankName(String cell) {
    return bankNames.getOrDefault(cell.strip(), cell.strip());
  }

  /** Every column that the mapping reads. */
  public Set<String> columnNames() {
    Set<String> names = new LinkedHashSet<>(reference);
    names.add(time.column());
    if (currency != null && currency.column() != null) {
      names.add(currency.column());
    }
    columns.values().forEach(c -> names.addAll(c.columns()));
    if (parties != null) {
      names.addAll(parties.account());
      names.addAll(parties.beneficiary());
    }
    if (bank != null) {
      names.add(bank);
    }
    return names;
  }

  public Place place() {
    return place;
  }

  /** The columns that together are a row's key. */
  public List<String> reference() {
    return reference;
  }

  TimeSource time() {
    return time;
  }

  @Nullable CurrencySource currency() {
    return currency;
  }

  @Nullable Label label() {
    return label;
  }

  @Nullable Parties parties() {
    return parties;
  }

  Map<String, ColumnMapping> columns() {
    return columns;
  }
}
