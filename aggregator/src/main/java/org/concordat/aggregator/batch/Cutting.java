package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutHashes;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Skip;

/**
 * Builds and checks proposals (DESIGN 5, "Cuts"): per bank at the minimum over what all parties
 * offer, so that a bank's bad or missing block stops that bank alone.
 */
final class Cutting {
  /** By how much a leader's clock may differ from this party's. */
  static final int CLOCK_MINUTES_MAX = 15;

  private static final long DAY_MINUTES = 24 * 60;
  private static final int SIGNATURE_BYTES = 64;

  /** Blocks of a batch: bounds the padding of many small blocks. */
  static final int BLOCKS_MAX = 1_024;

  private final Settings settings;
  private final Inventory inventory;
  private final RollCall rollCall;
  private final LeaderWatch watch;
  private final ReadyRuleSets ruleSets;

  Cutting(
      Settings settings,
      Inventory inventory,
      RollCall rollCall,
      LeaderWatch watch,
      ReadyRuleSets ruleSets) {
    this.settings = settings;
    this.inventory = inventory;
    this.rollCall = rollCall;
    this.watch = watch;
    this.ruleSets = ruleSets;
  }

  /**
   * What the leader proposes, if there is anything to do and all are ready for a rule set.
   *
   * @param base where the batch begins
   * @param rowsMax at most the configured limit
   * @param all announcements, of every party by its index
   */
  Optional<Proposal> propose(
      Progress base, int rowsMax, int attempt, long utcMinute, Map<Integer, Announcement> all) {
    Optional<RuleSetId> ruleSet = ruleSets.common(all.values(), base.ruleSet());
    if (ruleSet.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Long> minimum = new HashMap<>();
    for (String bank : settings.banks()) {
      long least = Long.MAX_VALUE;
      for (Announcement announcement : all.values()) {
        least = Math.min(least, RollCall.offered(announcement, bank));
      }
      minimum.put(bank, Math.max(least, base.nextSequence(bank)));
    }
    Map<String, Long> next = choose(base, rowsMax, minimum);
    List<Skip> skips = new ArrayList<>();
    for (String bank : settings.banks()) {
      long sequence = nextOf(next, bank);
      Optional<Skip> skip = skip(bank, sequence, all);
      if (skip.isPresent() && sequence == nextOf(minimum, bank)) {
        skips.add(skip.get());
        next.put(bank, sequence + 1);
      }
    }
    return proposal(base, attempt, utcMinute, ruleSet.get(), next, skips);
  }

  /**
   * Takes a block of each bank in turn until the batch is full, starting with another one each
   * time.
   */
  private Map<String, Long> choose(Progress base, int rowsMax, Map<String, Long> minimum) {
    Map<String, Long> next = new HashMap<>();
    int banks = settings.banks().size();
    int rows = 0;
    int blocks = 0;
    boolean more = true;
    while (more) {
      more = false;
      for (int i = 0; i < banks; i++) {
        String bank = settings.banks().get((int) ((base.nextBatch() + i) % banks));
        long sequence = next.getOrDefault(bank, base.nextSequence(bank));
        Event.BlockHeld block = inventory.block(bank, sequence);
        if (sequence < nextOf(minimum, bank)
            && block != null
            && blocks < BLOCKS_MAX
            && (rows + block.rows() <= rowsMax || rows == 0)) {
          rows += block.rows();
          blocks++;
          next.put(bank, sequence + 1);
          more = true;
        }
      }
    }
    for (String bank : settings.banks()) {
      next.putIfAbsent(bank, base.nextSequence(bank));
    }
    return next;
  }

  private Optional<Skip> skip(String bank, long sequence, Map<Integer, Announcement> all) {
    TreeMap<String, String> reasons = new TreeMap<>();
    all.forEach(
        (party, announcement) ->
            accuse(reasons, settings.aggregators().get(party), bank, sequence, announcement));
    return reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Skip(
                bank,
                sequence,
                sequence + 1,
                reasons.firstEntry().getValue(),
                List.copyOf(reasons.keySet())));
  }

  private static void accuse(
      Map<String, String> reasons,
      String accuser,
      String bank,
      long sequence,
      Announcement announcement) {
    for (Complaint complaint : announcement.getComplaints()) {
      if (complaint.getBank().equals(bank) && complaint.getSequence() == sequence) {
        reasons.put(accuser, complaint.getReason());
      }
    }
  }

