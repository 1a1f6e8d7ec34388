package org.concordat.rules.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.concordat.rules.oracle.LinkedOracleTest.Payment;

/** The rules of {@link LinkedOracleTest}, computed from all earlier payments each time. */
final class PlainLinks {
  private static final int DAY = 24 * 60;

  private final List<Payment> before = new ArrayList<>();

  List<List<String>> flagged(List<Payment> payments) {
    List<List<String>> all = new ArrayList<>();
    for (Payment payment : payments) {
      all.add(flags(payment));
      before.add(payment);
    }
    return all;
  }

  private List<String> flags(Payment p) {
    List<String> names = new ArrayList<>();
    List<Payment> toPayer = seen(p.payer(), 180, p);
    long in = toPayer.stream().mapToLong(Payment::amount).sum();
    List<Payment> toPayee = seen(p.payee(), 180, p);
    boolean ring =
        cycle(p, p.amount(), p.payer(), p.minute(), before.size(), List.of(p.payer()), 1);
    boolean passed = chain(p, p.amount(), p.payer(), p.minute(), before.size(), List.of(), 1);
    check(names, "kept-little", 10 * p.amount() >= 9 * in);
    check(names, "much-in", in >= 500_00);
    check(names, "often", seen(p.payee(), 60, p).size() >= 3);
    long banks = toPayee.stream().map(Payment::bank).distinct().count();
    check(names, "banks", banks >= 2 && banks <= 3);
    check(names, "payers", toPayee.stream().map(Payment::payer).distinct().count() >= 3);
    check(names, "known", known(p) < 600 && p.amount() > 500_00);
    check(names, "quick", last(p) <= 60);
    check(names, "listed", seen(p.payee(), 90 * 180, p).stream().anyMatch(e -> e.listed() == 1));
    check(names, "ring", ring);
    check(names, "passed", passed && !ring);
    check(names, "gather", gather(p) >= 2);
    latest(names, p, toPayee);
    return names;
  }

  private void latest(List<String> names, Payment p, List<Payment> toPayee) {
    List<Long> in = latest(p.payee(), p, 4, toPayee).stream().map(Payment::amount).toList();
    long max = in.stream().mapToLong(Long::longValue).max().orElse(0);
    long min = in.stream().mapToLong(Long::longValue).min().orElse(1_000_00);
    long near = toPayee.stream().filter(e -> e.amount() >= 108_00 && e.amount() <= 112_00).count();
    List<Payment> out = seen(Payment::payer, p.payer(), 180, p);
    List<Payment> sent = kept(Payment::payer, p.payer(), 180);
    long repeats =
        sent.subList(Math.max(0, sent.size() - 5), sent.size()).stream()
            .filter(e -> out.contains(e) && e.amount() == p.amount())
            .count();
    check(names, "all-small", !seen(p.payee(), 60, p).isEmpty() && max <= 115_00);
    check(names, "none-small", min > 110_00);
    check(names, "tops-all", 10 * p.amount() >= 11 * max);
    check(names, "below-all", min > p.amount());
    check(names, "spread", max - min >= 4_00);
    check(names, "repeated", repeats >= 1);
    check(names, "repeated-little", 100_00 * repeats + p.amount() <= 212_00);
    check(names, "near-limit", near >= 2 && near <= 3);
  }

  /** Those of an account's last few payments in that weren't late that a payment sees. */
  private List<Payment> latest(int payee, Payment p, int count, List<Payment> in) {
    List<Payment> kept = kept(Payment::payee, payee, 180);
    return kept.subList(Math.max(0, kept.size() - count), kept.size()).stream()
        .filter(in::contains)
        .toList();
  }

  private static void check(List<String> names, String name, boolean holds) {
    if (holds) {
      names.add(name);
    }
  }

  /**
   * Earlier payments to an account in the payment's pane or the seven before it, but for those that
   * were late when they came: more than seven panes behind the account's newest.
   */
  private List<Payment> seen(int payee, int pane, Payment p) {
    return seen(Payment::payee, payee, pane, p);
  }

