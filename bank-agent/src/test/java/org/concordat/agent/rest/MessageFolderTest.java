package org.concordat.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.concordat.agent.iso.TestMessages;
import org.concordat.agent.store.JournalReader;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.Tally;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Code;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class MessageFolderTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path folder;

  private Path inbox;

  @BeforeEach
  void inbox() throws IOException {
    inbox = Files.createDirectory(folder.resolve("inbox"));
  }

  private void appear(String name, String message) throws IOException {
    Path written = Files.writeString(folder.resolve("written"), message);
    Files.move(written, inbox.resolve(name));
  }

  private static String message(int transactions) {
    return TestMessages.of(
        IntStream.range(0, transactions)
            .mapToObj(i -> TestMessages.transaction("t" + i, "1.00", "EUR"))
            .toList());
  }

  private List<String> references() {
    var references = new ArrayList<String>();
    try (var reader = JournalReader.open(folder.resolve("data"), TestStores.box(1))) {
      reader.blocks(
          block -> references.addAll(block.rows().stream().map(JournalRow::reference).toList()));
    }
    return references;
  }

  private static long accepted(RestAgent agent) {
    return agent.store.tally(Tally.of(Tally.Outcome.ACCEPTED));
  }

  @Test
  void filesAreTakenOrRefusedWithTheReason() throws IOException {
    try (var agent = new RestAgent(folder).storing().watching(inbox)) {
      appear("a.xml", message(2));
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("done/a.xml")));
      assertThat(references()).containsExactly("DEUTDEFFXXX/M/t0", "DEUTDEFFXXX/M/t1");
      String cut = message(50);
      appear("b.xml", cut.substring(0, cut.length() - 30));
      appear("c.xml", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>");
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("refused/c.xml")));
      assertThat(inbox.resolve("refused/b.xml.reason.txt"))
          .content()
          .startsWith("b.xml:")
          .contains("CDT-330");
      assertThat(inbox.resolve("refused/c.xml.reason.txt")).content().contains("CDT-331");
      assertThat(accepted(agent)).as("nothing of a file that is cut off").isEqualTo(2);
      // The same name again, and the same content: known.
      appear("a.xml", message(3));
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("done/a.xml.1")));
      assertThat(accepted(agent)).isEqualTo(3);
      assertThat(agent.messages)
          .containsExactly(
              Optional.empty(),
              Optional.of(Code.CDT_330),
              Optional.of(Code.CDT_331),
              Optional.empty());
    }
  }

  @Test
  void aFileThatCannotBeMovedWaitsAndTheOthersAreTaken() throws IOException {
    try (var agent = new RestAgent(folder).storing().watching(inbox)) {
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("refused")));
      replaceByAFile("refused");
      appear("a.xml", "no XML");
      appear("b.xml", message(2));
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("done/b.xml")));
      assertThat(inbox.resolve("a.xml")).exists();
      assertThat(accepted(agent)).isEqualTo(2);
      Files.delete(inbox.resolve("refused"));
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("refused/a.xml")));
      assertThat(inbox.resolve("refused/a.xml.reason.txt")).content().contains("CDT-330");
    }
  }

  private void replaceByAFile(String name) throws IOException {
    Files.delete(inbox.resolve(name));
    Files.createFile(inbox.resolve(name));
  }

  @Test
  void aFileThatWasTakenAndCannotBeMovedIsNotTakenAgain() throws IOException {
    try (var agent = new RestAgent(folder).storing().watching(inbox)) {
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("refused")));
      replaceByAFile("done");
      // Yen have no cents.
      appear("a.xml", TestMessages.of(List.of(TestMessages.transaction("t0", "1.50", "JPY"))));
      appear("b.xml", message(1));
      int before = agent.looks.get();
      await().atMost(LONG).until(() -> agent.looks.get() >= before + 6);
      Files.delete(inbox.resolve("done"));
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("done/a.xml")));
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("done/b.xml")));
      assertThat(agent.store.deadLetterCount()).isEqualTo(1);
    }
  }

  @Test
  void aFileThatIsCutOffByACrashIsTakenWholeAndOnce() throws IOException {
    int transactions = 2_000;
    try (var agent = new RestAgent(folder).watching(inbox)) {
      appear("a.xml", message(transactions));
      // Nothing becomes durable: all of it is lost.
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("done")));
    }
    long before;
    try (var agent = new RestAgent(folder).storing().watching(inbox)) {
      await().atMost(LONG).until(() -> accepted(agent) > 0);
      before = accepted(agent);
    }
    try (var agent = new RestAgent(folder).storing().watching(inbox)) {
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("done/a.xml")));
      assertThat(accepted(agent)).isEqualTo(transactions).isGreaterThanOrEqualTo(before);
      assertThat(agent.store.tally(Tally.of(Tally.Outcome.DUPLICATE)))
          .as("the bookmark is as durable as the rows")
          .isZero();
      assertThat(references()).hasSize(transactions).doesNotHaveDuplicates();
    }
  }
}
