package org.concordat.agent;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.encode.Intake;
import org.concordat.agent.encode.Intakes;
import org.concordat.agent.iso.IsoField;
import org.concordat.agent.iso.IsoSchemas;
import org.concordat.agent.iso.MessageFolder;
import org.concordat.agent.rest.IsoFormat;
import org.concordat.agent.rest.MessageRoutes;
import org.concordat.agent.rest.Submissions;
import org.concordat.agent.store.AgentStore;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/** ISO 20022 messages: from a folder, and from whoever calls the API. */
final class MessageSource {
  private final AgentConfig.Iso section;
  private final Intakes intakes;
  private final AgentStore store;
  private final Consumer<Optional<Code>> counts;
  private final LongSupplier millisClock;
  private final Submissions submissions;
  private final IsoSchemas schemas = new IsoSchemas();
  private volatile @Nullable MessageFolder folder;

  /**
   * @param submissions made for intakes of messages
   * @param counts told of every message, with its refusal if it was refused
   * @param millisClock says when a message of the folder is accepted
   * @throws org.concordat.schemas.problem.InvalidInputException the mapping doesn't fit the
   *     contract
   */
  MessageSource(
      AgentConfig.Iso section,
      Intakes intakes,
      AgentStore store,
      Function<Supplier<Intake>, Submissions> submissions,
      Consumer<Optional<Code>> counts,
      LongSupplier millisClock) {
    this.section = section;
    this.intakes = intakes;
    this.store = store;
    this.counts = counts;
    this.millisClock = millisClock;
    // Opened once here so that a mapping that doesn't fit is told before anything runs.
    intake();
    this.submissions = submissions.apply(this::intake);
  }

  private Intake intake() {
    return intakes.open(section.mapping(), IsoField.columns());
  }

  void addRoutes(ApiServer api) {
    var format = new IsoFormat(section.limits(), schemas, counts);
    new MessageRoutes(submissions, format).addTo(api);
  }

  /** The work of one thread that takes messages from the API. */
  void takeRequests(BooleanSupplier stopping) throws InterruptedException {
    submissions.run(stopping);
  }

  boolean hasFolder() {
    return section.folder().isPresent();
  }

  /** The work of the one thread that takes messages from the folder. */
  void takeFiles(Function<byte[], String> fileIds, BooleanSupplier stopping)
      throws InterruptedException {
    var opened =
        new MessageFolder(
            section.folder().orElseThrow(),
            section.limits(),
            schemas,
            List.of(IsoField.values()),
            store::source,
            fileIds,
            counts,
            millisClock,
            MessageFolder.AGAIN,
            stopping);
    folder = opened;
    opened.run(intake());
  }

  /** Whether the folder, or a file in it, can't be read or moved for now. */
  boolean waiting() {
    MessageFolder opened = folder;
    return opened != null && opened.waiting();
  }
}
