package org.concordat.it;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.concordat.ops.simulate.PaymentSimulator;

/** Rows of a source that an agent has to refuse, and one that it has read before. */
final class BadRows {
  /** Each comes once. */
  static final Set<String> CODES =
      Set.of(
          "CDT-301", "CDT-302", "CDT-303", "CDT-311", "CDT-312", "CDT-313", "CDT-315", "CDT-317",
          "CDT-318", "CDT-320", "CDT-321", "CDT-322");

  private BadRows() {}

  /** The lines, made from a good row. */
  static byte[] of(String good) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("CDT-302", good.replaceFirst("^[^,]*", "\"quoted\"and-more"));
    rows.put("CDT-303", "too,few,columns");
    rows.put("CDT-311", with(good, "channel", ""));
    rows.put("CDT-312", with(good, "amount", "12x4"));
    rows.put("CDT-313", with(good, "amount", "918273645546.37"));
    rows.put("CDT-315", with(good, "currency", "XQQ"));
    rows.put("CDT-317", with(good, "channel", "fax"));
    rows.put("CDT-318", with(good, "booked_at", "yesterday"));
    rows.put("CDT-320", with(good, "payment_id", ""));
    rows.put("CDT-321", with(good, "payee_known", "maybe"));
    rows.put("CDT-322", with(good, "amount", "-5.00"));
    var bytes = new ByteArrayOutputStream();
    int number = 0;
    for (var row : rows.entrySet()) {
      String text = row.getValue();
      if (text.startsWith("P")) {
        text = text.replaceFirst("^[^,]*", "bad-" + number++);
      }
      bytes.writeBytes((text + "\n").getBytes(StandardCharsets.UTF_8));
    }
    bytes.writeBytes("bad-utf8-".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xc3);
    bytes.write(0x28);
    bytes.writeBytes((good.substring(good.indexOf(',')) + "\n").getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes((good + "\n").getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  private static String with(String row, String column, String value) {
    String[] cells = row.split(",", -1);
    cells[PaymentSimulator.COLUMNS.indexOf(column)] = value;
    return String.join(",", cells);
  }
}
