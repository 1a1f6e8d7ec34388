package org.concordat.ops.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose rows a file of several banks holds. */
class PaymentFilesTest {
  @TempDir private Path folder;

  private Path file(String text) throws Exception {
    return Files.writeString(folder.resolve("payments.csv"), text);
  }

  /** All that matters of it here is the bank's column. */
  private static SourceMapping mapping() {
    String text = "{reference: id, time: at, bank: {column: from_bank}, columns: {}}";
    return SourceMapping.read(Document.parse("mapping.yaml", text, new Problems()));
  }

  @Test
  void rowsAreCountedByBank() throws Exception {
    Path file = file("id,from_bank\n1,bank-a\n2,bank-b\n3,bank-a\n4,bank-b\n");
    assertThat(PaymentFiles.banks(file, mapping(), 3))
        .isEqualTo(Map.of("bank-a", 2L, "bank-b", 1L));
  }

  @Test
  void aRowThatEndsBeforeTheBankIsToldByItsLine() throws Exception {
    Path file = file("id,from_bank\n1,bank-a\n2\n3,bank-a\n");
    assertThatThrownBy(() -> PaymentFiles.banks(file, mapping(), 10))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("payments.csv:3: CDT-303")
        .hasMessageContaining("'from_bank'");
  }
}
