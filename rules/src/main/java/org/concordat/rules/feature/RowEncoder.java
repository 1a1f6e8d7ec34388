package org.concordat.rules.feature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.entity.EntityKind;
import org.concordat.rules.feature.SourceMapping.ColumnMapping;
import org.concordat.rules.feature.SourceMapping.CurrencySource;
import org.concordat.rules.feature.SourceMapping.Label;
import org.concordat.rules.feature.SourceMapping.Parties;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * Turns a source's rows into the contract's fields, and says why a row can't be. Bound to a header
 * first. Not thread-safe.
 */
public final class RowEncoder {
  /** Characters of a row's reference. */
  public static final int REFERENCE_CHARS_MAX = 256;

  /** Characters of an account's or a beneficiary's name. */
  public static final int PARTY_CHARS_MAX = 256;

  private final FeatureContract contract;
  private final RateTable rates;
  private final SourceMapping mapping;
  private final List<FieldEncoder> cells = new ArrayList<>();
  private final List<Integer> referenceColumns = new ArrayList<>();
  private final List<Integer> accountColumns = new ArrayList<>();
  private final List<Integer> beneficiaryColumns = new ArrayList<>();
  private int timeColumn = -1;
  private int bankColumn = -1;
  private int labelColumn = -1;
  private int width;

  public RowEncoder(FeatureContract contract, RateTable rates, SourceMapping mapping) {
    this.contract = contract;
    this.rates = rates;
    this.mapping = mapping;
  }

  /** Whether rows carry entities, by which aggregators link them. */
  public boolean isLinked() {
    return !contract.entities().isEmpty();
  }

  /** Finds the mapped columns in a header; what is wrong goes to {@code problems}. */
  public void bind(List<String> header, Problems problems) {
    var finder = new ColumnFinder(header, problems);
    cells.clear();
    referenceColumns.clear();
    width = header.size();
    mapping.reference().forEach(c -> referenceColumns.add(finder.index(c, mapping.place())));
    timeColumn = finder.index(mapping.time().column(), mapping.place());
    bankColumn = mapping.bankColumn().map(header::indexOf).orElse(-1);
    Label label = mapping.label();
    // Labels are for simulations: a live source may lack the column.
    labelColumn = label == null ? -1 : header.indexOf(label.column());
    CurrencySource common = mapping.currency();
    for (Feature feature : contract.features()) {
      ColumnMapping column = mapping.columns().get(feature.name());
      if (feature.type().isDerived() == (column == null)) {
        checkColumns(feature, column, problems);
        if (feature.entity() == null || column == null) {
          bind(feature, column, common, finder);
        } else {
          cells.add(entity(feature, column, finder));
        }
      } else {
        problems.add(
            Code.CDT_205,
            column == null ? mapping.place() : column.place(),
            column == null
                ? "The feature '" + feature.name() + "' has no column."
                : "The feature '" + feature.name() + "' comes from no column.",
            column == null
                ? "Add '" + feature.name() + ": COLUMN' under columns."
                : "Remove it from columns.");
      }
    }
    mapping.columns().forEach((name, column) -> checkKnown(name, column, problems));
    bindParties(finder, problems);
  }

  private void bindParties(ColumnFinder finder, Problems problems) {
    accountColumns.clear();
    beneficiaryColumns.clear();
    if (!contract.hasHistory()) {
      return;
    }
    Parties parties = mapping.parties();
    boolean toBeneficiary =
        contract.features().stream().anyMatch(f -> f.type() == FeatureType.FIRST_TO_BENEFICIARY);
    if (parties == null || (toBeneficiary && parties.beneficiary().isEmpty())) {
      problems.add(
          Code.CDT_205,
          parties == null ? mapping.place() : parties.place(),
          "The contract computes from history, and the mapping doesn't say whose.",
          "Add 'history: {account: COLUMN, beneficiary: COLUMN}'.");
      return;
    }
    parties.account().forEach(c -> accountColumns.add(finder.index(c, parties.place())));
    parties.beneficiary().forEach(c -> beneficiaryColumns.add(finder.index(c, parties.place())));
  }

  private EntityEncoder entity(Feature feature, ColumnMapping column, ColumnFinder finder) {
    int[] columns =
        column.columns().stream().mapToInt(c -> finder.index(c, column.place())).toArray();
    return new EntityEncoder(feature, column, columns, contract.entitySalt());
  }

