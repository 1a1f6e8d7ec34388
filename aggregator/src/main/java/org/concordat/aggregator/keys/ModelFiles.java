package org.concordat.aggregator.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Optional;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.seal.AtRestBox;
import org.concordat.schemas.seal.ModelSealing;

/**
 * An aggregator's own copies of its parts of secret models, a file each, sealed under its at-rest
 * key: the sealing key that a model came under is destroyed long before its rule set is.
 */
public final class ModelFiles {
  private static final String KIND = "model";
  private static final String UNFINISHED = ".tmp";

  private final Path folder;
  private final AtRestBox box;
  private final String worker;

  /**
   * @param folder made when there is something to keep; may be shared with other workers
   * @param worker the name of this one; empty for a single process
   */
  public ModelFiles(Path folder, AtRestBox box, String worker) {
    this.worker = worker;
    this.folder = folder;
    this.box = box;
  }

  /** The kept part of a model; nothing where there is none that opens and has its shape. */
  public Optional<ModelSealing.Opened> read(ModelSealing.Purpose purpose) throws IOException {
    Path file = folder.resolve(name(purpose));
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      byte[] plain = box.open(KIND, 0, KIND, position(purpose), Files.readAllBytes(file));
      return ModelSealing.Opened.decode(plain, purpose.values());
    } catch (InvalidInputException e) {
      return Optional.empty();
    }
  }

  /** Keeps a part; it replaces an earlier one. */
  public void write(ModelSealing.Purpose purpose, ModelSealing.Opened model) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(name(purpose));
    Path unfinished = folder.resolve(name(purpose) + worker + UNFINISHED);
    byte[] sealed = box.seal(KIND, 0, KIND, position(purpose), model.encode());
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer rest = ByteBuffer.wrap(sealed);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      // The key that the publication was sealed to is destroyed in days: this copy has to last.
      channel.force(true);
    }
    Files.move(
        unfinished, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String name(ModelSealing.Purpose purpose) {
    Digest ruleSet = purpose.ruleSet();
    return HexFormat.of().formatHex(ruleSet.bytes(), 0, 8) + "." + purpose.rule() + ".model";
  }

  private static byte[] position(ModelSealing.Purpose purpose) {
    byte[] rule = (purpose.publisher() + "/" + purpose.rule()).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(purpose.ruleSet().bytes().length + rule.length)
        .put(purpose.ruleSet().bytes())
        .put(rule)
        .array();
  }
}