  private Optional<Proposal> proposal(
      Progress base,
      int attempt,
      long utcMinute,
      RuleSetId ruleSet,
      Map<String, Long> next,
      List<Skip> skips) {
    List<CutEntry> entries = new ArrayList<>();
    List<Digest> headers = new ArrayList<>();
    Set<Effect.Position> skipped = positions(skips);
    for (String bank : settings.banks()) {
      long first = base.nextSequence(bank);
      long end = nextOf(next, bank);
      if (end > first) {
        int rows = 0;
        long watermark = 0;
        for (long sequence = first; sequence < end; sequence++) {
          if (!skipped.contains(new Effect.Position(bank, sequence))) {
            Event.BlockHeld block = inventory.block(bank, sequence);
            if (block == null) {
              throw new IllegalStateException("The minimum is over this party's offer too.");
            }
            rows += block.rows();
            watermark = block.watermarkMinute();
            headers.add(block.header());
          }
        }
        entries.add(new CutEntry(bank, first, end, rows, watermark));
      }
    }
    if (entries.isEmpty()) {
      return Optional.empty();
    }
    CutRecord cut =
        CutRecord.newBuilder()
            .setProtocol(settings.protocol())
            .setCharter(settings.charter())
            .setPartition(settings.partition())
            .setBatch(base.nextBatch())
            .setAttempt(attempt)
            .setEntries(entries)
            .setSkips(skips)
            .setHeaders(CutHashes.headers(headers))
            .setRuleSet(ruleSet.hash())
            .setRuleSetVersion(ruleSet.version())
            .setPreviousCut(base.previousCut())
            .setCut(new Digest(new byte[32]))
            .setCommitDay(day(utcMinute))
            .setCommitMinute(utcMinute)
            .setAggregator("")
            .setCommittedMillis(0)
            .setSignature(new Signature(new byte[SIGNATURE_BYTES]))
            .build();
    return Optional.of(
        new Proposal(CutRecord.newBuilder(cut).setCut(CutHashes.cut(cut)).build(), headers));
  }

  private static long day(long utcMinute) {
    return Math.floorDiv(utcMinute, DAY_MINUTES);
  }

  /** What this party makes of a proposal. */
  sealed interface Check {
    /** It holds all of it. */
    record Right() implements Check {}

    /** The leader knows older complaints than this party does; its next proposal will do. */
    record Outdated(String reason) implements Check {}

    /** The leader's log shows other blocks. */
    record Disputed(List<Complaint> disputes) implements Check {}

    /** No honest leader proposes this. */
    record Wrong(String reason) implements Check {}
  }

  /**
   * Holds a leader's proposal against what this party has.
   *
   * @param base where the batch begins: on the cut that the proposal names as the previous one
   */
  Check check(Progress base, Proposal proposal, long utcMinute) {
    CutRecord cut = proposal.getCut();
    if (cut.getProtocol() != settings.protocol() || !cut.getCharter().equals(settings.charter())) {
      return new Check.Wrong("charter or protocol");
    }
    // A party's word that it is ready holds as long as its session: no honest leader errs here.
    var ruleSet = new RuleSetId(cut.getRuleSet(), cut.getRuleSetVersion());
    if (!ruleSets.has(ruleSet)) {
      return new Check.Wrong("rule set");
    }
    if (cut.getPartition() != settings.partition()) {
      return new Check.Wrong("partition");
    }
    if (!ruleSet.mayFollow(base.ruleSet())) {
      return new Check.Wrong("earlier rule set");
    }
    if (cut.getCommitMinute() < utcMinute - CLOCK_MINUTES_MAX
        || cut.getCommitMinute() > utcMinute + CLOCK_MINUTES_MAX
        || cut.getCommitDay() != day(cut.getCommitMinute())) {
      return new Check.Wrong("commit time");
    }
    if (!cut.getCut().equals(CutHashes.cut(cut))
        || !cut.getHeaders().equals(CutHashes.headers(proposal.getHeaderDigests()))) {
      return new Check.Wrong("hash");
    }
    Optional<String> leftOut = watch.leftOut(cut);
    if (leftOut.isPresent()) {
      return new Check.Wrong("leaves out " + leftOut.get());
    }
    if (!settings.banks().containsAll(banks(cut.getSkips()))) {
      return new Check.Wrong("skips");
    }
    for (Skip skip : cut.getSkips()) {
      if (!backed(skip)) {
        return new Check.Outdated("a skip that nobody complains for");
      }
    }
    return blocks(base, cut, proposal.getHeaderDigests());
  }

