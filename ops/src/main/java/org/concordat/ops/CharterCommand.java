package org.concordat.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.concordat.ops.consortium.CharterRevision;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.CharterFile;
import org.concordat.schemas.identity.CharterWriter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SignatureFile;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Problems;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "charter",
    mixinStandardHelpOptions = true,
    description = "Proposes, shows and signs revisions of the charter.",
    subcommands = {
      CharterCommand.Propose.class,
      CharterCommand.Sign.class,
      CharterCommand.Show.class
    })
final class CharterCommand {
  @Command(
      name = "propose",
      mixinStandardHelpOptions = true,
      description = "Writes the next revision, with a bank more or less; nobody has signed it yet.")
  static final class Propose implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--from",
        required = true,
        paramLabel = "FILE",
        description = "The charter that is in force.")
    private Path from = Path.of("");

    @Option(
        names = "--out",
        required = true,
        paramLabel = "FILE",
        description = "The new charter.yaml, in a folder of its own.")
    private Path out = Path.of("");

    @ArgGroup(multiplicity = "1")
    private Change change = new Change();

    /** One change at a time: what a member signs is easy to see. */
    static final class Change {
      @Option(
          names = "--add",
          paramLabel = "FILE",
          description = "member.yaml of the bank that joins.")
      private Optional<Path> add = Optional.empty();

      @Option(names = "--remove", paramLabel = "NAME", description = "The bank that leaves.")
      private Optional<String> remove = Optional.empty();
    }

    @Option(
        names = "--quorum",
        paramLabel = "N",
        description = "With --remove: banks whose signatures a rule set needs; default: as before.")
    private Optional<Integer> quorum = Optional.empty();

    @Override
    public Integer call() throws IOException {
      Charter charter = Inputs.charter(from);
      Charter next =
          change.add.isPresent()
              ? CharterRevision.with(
                  charter,
                  Inputs.complete(problems -> CharterFile.readBank(change.add.get(), problems)))
              : CharterRevision.without(
                  charter, change.remove.orElseThrow(), quorum.orElse(charter.quorum()));
      Files.createDirectories(out.toAbsolutePath().getParent());
      // An older proposal, perhaps signed, isn't overwritten.
      Files.writeString(out, CharterWriter.text(next), java.nio.file.StandardOpenOption.CREATE_NEW);
      // What reads it later finds nothing that this hasn't found.
      Inputs.complete(problems -> CharterFile.readUnsigned(out, problems));
      print(spec, CharterRevision.changes(charter, next));
      print(
          spec,
          List.of("Revision " + next.revision() + " is in " + out + ". Now each member signs it."));
      return Concordat.DONE;
    }
  }

  @Command(
      name = "sign",
      mixinStandardHelpOptions = true,
      description = {
        "Shows what a revision changes, and adds a member's signature to its",
        "charter.signatures.yaml. Refuses a revision that doesn't follow from the charter."
      })
  static final class Sign implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--from",
        required = true,
        paramLabel = "FILE",
        description = "The charter that is in force, from the member's own files.")
    private Path from = Path.of("");

    @Option(
        names = "--charter",
        required = true,
        paramLabel = "FILE",
        description = "The proposed revision.")
    private Path proposed = Path.of("");

    @Option(names = "--member", required = true, paramLabel = "NAME", description = "Who signs.")
    private String member = "";

    @Option(names = "--key", required = true, paramLabel = "FILE", description = "signing.key")
    private Path keyFile = Path.of("");

    @Override
    public Integer call() throws IOException {
      Charter charter = Inputs.charter(from);
      Charter next = Inputs.complete(problems -> CharterFile.readUnsigned(proposed, problems));
      CharterRevision.requireFollows(charter, next, proposed);
      SigningKey key = Inputs.complete(problems -> KeyFiles.readSigningKey(keyFile, problems));
      Inputs.requireOwn(next.memberKeys(), member, key, proposed, keyFile);
      print(spec, CharterRevision.changes(charter, next));
      Path file = CharterFile.signaturesOf(proposed);
      SignatureFile before = Inputs.signatures(file);
      byte[] bytes = Files.readAllBytes(proposed);
      before.with(member, key.sign(CharterFile.SIGNATURE_LABEL, bytes)).write(file);
      var problems = new Problems();
      List<String> missing = CharterFile.unsigned(next, proposed, problems);
      problems.throwIfAny();
      print(spec, List.of(member + " has signed revision " + next.revision() + ".", left(missing)));
      return Concordat.DONE;
    }
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = {
        "Says which revision a charter is, who its members are, and who hasn't signed.",
        "Exit status: 0 all have, 1 some haven't, 2 invalid input."
      })
  static final class Show implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--charter", required = true, paramLabel = "FILE", description = "charter.yaml")
    private Path file = Path.of("");

    @Override
    public Integer call() {
      Charter charter = Inputs.complete(problems -> CharterFile.readUnsigned(file, problems));
      print(
          spec,
          List.of(
              "Revision " + charter.revision() + " of " + charter.consortium() + ".",
              "Aggregators: "
                  + String.join(
                      ", ", charter.aggregators().stream().map(Charter.Aggregator::name).toList()),
              "Banks: " + String.join(", ", charter.bankKeys().keySet()),
              "Of " + charter.banks().size() + " banks " + charter.quorum() + " sign a rule set."));
      List<String> missing =
          Files.exists(CharterFile.signaturesOf(file))
              ? missing(charter)
              : List.copyOf(charter.memberKeys().keySet());
      print(spec, List.of(left(missing)));
      return missing.isEmpty() ? Concordat.DONE : Concordat.FAILED;
    }

    private List<String> missing(Charter charter) {
      var problems = new Problems();
      List<String> missing = CharterFile.unsigned(charter, file, problems);
      problems.throwIfAny();
      return missing;
    }
  }

  private static String left(List<String> missing) {
    return missing.isEmpty()
        ? "All members have signed it."
        : "Not signed yet by " + String.join(", ", missing) + ".";
  }

  private static void print(CommandSpec spec, List<String> lines) {
    lines.forEach(spec.commandLine().getOut()::println);
    spec.commandLine().getOut().flush();
  }
}