  private static void checkColumns(
      Feature feature, @Nullable ColumnMapping column, Problems problems) {
    if (column == null) {
      return;
    }
    int columns = column.columns().size();
    EntityKind entity = feature.entity();
    int columnsMax = column.equal() ? 2 : 1;
    if (entity != null && entity.joins()) {
      columnsMax = EntityKind.PARTS_MAX;
    }
    boolean odd =
        entity == null
            ? !column.region().isEmpty()
            : column.equal()
                || column.round()
                || !column.values().isEmpty()
                || column.currency() != null
                || (!column.region().isEmpty() && entity != EntityKind.PHONE);
    if (columns > columnsMax || (columns == 0 && column.constant() == null)) {
      problems.add(
          Code.CDT_205,
          column.place(),
          "'" + feature.name() + "' comes from 1 to " + columnsMax + " columns.",
          columnsMax == 1 ? "Name one." : "List them.");
    }
    if (odd) {
      problems.add(
          Code.CDT_205,
          column.place(),
          entity == null
              ? "'" + feature.name() + "' is no phone number."
              : "'" + feature.name() + "' is an entity: it isn't converted.",
          entity == null
              ? "Remove 'region'."
              : "Keep 'column', 'missing' and, for phones, 'region'.");
    }
  }

  private void checkKnown(String name, ColumnMapping column, Problems problems) {
    if (contract.feature(name).isEmpty()) {
      String near = Problems.closest(name, contract.featureNames());
      problems.add(
          Code.CDT_205,
          column.place(),
          "The contract " + contract + " has no feature '" + name + "'.",
          near.isEmpty() ? "Remove it." : "Did you mean '" + near + "'?");
    }
  }

  private void bind(
      Feature feature,
      @Nullable ColumnMapping column,
      @Nullable CurrencySource common,
      ColumnFinder finder) {
    int first = -1;
    int second = -1;
    CurrencySource currency = common;
    if (column != null && column.currency() != null) {
      currency = column.currency();
    }
    if (column != null && column.constant() == null) {
      first = finder.index(column.columns().getFirst(), column.place());
      if (column.equal() && column.columns().size() == 2) {
        second = finder.index(column.columns().get(1), column.place());
      }
    }
    int currencyColumn = -1;
    if (feature.type() == FeatureType.AMOUNT && currency != null && currency.column() != null) {
      currencyColumn = finder.index(currency.column(), mapping.place());
    }
    String fixed =
        currency == null || currency.fixed() == null ? contract.currency() : currency.fixed();
    var cell =
        new CellEncoder(
            feature,
            Optional.ofNullable(column),
            first,
            second,
            currencyColumn,
            fixed,
            rates,
            mapping.time().localZone());
    cells.add(cell);
    Place place = column == null ? mapping.place() : column.place();
    cell.constantRefusal()
        .ifPresent(refusal -> add(refusal, feature.name(), place, finder.problems()));
  }

  /**
   * Encodes a row.
   *
   * @param cells as many as the header has
   * @return nothing for a row that is refused; {@code problems} says why, without a value
   */
  public @Nullable EncodedRow encode(List<String> row, Place place, Problems problems) {
    if (row.size() != width) {
      problems.add(
          Code.CDT_303,
          place,
          "The row has " + row.size() + " columns, the header has " + width + ".",
          Code.CDT_303.fix());
      return null;
    }
    boolean refused = false;
    String reference = "";
    Instant time = Instant.EPOCH;
    try {
      reference = referenceText(row);
    } catch (Refusal refusal) {
      refused = true;
      add(refusal, String.join(", ", mapping.reference()), place, problems);
    }
    try {
      time = mapping.time().instant(row.get(timeColumn).strip());
    } catch (Refusal refusal) {
      // Rates and hours hang on the time: without it the other cells can't be judged.
      add(refusal, mapping.time().column(), place, problems);
      return null;
    }
    long[] fields = new long[contract.layout().fields().size()];
    int field = 0;
    for (FieldEncoder cell : cells) {
      try {
        cell.encode(row, time, fields, field);
      } catch (Refusal refusal) {
        refused = true;
        add(refusal, cell.columnNames(), place, problems);
      }
      field += cell.fieldCount();
    }
    byte[] account = new byte[0];
    byte[] beneficiary = new byte[0];
    Parties parties = mapping.parties();
    if (parties != null) {
      try {
        account = party(row, accountColumns, true);
        beneficiary = party(row, beneficiaryColumns, false);
      } catch (Refusal refusal) {
        refused = true;
        add(refusal, parties.columns(), place, problems);
      }
    }
    if (!refused) {
      fillMissingEntities(row, time, fields);
    }
    return refused
        ? null
        : new EncodedRow(
            reference,
            key(row, referenceColumns),
            account,
            partyName(row, accountColumns),
            beneficiary,
            time.toEpochMilli(),
            fields,
            label(row));
  }

