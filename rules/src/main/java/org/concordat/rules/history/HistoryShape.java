package org.concordat.rules.history;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FeatureType;
import org.concordat.rules.feature.HistoryWindow;

/** What has to be remembered of an account for a contract's features. */
public final class HistoryShape {
  private final List<HistoryWindow> windows;
  private final List<Feature> amounts;
  private final int[] amountFields;

  public HistoryShape(FeatureContract contract) {
    Set<HistoryWindow> used = EnumSet.noneOf(HistoryWindow.class);
    List<Feature> over = new ArrayList<>();
    for (Feature feature : contract.features()) {
      HistoryWindow window = feature.history().window();
      if (window != null) {
        used.add(window);
      }
      String name = feature.history().over();
      if (name != null && over.stream().noneMatch(known -> known.name().equals(name))) {
        over.add(contract.feature(name).orElseThrow());
      }
    }
    this.windows = List.copyOf(used);
    this.amounts = List.copyOf(over);
    this.amountFields = over.stream().mapToInt(f -> contract.fieldOf(f.name())).toArray();
  }

  static boolean needsBeneficiaries(FeatureContract contract) {
    return contract.features().stream()
        .anyMatch(feature -> feature.type() == FeatureType.FIRST_TO_BENEFICIARY);
  }

  int windows() {
    return windows.size();
  }

  HistoryWindow window(int index) {
    return windows.get(index);
  }

  int indexOf(HistoryWindow window) {
    return windows.indexOf(window);
  }

  int amounts() {
    return amounts.size();
  }

  int indexOfAmount(String feature) {
    for (int i = 0; i < amounts.size(); i++) {
      if (amounts.get(i).name().equals(feature)) {
        return i;
      }
    }
    throw new IllegalArgumentException("not an amount of the shape");
  }

  /** A row's amounts that are remembered. */
  long[] amountsOf(long[] fields) {
    long[] values = new long[amountFields.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = amounts.get(i).value(fields[amountFields[i]]);
    }
    return values;
  }

  /** Differs where what was remembered under another shape can't be read on. */
  int fingerprint() {
    int hash = windows.toString().hashCode();
    for (Feature amount : amounts) {
      hash = 31 * hash + (amount.name() + amount.unit() + amount.decimals()).hashCode();
    }
    return hash;
  }

  @Override
  public String toString() {
    return "HistoryShape[" + windows + ", " + amounts.size() + " amounts]";
  }
}