  private static Set<String> banks(List<Skip> skips) {
    Set<String> banks = new HashSet<>();
    skips.forEach(skip -> banks.add(skip.getBank()));
    return banks;
  }

  /**
   * Whether every accuser has told this party the same: one party alone can't have blocks skipped.
   */
  private boolean backed(Skip skip) {
    for (String accuser : skip.getAccusers()) {
      int party = settings.aggregators().indexOf(accuser);
      boolean complains =
          party == settings.me()
              ? inventory.complains(skip.getBank(), skip.getSequence())
              : rollCall.complains(party, skip.getBank(), skip.getSequence());
      if (!complains) {
        return false;
      }
    }
    return !skip.getAccusers().isEmpty();
  }

  private Check blocks(Progress base, CutRecord cut, List<Digest> headers) {
    Set<Effect.Position> skipped = positions(cut.getSkips());
    if (skipped.size() != cut.getSkips().size() || cut.getEntries().isEmpty()) {
      return new Check.Wrong("entries");
    }
    List<Complaint> disputes = new ArrayList<>();
    String previousBank = "";
    long rows = 0;
    int at = 0;
    for (CutEntry entry : cut.getEntries()) {
      if (!follows(base, entry, previousBank)) {
        return new Check.Wrong("entries");
      }
      String bank = entry.getBank();
      previousBank = bank;
      int ofBank = 0;
      long watermark = 0;
      for (long s = entry.getFirstSequence(); s < entry.getNextSequence(); s++) {
        if (skipped.remove(new Effect.Position(bank, s))) {
          continue;
        }
        Event.BlockHeld block = inventory.block(bank, s);
        if (block == null) {
          return new Check.Outdated("a block that this party doesn't offer");
        }
        if (at >= headers.size() || !block.header().equals(headers.get(at))) {
          disputes.add(new Complaint(bank, s, s + 1, BatchMachine.HEADERS_DIFFER.label()));
        }
        at++;
        ofBank += block.rows();
        watermark = block.watermarkMinute();
      }
      // Where headers differ, what they say of rows may differ as well.
      if (disputes.isEmpty()
          && (ofBank != entry.getRows() || watermark != entry.getWatermarkMinute())) {
        return new Check.Wrong("rows");
      }
      rows += ofBank;
    }
    if (at != headers.size() || !skipped.isEmpty() || at > BLOCKS_MAX) {
      return new Check.Wrong("blocks");
    }
    if (!disputes.isEmpty()) {
      return new Check.Disputed(disputes);
    }
    return rows > rowsLimit(at) ? new Check.Wrong("rows") : new Check.Right();
  }

  /** Whether an entry goes on where its bank stands, in the order of banks. */
  private boolean follows(Progress base, CutEntry entry, String previousBank) {
    long blocks = entry.getNextSequence() - entry.getFirstSequence();
    return settings.banks().contains(entry.getBank())
        && entry.getBank().compareTo(previousBank) > 0
        && entry.getFirstSequence() == base.nextSequence(entry.getBank())
        && blocks >= 1
        && blocks <= BLOCKS_MAX + 1L;
  }

  /** One block may be larger than a batch's limit; nothing could be scored otherwise. */
  private long rowsLimit(int blocks) {
    return blocks == 1 ? Long.MAX_VALUE : settings.rowsMax();
  }

  /** The scored blocks of a cut in commit order. */
  List<Effect.Position> positionsOf(CutRecord cut) {
    Set<Effect.Position> skipped = positions(cut.getSkips());
    List<Effect.Position> positions = new ArrayList<>();
    for (CutEntry entry : cut.getEntries()) {
      for (long s = entry.getFirstSequence(); s < entry.getNextSequence(); s++) {
        var position = new Effect.Position(entry.getBank(), s);
        if (!skipped.contains(position)) {
          positions.add(position);
        }
      }
    }
    return positions;
  }

  private static Set<Effect.Position> positions(List<Skip> skips) {
    Set<Effect.Position> positions = new HashSet<>();
    skips.forEach(skip -> positions.add(new Effect.Position(skip.getBank(), skip.getSequence())));
    return positions;
  }

  private static long nextOf(Map<String, Long> map, String bank) {
    return map.getOrDefault(bank, 0L);
  }
}