  private void fillMissingEntities(List<String> row, Instant time, long[] fields) {
    String bank = bankColumn < 0 ? "" : row.get(bankColumn).strip();
    int field = 0;
    for (FieldEncoder cell : cells) {
      if (cell instanceof EntityEncoder entity) {
        entity.fillMissing(() -> key(row, referenceColumns), bank, time, fields, field);
      }
      field += cell.fieldCount();
    }
  }

  private static byte[] party(List<String> row, List<Integer> columns, boolean required)
      throws Refusal {
    int chars = 0;
    for (int column : columns) {
      chars += row.get(column).strip().length();
    }
    if (chars > PARTY_CHARS_MAX) {
      throw new Refusal(Code.CDT_329);
    }
    if (chars == 0 && required && !columns.isEmpty()) {
      throw new Refusal(Code.CDT_311);
    }
    return chars == 0 ? new byte[0] : key(row, columns);
  }

  private static String partyName(List<String> row, List<Integer> columns) {
    return columns.stream()
        .map(column -> row.get(column).strip())
        .collect(java.util.stream.Collectors.joining("/"));
  }

  /** The charter's name of the bank that a row is of; empty where the source doesn't tell. */
  public String bank(List<String> row) {
    return bankColumn < 0 ? "" : mapping.bankName(row.get(bankColumn));
  }

  /** The reference of a row that may be refused for another reason; nothing if it has none. */
  public Optional<String> reference(List<String> row) {
    try {
      return row.size() == width ? Optional.of(referenceText(row)) : Optional.empty();
    } catch (Refusal refusal) {
      return Optional.empty();
    }
  }

  private static void add(Refusal refusal, String column, Place place, Problems problems) {
    problems.add(refusal.code(), place, "[" + column + "] " + refusal.getMessage(), refusal.fix());
  }

  private String referenceText(List<String> row) throws Refusal {
    var text = new StringBuilder();
    for (int column : referenceColumns) {
      String cell = row.get(column).strip();
      if (cell.isEmpty()) {
        throw new Refusal(Code.CDT_320);
      }
      text.append(text.isEmpty() ? "" : "/").append(cell);
    }
    // Unprintable characters would reach terminals and logs of whoever reads the alert.
    if (text.length() > REFERENCE_CHARS_MAX || text.chars().anyMatch(Character::isISOControl)) {
      throw new Refusal(Code.CDT_320);
    }
    return text.toString();
  }

  /** Cells, each after its length: no two different keys look alike. */
  private static byte[] key(List<String> row, List<Integer> columns) {
    var bytes = new ArrayList<byte[]>();
    int length = 0;
    for (int column : columns) {
      byte[] cell = row.get(column).strip().getBytes(StandardCharsets.UTF_8);
      bytes.add(cell);
      length += Integer.BYTES + cell.length;
    }
    ByteBuffer key = ByteBuffer.allocate(length);
    bytes.forEach(cell -> key.putInt(cell.length).put(cell));
    return key.array();
  }

  private @Nullable Boolean label(List<String> row) {
    Label label = mapping.label();
    return label == null || labelColumn < 0
        ? null
        : (Boolean) label.positive().contains(row.get(labelColumn).strip());
  }

  /** Finds columns by name. */
  private record ColumnFinder(List<String> header, Problems problems) {
    /** The column's index, or 0 where it is missing and was reported. */
    int index(String column, Place place) {
      int index = header.indexOf(column);
      if (index < 0) {
        String near = Problems.closest(column, header);
        problems.add(
            Code.CDT_206,
            place,
            "The source has no column '" + column + "'.",
            near.isEmpty() ? "Map another column." : "Did you mean '" + near + "'?");
        return 0;
      }
      if (header.lastIndexOf(column) != index) {
        problems.add(
            Code.CDT_107,
            place,
            "The source has the column '" + column + "' twice.",
            "Rename one of them at the source.");
      }
      return index;
    }
  }
}
