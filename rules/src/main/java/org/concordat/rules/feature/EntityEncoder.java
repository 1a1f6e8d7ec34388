package org.concordat.rules.feature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.concordat.rules.entity.EntityHash;
import org.concordat.rules.entity.EntityKind;
import org.concordat.rules.entity.RefusedIdentifierException;
import org.concordat.rules.feature.SourceMapping.ColumnMapping;
import org.concordat.schemas.problem.Code;

/** Turns the cells of an entity into the words of its hash. */
final class EntityEncoder implements FieldEncoder {
  private static final int FIELDS = 2;

  private final Feature feature;
  private final EntityKind kind;
  private final ColumnMapping mapping;
  private final int[] columns;
  private final EntityHash hash;

  /**
   * @param columns of the row; none for a constant
   * @param salt of the contract
   */
  EntityEncoder(Feature feature, ColumnMapping mapping, int[] columns, byte[] salt) {
    this.feature = feature;
    this.kind = Objects.requireNonNull(feature.entity());
    this.mapping = mapping;
    this.columns = columns.clone();
    this.hash = new EntityHash(salt, kind);
  }

  @Override
  public int fieldCount() {
    return FIELDS;
  }

  @Override
  public String columnNames() {
    return columns.length == 0 ? feature.name() : String.join(", ", mapping.columns());
  }

  /** Leaves both words 0 where the entity is missing: see {@link #fillMissing}. */
  @Override
  public void encode(List<String> row, Instant time, long[] fields, int field) throws Refusal {
    List<String> parts = new ArrayList<>();
    for (int column : columns) {
      parts.add(row.get(column).strip());
    }
    if (mapping.constant() != null) {
      parts.add(mapping.constant().strip());
    }
    if (parts.stream().anyMatch(part -> part.isEmpty() || mapping.missing().contains(part))) {
      if (!feature.optional()) {
        throw new Refusal(Code.CDT_311);
      }
      return;
    }
    try {
      hash.put(kind.normalised(parts, mapping.region()), fields, field);
    } catch (RefusedIdentifierException e) {
      throw new Refusal(e.code());
    }
  }

  /**
   * Fills a missing entity with what no other row has: a hash of the row's key, bank, time and all
   * that is known of it. Deterministic, so that a row that is read again is the same row.
   */
  void fillMissing(Supplier<byte[]> rowKey, String bank, Instant time, long[] fields, int field) {
    if ((fields[field] | fields[field + 1]) == 0) {
      byte[] name = bank.getBytes(StandardCharsets.UTF_8);
      byte[] key = rowKey.get();
      var row =
          ByteBuffer.allocate(
              Integer.BYTES + name.length + key.length + Long.BYTES * (1 + fields.length));
      row.putInt(name.length).put(name).putLong(time.toEpochMilli());
      for (long each : fields) {
        row.putLong(each);
      }
      hash.putMissing(row.put(key).array(), fields, field);
    }
  }
}