  private List<Payment> seen(ToIntFunction<Payment> role, int account, int pane, Payment p) {
    int newest =
        before.stream()
            .filter(e -> role.applyAsInt(e) == account)
            .mapToInt(e -> e.minute() / pane)
            .max()
            .orElse(Integer.MIN_VALUE);
    int last = p.minute() / pane;
    return kept(role, account, pane).stream()
        .filter(e -> e.minute() / pane <= last && e.minute() / pane > Math.max(newest, last) - 8)
        .toList();
  }

  private List<Payment> kept(ToIntFunction<Payment> role, int account, int pane) {
    List<Payment> kept = new ArrayList<>();
    int newest = Integer.MIN_VALUE;
    for (Payment e : before) {
      if (role.applyAsInt(e) == account) {
        if (newest == Integer.MIN_VALUE || e.minute() / pane > newest - 8) {
          kept.add(e);
        }
        newest = Math.max(newest, e.minute() / pane);
      }
    }
    return kept;
  }

  private long known(Payment p) {
    long first =
        before.stream()
            .filter(e -> e.payee() == p.payee())
            .mapToLong(Payment::minute)
            .min()
            .orElse(p.minute());
    return Math.clamp(p.minute() - first, 0, 90 * DAY);
  }

  private long last(Payment p) {
    long latest =
        before.stream()
            .filter(e -> e.payer() == p.payer())
            .mapToLong(Payment::minute)
            .max()
            .orElse(p.minute() - DAY);
    return Math.clamp(p.minute() - latest, 0, DAY);
  }

  /** Whether money leads from the payee round to {@code account}, who pays at {@code minute}. */
  private boolean cycle(
      Payment p, long amount, int account, int minute, int order, List<Integer> path, int hops) {
    for (int i = 0; i < order; i++) {
      Payment e = before.get(i);
      boolean kept = 5 * amount >= 4 * e.amount() && amount <= e.amount();
      if (e.payee() != account
          || !kept
          || e.minute() > minute
          || e.minute() < p.minute() - DAY / 4
          || path.contains(e.payer())) {
        continue;
      }
      if (e.payer() == p.payee()) {
        return true;
      }
      List<Integer> longer = new ArrayList<>(path);
      longer.add(e.payer());
      if (hops + 1 < 4 && cycle(p, e.amount(), e.payer(), e.minute(), i, longer, hops + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Two earlier payments over accounts that all differ lead to the payer. */
  private boolean chain(
      Payment p, long amount, int account, int minute, int order, List<Integer> path, int hops) {
    for (int i = 0; i < order; i++) {
      Payment e = before.get(i);
      boolean kept = 10 * amount >= 9 * e.amount() && amount <= e.amount();
      boolean fits =
          e.payee() == account
              && kept
              && e.minute() <= minute
              && e.minute() >= p.minute() - DAY / 3
              && e.payer() != p.payer()
              && e.payer() != p.payee()
              && !path.contains(e.payer());
      if (fits && hops == 2) {
        return true;
      }
      if (fits && chain(p, e.amount(), e.payer(), e.minute(), i, List.of(e.payer()), hops + 1)) {
        return true;
      }
    }
    return false;
  }

  /** The most payers of the payee, this one among them, that one source of this one had paid. */
  private long gather(Payment p) {
    int from = p.minute() - 2 * DAY;
    long most = 0;
    for (int source = 0; source < 7; source++) {
      if (source != p.payee() && latest(source, p.payer(), from, p.minute(), before.size()) >= 0) {
        long through = 0;
        for (int middle = 0; middle < 7; middle++) {
          through += middle != p.payer() && leads(source, middle, p, from) ? 1 : 0;
        }
        most = Math.max(most, through);
      }
    }
    return most == 0 ? 0 : most + 1;
  }

  private boolean leads(int source, int middle, Payment p, int from) {
    int paid = latest(middle, p.payee(), from, p.minute(), before.size());
    return paid >= 0 && latest(source, middle, from, before.get(paid).minute(), paid) >= 0;
  }

  /** Place of the latest payment from one account to another within minutes; -1 for none. */
  private int latest(int payer, int payee, int from, int to, int order) {
    for (int i = order - 1; i >= 0; i--) {
      Payment e = before.get(i);
      if (e.payer() == payer && e.payee() == payee && e.minute() >= from && e.minute() <= to) {
        return i;
      }
    }
    return -1;
  }
}
