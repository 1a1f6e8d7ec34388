import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Recomputes two rules of the rule set 'transfers' from the CSV alone. Imports nothing of the
 * project and is run as a source file: {@code java Recompute.java transactions.csv} prints a line
 * {@code rule reference} for each flag.
 */
public final class Recompute {
  public static void main(String[] args) throws Exception {
    try (BufferedReader lines = Files.newBufferedReader(Path.of(args[0]))) {
      List<String> header = Arrays.asList(lines.readLine().split(",", -1));
      int id = header.indexOf("tx_id");
      int amount = header.indexOf("amount");
      int from = header.indexOf("bankOrig");
      int to = header.indexOf("bankDest");
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] cells = line.split(",", -1);
        long cents = Math.round(Double.parseDouble(cells[amount]) * 100);
        if (cents >= 1450_00 && cents <= 10_000_00) {
          System.out.println("large-transfer " + cells[id]);
        }
        boolean watched = List.of("bank_e", "bank_i", "bank_j").contains(cells[to]);
        if (watched && cells[from].equals(cells[to]) && cents >= 1000_00) {
          System.out.println("watched-bank " + cells[id]);
        }
      }
    }
  }
}
