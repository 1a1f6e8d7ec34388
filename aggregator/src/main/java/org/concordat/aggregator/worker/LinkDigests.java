package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.Member;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.record.Digest;

/** Hashes of what all parties are to have alike of linkage. */
final class LinkDigests {
  private LinkDigests() {}

  /**
   * Of what is linked. Days are part of it: epochs are numbered by them, and the numbers of others
   * mean nothing.
   */
  static Digest shape(Plan plan, int epochDays, List<String> members) {
    LinkSpec spec = plan.link().orElseThrow();
    MessageDigest sha256 = sha256();
    sha256.update(plan.contractHash());
    sha256.update((byte) (plan.namesMembers() ? 1 : 0));
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(epochDays).array());
    sha256.update(spec.toString().getBytes(StandardCharsets.UTF_8));
    if (spec.carried()) {
      // Carried masks have a bit for each bank's place in the charter.
      members.forEach(bank -> sha256.update((bank + '\n').getBytes(StandardCharsets.UTF_8)));
    }
    return new Digest(sha256.digest());
  }

  /** Of what is public: it hangs on all that is remembered of the batch's entities. */
  static long[] of(LinkColumns columns, Plan plan) {
    MessageDigest sha256 = sha256();
    columns.hidden().ifPresent(hidden -> sha256.update(hidden.digest()));
    LinkSpec spec = plan.link().orElseThrow();
    List<LinkSpec.Derived> derived = spec.derived();
    for (int column = 0; column < derived.size(); column++) {
      if (!(derived.get(column) instanceof LinkSpec.Shared)) {
        long[] numbers = columns.open(column);
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Long.BYTES);
        bytes.asLongBuffer().put(numbers);
        sha256.update(bytes);
      }
    }
    if (plan.namesMembers()) {
      members(columns, spec, sha256);
    }
    long[] words = new long[4];
    ByteBuffer.wrap(sha256.digest()).asLongBuffer().get(words);
    return words;
  }

  /** Which earlier records make paths, and what would alert them. */
  private static void members(LinkColumns columns, LinkSpec spec, MessageDigest sha256) {
    for (int path = 0; path < spec.paths().size(); path++) {
      for (int row : columns.rowsWithMembers(path)) {
        for (Member member : columns.membersOf(path, row, slot -> true)) {
          ByteBuffer bytes = ByteBuffer.allocate(2 * Integer.BYTES + 3 * Long.BYTES + 1);
          bytes.putInt(row).putInt(member.bank()).putLong(member.place());
          bytes.putLong(member.idHigh()).putLong(member.idLow());
          bytes.put((byte) (member.alertable() ? 1 : 0));
          sha256.update(bytes.array());
        }
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing", e);
    }
  }
}
