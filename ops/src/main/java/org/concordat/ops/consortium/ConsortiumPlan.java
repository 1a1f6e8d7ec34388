package org.concordat.ops.consortium;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.schemas.identity.Charter.Mode;

/**
 * What a consortium is made of before it has keys.
 *
 * @param banks names, in charter order
 * @param aggregators names of three
 * @param flagsPerBankAndDay the charter's cap on what a rule opens
 * @param ruleSet folder of an unsigned rule set; it is copied and signed by the quorum
 * @param hosts where the parties are reached
 * @param ports of the broker (clients, controller), of the aggregators' peer links, in order
 * @param unverifiedLinkage whether the charter admits rules that link payments, under a suite that
 *     can't verify before a pseudonym is opened
 */
public record ConsortiumPlan(
    String name,
    Mode mode,
    List<String> banks,
    List<String> aggregators,
    int partitions,
    int quorum,
    int flagsPerBankAndDay,
    Path ruleSet,
    Hosts hosts,
    Ports ports,
    boolean unverifiedLinkage) {
  /** Of a consortium whose rules link nothing. */
  public ConsortiumPlan(
      String name,
      Mode mode,
      List<String> banks,
      List<String> aggregators,
      int partitions,
      int quorum,
      int flagsPerBankAndDay,
      Path ruleSet,
      Hosts hosts,
      Ports ports) {
    this(
        name,
        mode,
        banks,
        aggregators,
        partitions,
        quorum,
        flagsPerBankAndDay,
        ruleSet,
        hosts,
        ports,
        false);
  }

  /** Where the parties run, as others see it. */
  public enum Hosts {
    /** All on this machine, on the loopback interface. */
    LOOPBACK,
    /** Each on a host of its own name, listening to all interfaces, such as a container. */
    NAMED;

    /** The host under which others reach a party. */
    public String of(String party) {
      return this == LOOPBACK ? "localhost" : party;
    }

    /** The address that a party listens on. */
    public String listen() {
      return this == LOOPBACK ? "localhost" : "0.0.0.0";
    }
  }

  /** Enough for a bank's tuned rules; a tighter cap limits what a rule can extract. */
  public static final int FLAGS_PER_BANK_AND_DAY = 100_000;

  /** Loopback ports; an HTTP port of 0 means any free one. */
  public record Ports(
      int broker, int controller, List<Integer> peers, List<Integer> aggregatorHttp) {
    /** All of them. */
    public Set<Integer> all() {
      Set<Integer> all = new HashSet<>(List.of(broker, controller));
      all.addAll(peers);
      all.addAll(aggregatorHttp);
      return all;
    }
  }

  /** Where clients reach the broker. */
  public String bootstrap() {
    return hosts.of(EmbeddedBroker.NAME) + ":" + ports.broker();
  }
}
