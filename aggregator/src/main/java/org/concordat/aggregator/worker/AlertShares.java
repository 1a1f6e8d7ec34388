package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.concordat.aggregator.evaluate.FlaggedRow;
import org.concordat.aggregator.evaluate.Outcome;
import org.concordat.rules.link.Member;
import org.concordat.rules.plan.MemberAlerts;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.AlertDetail;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.DetailComponent;
import org.concordat.schemas.record.Id128;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.AlertIds;
import org.concordat.schemas.seal.AlertSealing;
import org.concordat.schemas.seal.BlockOpener;
import org.concordat.schemas.seal.Opening;
import org.concordat.schemas.seal.Signed;

/**
 * Turns this aggregator's shares of flagged rows into signed alert shares, sealed for their bank.
 * Safe for use by several threads.
 */
final class AlertShares {
  /** Room for the variable-length numbers of a detail. */
  private static final int NUMBER_BYTES = 32;

  /** A share without what is sealed, at most: ids, hashes, names, numbers and a signature. */
  private static final int OPEN_BYTES_MAX = 384;

  private final Charter charter;
  private final String aggregator;
  private final int index;
  private final SigningKey signingKey;
  private final Plan plan;
  private final int detailBytes;
  private final Map<String, AlertSealing> sealings = new HashMap<>();

  AlertShares(Charter charter, String aggregator, SigningKey signingKey, Plan plan) {
    this.charter = charter;
    this.aggregator = aggregator;
    this.index = charter.aggregatorIndex(aggregator);
    this.signingKey = signingKey;
    this.plan = plan;
    this.detailBytes = detailBytes(plan);
    for (Charter.Bank bank : charter.banks()) {
      sealings.put(bank.name(), new AlertSealing(charter, aggregator, bank, System::nanoTime));
    }
  }

  /**
   * An earlier record of a pattern.
   *
   * @param bank that submitted it
   * @param block in the batch, of the record that completed the pattern
   * @param row of that block
   */
  record Earlier(MemberAlerts.Chosen chosen, String bank, int block, int row) {}

  /** One size for the rule set: lengths must not tell which rule fired. */
  private static int detailBytes(Plan plan) {
    int longest = 0;
    int words = 0;
    for (RuleOutput output : plan.outputs()) {
      longest = Math.max(longest, output.rule().length());
      words = Math.max(words, output.detailWords());
    }
    var largest =
        new AlertDetail(
            "x".repeat(longest),
            new Id128(new byte[AlertIds.ID_BYTES]),
            Long.MAX_VALUE,
            BlockOpener.ROWS_MAX,
            List.of(
                new DetailComponent(0, ByteBuffer.allocate(words * Long.BYTES)),
                new DetailComponent(1, ByteBuffer.allocate(words * Long.BYTES))),
            new Id128(new byte[AlertIds.ID_BYTES]));
    return RecordCodec.encode(largest).length + NUMBER_BYTES;
  }

  /**
   * The alert shares of a batch, numbered on from the state.
   *
   * @param blocks of the batch in commit order
   * @param earlier records that are alerted too, behind the flagged ones
   */
  List<AlertShare> of(
      CutRecord cut,
      Outcome outcome,
      List<Opening.Opened> blocks,
      List<Earlier> earlier,
      PartitionState state) {
    Map<String, Long> next = new HashMap<>(state.getNextAlertSequences());
    List<AlertShare> shares = new ArrayList<>(outcome.flagged().size() + earlier.size());
    for (FlaggedRow flagged : outcome.flagged()) {
      Opening.Opened block = blocks.get(flagged.block());
      String bank = block.core().getBank();
      long number = next.merge(bank, 1L, Long::sum) - 1;
      shares.add(share(cut, bank, flagged(flagged, block), number));
    }
    for (Earlier record : earlier) {
      long number = next.merge(record.bank(), 1L, Long::sum) - 1;
      shares.add(share(cut, record.bank(), earlier(record, blocks), number));
    }
    return shares;
  }

  /** A share's bytes, at most: as many at all parties, since their names differ in length. */
  int bytesMax() {
    return OPEN_BYTES_MAX + AlertSealing.sealedBytes(detailBytes);
  }

  private static byte[] transactionId(Opening.Opened block, int row) {
    int at = row * BlockOpener.TRANSACTION_ID_BYTES;
    return Arrays.copyOfRange(block.transactionIds(), at, at + BlockOpener.TRANSACTION_ID_BYTES);
  }

  private AlertDetail flagged(FlaggedRow flagged, Opening.Opened block) {
    return new AlertDetail(
        plan.outputs().get(flagged.output()).rule(),
        new Id128(transactionId(block, flagged.row())),
        block.core().getSequence(),
        flagged.row(),
        components(flagged.firstWords(), flagged.secondWords()),
        null);
  }

  /** Without reasons: they are about the payment that completed the pattern. */
  private AlertDetail earlier(Earlier record, List<Opening.Opened> blocks) {
    String rule = plan.outputs().get(record.chosen().output()).rule();
    Member member = record.chosen().member();
    byte[] last = transactionId(blocks.get(record.block()), record.row());
    ByteBuffer id = ByteBuffer.allocate(BlockOpener.TRANSACTION_ID_BYTES);
    return new AlertDetail(
        rule,
        new Id128(id.putLong(member.idHigh()).putLong(member.idLow()).array()),
        -1L,
        -1,
        components(new long[0], new long[0]),
        new Id128(AlertIds.patternId(charter.hash().bytes(), rule, last)));
  }

  private List<DetailComponent> components(long[] first, long[] second) {
    int parties = charter.aggregators().size();
    return List.of(
        new DetailComponent(index, littleEndian(first)),
        new DetailComponent((index + 1) % parties, littleEndian(second)));
  }

  private AlertShare share(CutRecord cut, String bankName, AlertDetail detail, long alertSequence) {
    Charter.Bank bank = charter.bank(bankName).orElseThrow();
    byte[] alertId =
        AlertIds.alertId(
            charter.hash().bytes(), detail.getRule(), detail.getTransactionId().bytes());
    AlertShare open =
        AlertShare.newBuilder()
            .setProtocol(Charter.PROTOCOL)
            .setCharter(charter.hash())
            .setMode(charter.modeName())
            .setAlertId(new Id128(alertId))
            .setBank(bank.name())
            .setPartition(cut.getPartition())
            .setBatch(cut.getBatch())
            .setAttempt(cut.getAttempt())
            .setAlertSequence(alertSequence)
            .setRuleSet(cut.getRuleSet())
            .setRuleSetVersion(cut.getRuleSetVersion())
            .setContractVersion(plan.contractVersion())
            .setCut(cut.getCut())
            .setAggregator(aggregator)
            .setCommittedMillis(System.currentTimeMillis())
            .setSealed(ByteBuffer.allocate(0))
            .setSignature(new Signature(new byte[64]))
            .build();
    byte[] sealed =
        Objects.requireNonNull(sealings.get(bank.name())).seal(open, detail, detailBytes);
    return Signed.sign(
        AlertShare.newBuilder(open).setSealed(ByteBuffer.wrap(sealed)).build(), signingKey);
  }

  private static ByteBuffer littleEndian(long[] words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * Long.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(words);
    return bytes;
  }
}
