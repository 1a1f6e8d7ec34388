package org.concordat.ops;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.concordat.ops.consortium.BankFolder;
import org.concordat.ops.consortium.ConsortiumPlan.Hosts;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.CharterWriter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "member",
    mixinStandardHelpOptions = true,
    description = "Makes a bank's keys, and certifies what it requests.",
    subcommands = {MemberCommand.New.class, MemberCommand.Certify.class})
final class MemberCommand {
  private static final String NAME = "[a-z0-9-]{1,32}";

  @Command(
      name = "new",
      mixinStandardHelpOptions = true,
      description = {
        "At a bank that joins: makes its keys in a folder of its own, member.yaml for the",
        "others' charter and tls.csr for the authority. No secret leaves the folder."
      })
  static final class New implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "As in charters.")
    private String name = "";

    @Option(
        names = "--dir",
        required = true,
        paramLabel = "DIR",
        description = "Gets a folder of this name; holds charter.yaml, rules and ca.crt.")
    private Path folder = Path.of("");

    @Option(
        names = "--bootstrap",
        required = true,
        paramLabel = "HOST:PORT",
        description = "Where the brokers are reached.")
    private String bootstrap = "";

    @Option(
        names = "--ingest",
        defaultValue = "csv",
        description = "Where payments come from: ${COMPLETION-CANDIDATES}; default csv.")
    private InitCommand.Ingest ingest = InitCommand.Ingest.csv;

    @Override
    public Integer call() throws IOException {
      if (!name.matches(NAME)) {
        throw new ParameterException(
            spec.commandLine(), "--name takes 1 to 32 of a-z, 0-9 and '-'.");
      }
      Path own = folder.resolve(name);
      Files.createDirectory(
          own, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      BankFolder made = BankFolder.create(own, name, new SecureRandom());
      Files.writeString(own.resolve("member.yaml"), CharterWriter.text(made.entry()));
      Certificates.Request request = Certificates.request(name);
      KeyFiles.writePrivate(
          own.resolve("tls.key"), request.keyPem().getBytes(StandardCharsets.US_ASCII));
      Files.writeString(own.resolve("tls.csr"), request.requestPem());
      ingest.configure(folder, name, folder.resolve("rules"), Hosts.LOOPBACK, bootstrap);
      var out = spec.commandLine().getOut();
      out.println("The keys of " + name + " are in " + own + ".");
      out.println(
          "Send " + own.resolve("member.yaml") + " to who proposes the charter's revision,");
      out.println(
          "and " + own.resolve("tls.csr") + " to the authority; both hold public keys alone.");
      out.flush();
      return Concordat.DONE;
    }
  }

  @Command(
      name = "certify",
      mixinStandardHelpOptions = true,
      description =
          "At the consortium's own authority: issues the certificate that a member requests.")
  static final class Certify implements Callable<Integer> {
    private static final int DAYS_MAX = 825;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "Who requests.")
    private String name = "";

    @Option(names = "--request", required = true, paramLabel = "FILE", description = "tls.csr")
    private Path request = Path.of("");

    @Option(
        names = "--authority",
        required = true,
        paramLabel = "FILE",
        description = "The authority's certificate, ca.crt.")
    private Path authority = Path.of("");

    @Option(
        names = "--authority-key",
        required = true,
        paramLabel = "FILE",
        description = "The authority's private key, ca.key.")
    private Path authorityKey = Path.of("");

    @Option(
        names = "--out",
        required = true,
        paramLabel = "FILE",
        description = "The certificate, tls.crt; must not exist.")
    private Path out = Path.of("");

    @Option(names = "--days", defaultValue = "365", description = "1 to 825; default 365.")
    private int days;

    @Override
    public Integer call() throws IOException {
      Inputs.requireRange(spec, "--days", days, 1, DAYS_MAX);
      var problems = new Problems();
      KeyFiles.isPrivate(authorityKey, problems);
      problems.throwIfAny();
      String issued;
      try {
        issued =
            Certificates.of(read(authority), read(authorityKey))
                .certify(read(request), name, Duration.ofDays(days));
      } catch (IllegalArgumentException e) {
        throw new InvalidInputException(
            Code.CDT_510,
            Place.of(request.toString()),
            String.valueOf(e.getMessage()),
            Code.CDT_510.fix());
      }
      Files.writeString(out, issued, StandardOpenOption.CREATE_NEW);
      spec.commandLine().getOut().println("The certificate of " + name + " is in " + out + ".");
      spec.commandLine().getOut().flush();
      return Concordat.DONE;
    }

    private static String read(Path file) throws IOException {
      return Files.readString(Inputs.existingFile(file), StandardCharsets.ISO_8859_1);
    }
  }
}
