package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutHashes;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.ScoredSpans;
import org.concordat.schemas.record.ScoredSpans.Span;
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

  /** Why a party objects to a cut that is right but for its own limit: a leader's may be higher. */
  static final String TOO_MANY_ROWS = "rowsMax";

  private final Settings settings;
  private final Inventory inventory;
  private final LeaderWatch watch;
  private final ReadyRuleSets ruleSets;

  Cutting(Settings settings, Inventory inventory, LeaderWatch watch, ReadyRuleSets ruleSets) {
    this.settings = settings;
    this.inventory = inventory;
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
    Map<String, Long> scored = choose(base, rowsMax, minimum);
    Map<String, Skip> skips = new LinkedHashMap<>();
    for (String bank : settings.banks()) {
      long sequence = nextOf(scored, bank);
      if (sequence == nextOf(minimum, bank)) {
        skip(bank, sequence, all).ifPresent(skip -> skips.put(bank, skip));
      }
    }
    return proposal(base, attempt, utcMinute, ruleSet.get(), scored, skips);
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

  /**
   * The longest that somebody complains about from a sequence on and that may be skipped. Never a
   * part of it: that a party has seen a block far ahead doesn't mean that it won't get those that
   * others get meanwhile. How much it has given up is for the party to say.
   */
  private Optional<Skip> skip(String bank, long first, Map<Integer, Announcement> all) {
    long known = knownBelow(bank, all.values());
    long longest = first;
    for (Announcement announcement : all.values()) {
      for (Complaint complaint : announcement.getComplaints()) {
        long next = complaint.getNextSequence();
        if (complaint.getBank().equals(bank)
            && complaint.getSequence() == first
            && (next == first + 1 || next <= known)) {
          longest = Math.max(longest, next);
        }
      }
    }
    if (longest == first) {
      return Optional.empty();
    }
    TreeMap<String, String> reasons = new TreeMap<>();
    for (Map.Entry<Integer, Announcement> said : all.entrySet()) {
      for (Complaint complaint : said.getValue().getComplaints()) {
        if (covers(complaint, bank, first, longest)) {
          reasons.put(settings.aggregators().get(said.getKey()), complaint.getReason());
        }
      }
    }
    String reason = reasons.firstEntry().getValue();
    return Optional.of(new Skip(bank, first, longest, reason, List.copyOf(reasons.keySet())));
  }

  private static boolean covers(Complaint complaint, String bank, long first, long next) {
    return complaint.getBank().equals(bank)
        && complaint.getSequence() <= first
        && complaint.getNextSequence() >= next;
  }

  /**
   * How far a bank has come by the word of two parties, one of which is honest. No range goes
   * further, or a party that lies could have all sequences used up that the bank will ever have.
   * One by one it needs a cut for each, and is named in each.
   */
  private static long knownBelow(String bank, Collection<Announcement> all) {
    long first = 0;
    long second = 0;
    for (Announcement announcement : all) {
      long known = RollCall.knownBelow(announcement, bank);
      second = Math.max(second, Math.min(first, known));
      first = Math.max(first, known);
    }
    return second;
  }

  private Optional<Proposal> proposal(
      Progress base,
      int attempt,
      long utcMinute,
      RuleSetId ruleSet,
      Map<String, Long> scored,
      Map<String, Skip> skips) {
    List<CutEntry> entries = new ArrayList<>();
    List<Digest> headers = new ArrayList<>();
    for (String bank : settings.banks()) {
      long first = base.nextSequence(bank);
      long scoredBelow = nextOf(scored, bank);
      int rows = 0;
      long watermark = 0;
      for (long sequence = first; sequence < scoredBelow; sequence++) {
        Event.BlockHeld block = inventory.block(bank, sequence);
        if (block == null) {
          throw new IllegalStateException("The minimum is over this party's offer too.");
        }
        rows += block.rows();
        watermark = block.watermarkMinute();
        headers.add(block.header());
      }
      Skip skip = skips.get(bank);
      long next = skip == null ? scoredBelow : skip.getNextSequence();
      if (next > first) {
        entries.add(new CutEntry(bank, first, next, rows, watermark));
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
            .setSkips(List.copyOf(skips.values()))
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
   * @param all announcements, of every party that made one and of this one, by its index
   */
  Check check(Progress base, Proposal proposal, long utcMinute, Map<Integer, Announcement> all) {
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
    Map<String, List<Span>> scored = ScoredSpans.of(cut).orElse(Map.of());
    if (scored.isEmpty() || !follows(base, cut, scored)) {
      return new Check.Wrong("entries");
    }
    for (Skip skip : cut.getSkips()) {
      if (!backed(skip, all)) {
        return new Check.Outdated("a skip that nobody complains for");
      }
      if (skip.getNextSequence() - skip.getSequence() > 1
          && skip.getNextSequence() > knownBelow(skip.getBank(), all.values())) {
        return new Check.Outdated("a skip beyond what two parties know of");
      }
    }
    return blocks(cut, scored, proposal.getHeaderDigests());
  }

  /** Whether each entry goes on where its bank stands, in the order of banks. */
  private boolean follows(Progress base, CutRecord cut, Map<String, List<Span>> scored) {
    String previousBank = "";
    for (CutEntry entry : cut.getEntries()) {
      String bank = entry.getBank();
      List<Span> spans = scored.getOrDefault(bank, List.of());
      if (!settings.banks().contains(bank)
          || bank.compareTo(previousBank) <= 0
          || entry.getFirstSequence() != base.nextSequence(bank)
          || entry.getNextSequence() == entry.getFirstSequence()
          || spans.stream().mapToLong(Span::blocks).sum() > BLOCKS_MAX) {
        return false;
      }
      previousBank = bank;
    }
    return true;
  }

  /**
   * Whether every accuser has told this party of all that is skipped, and one of just that: a
   * leader alone can't have it, nor a part of what somebody complains about.
   */
  private boolean backed(Skip skip, Map<Integer, Announcement> all) {
    boolean whole = false;
    for (String accuser : skip.getAccusers()) {
      Announcement said = all.get(settings.aggregators().indexOf(accuser));
      boolean complains = false;
      for (Complaint complaint : said == null ? List.<Complaint>of() : said.getComplaints()) {
        if (covers(complaint, skip.getBank(), skip.getSequence(), skip.getNextSequence())) {
          complains = true;
          whole |=
              complaint.getSequence() == skip.getSequence()
                  && complaint.getNextSequence() == skip.getNextSequence();
        }
      }
      if (!complains) {
        return false;
      }
    }
    return whole;
  }

  private Check blocks(CutRecord cut, Map<String, List<Span>> scored, List<Digest> headers) {
    List<Complaint> disputes = new ArrayList<>();
    long rows = 0;
    int at = 0;
    for (CutEntry entry : cut.getEntries()) {
      String bank = entry.getBank();
      int ofBank = 0;
      long watermark = 0;
      for (Span span : scored.getOrDefault(bank, List.of())) {
        for (long s = span.first(); s < span.next(); s++) {
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
      }
      // Where headers differ, what they say of rows may differ as well.
      if (disputes.isEmpty()
          && (ofBank != entry.getRows() || watermark != entry.getWatermarkMinute())) {
        return new Check.Wrong("rows");
      }
      rows += ofBank;
    }
    if (at != headers.size() || at > BLOCKS_MAX) {
      return new Check.Wrong("blocks");
    }
    if (!disputes.isEmpty()) {
      return new Check.Disputed(disputes);
    }
    return rows > rowsLimit(at) ? new Check.Wrong(TOO_MANY_ROWS) : new Check.Right();
  }

  /** One block may be larger than a batch's limit; nothing could be scored otherwise. */
  private long rowsLimit(int blocks) {
    return blocks == 1 ? Long.MAX_VALUE : settings.rowsMax();
  }

  /** The scored blocks of a cut in commit order. */
  List<Effect.Position> positionsOf(CutRecord cut) {
    List<Effect.Position> positions = new ArrayList<>();
    for (List<Span> spans : ScoredSpans.of(cut).orElseThrow().values()) {
      for (Span span : spans) {
        for (long s = span.first(); s < span.next(); s++) {
          positions.add(new Effect.Position(span.bank(), s));
        }
      }
    }
    return positions;
  }

  private static long nextOf(Map<String, Long> map, String bank) {
    return map.getOrDefault(bank, 0L);
  }
}
