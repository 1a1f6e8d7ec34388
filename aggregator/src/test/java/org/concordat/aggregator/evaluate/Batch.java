package org.concordat.aggregator.evaluate;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.schemas.share.BitPlanes;
import org.concordat.schemas.share.Components;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/** Plain rows by block, and each party's shares of them. */
record Batch(List<long[][]> rows, List<List<BlockShares>> byParty) {
  static Batch random(RandomPlan random, int... blockRows) {
    var rows = new ArrayList<long[][]>();
    for (int count : blockRows) {
      long[][] block = new long[count][];
      Arrays.setAll(block, unused -> random.row());
      rows.add(block);
    }
    return share(random.plan.layout(), rows);
  }

  static Batch share(ShareLayout layout, List<long[][]> rows) {
    List<List<BlockShares>> byParty =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    int sequence = 0;
    for (long[][] block : rows) {
      int count = block.length;
      long[] words = new long[layout.words(count)];
      for (int field = 0; field < layout.fields().size(); field++) {
        int at = field;
        long[] column = Arrays.stream(block).mapToLong(row -> row[at]).toArray();
        ShareField shape = layout.fields().get(field);
        if (shape.domain() == Domain.ARITHMETIC) {
          System.arraycopy(column, 0, words, layout.offset(field, count), count);
        } else {
          BitPlanes.toPlanes(column, count, shape.widthBits(), words, layout.offset(field, count));
        }
      }
      Components split =
          Rep3Sharing.split(layout, words, count, sequence++ % 3, new SecureRandom());
      for (int party = 0; party < 3; party++) {
        byParty
            .get(party)
            .add(
                new BlockShares(
                    count,
                    split.words(party, words.length),
                    split.words((party + 1) % 3, words.length)));
      }
    }
    return new Batch(rows, byParty);
  }
}
