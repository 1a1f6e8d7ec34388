package org.concordat.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SignatureFile;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.identity.VerifyingKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What several commands read and write alike. */
final class Inputs {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Inputs() {}

  /** A rule set's folder: one that exists, or that of a shipped rule set's name. */
  static Path ruleSet(Path given) {
    Path shipped = ShippedRules.folder(given.toString());
    return !Files.exists(given) && given.getNameCount() == 1 && Files.isDirectory(shipped)
        ? shipped
        : given;
  }

  /**
   * Gives a path back.
   *
   * @throws InvalidInputException where there is no such file
   */
  static Path existingFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(List.of(Problem.of(Code.CDT_101, Place.of(file.toString()))));
    }
    return file;
  }

  static SourceMapping mapping(Path file) {
    return complete(
        problems -> {
          Document document = Document.read(file, problems);
          SourceMapping mapping = SourceMapping.read(document);
          document.finish();
          return Optional.of(mapping);
        });
  }

  static Charter charter(Path file) {
    return complete(problems -> Charter.read(file, problems));
  }

  /**
   * What a reader gives that adds its problems to a list.
   *
   * @throws InvalidInputException with all problems, if there are any
   */
  static <T> T complete(Function<Problems, Optional<T>> reader) {
    var problems = new Problems();
    Optional<T> read = reader.apply(problems);
    problems.throwIfAny();
    return read.orElseThrow();
  }

  /** The signatures in a file; none where there is no file yet. */
  static SignatureFile signatures(Path file) {
    return Files.exists(file)
        ? complete(problems -> Optional.of(SignatureFile.read(file, problems)))
        : SignatureFile.empty();
  }

  /**
   * Sees to it that nobody signs for another.
   *
   * @param keys of those who may sign, by name
   * @param listedIn the file that lists them
   * @throws InvalidInputException CDT-505: the name isn't listed; CDT-506: it has another key
   */
  static void requireOwn(
      Map<String, VerifyingKey> keys, String name, SigningKey key, Path listedIn, Path keyFile) {
    VerifyingKey listed = keys.get(name);
    if (listed == null) {
      String near = Problems.closest(name, keys.keySet());
      throw new InvalidInputException(
          Code.CDT_505,
          Place.of(listedIn.toString()),
          "'" + name + "' isn't listed.",
          near.isEmpty() ? Code.CDT_505.fix() : "Did you mean '" + near + "'?");
    }
    if (!listed.equals(key.verifier())) {
      throw new InvalidInputException(
          List.of(Problem.of(Code.CDT_506, Place.of(keyFile.toString()))));
    }
  }

  /**
   * Refuses a number that is out of an option's range.
   *
   * @throws ParameterException it is less than the least or more than the most
   */
  static void requireRange(CommandSpec spec, String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(), option + " takes " + least + " to " + most + ".");
    }
  }

  /** A public record as one line of JSON. */
  static String json(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Records of texts and numbers are always written.", e);
    }
  }
}
