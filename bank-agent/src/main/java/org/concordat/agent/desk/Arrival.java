package org.concordat.agent.desk;

import java.util.List;
import org.concordat.agent.store.JournalRow;
import org.concordat.rules.feature.FeatureContract.NamedValue;
import org.concordat.schemas.record.Alert;

/** An alert that was put together, beside the bank's own transaction. Prints nothing of it. */
public final class Arrival {
  /** What one feature adds to a score, as people read it. Prints nothing of it. */
  public static final class Contribution {
    private final String feature;
    private final String points;

    /**
     * @param feature empty for the score's constant
     */
    public Contribution(String feature, String points) {
      this.feature = feature;
      this.points = points;
    }

    public String feature() {
      return feature;
    }

    public String points() {
      return points;
    }

    @Override
    public String toString() {
      return "Contribution";
    }
  }

  private final Alert alert;
  private final JournalRow row;
  private final List<NamedValue> features;
  private final List<Contribution> contributions;
  private final String evidence;

  /**
   * @param contributions all of them, in the rule's order; none where the reader can't compute them
   * @param evidence against which a later share is held; empty where none is waited for
   */
  public Arrival(
      Alert alert,
      JournalRow row,
      List<NamedValue> features,
      List<Contribution> contributions,
      String evidence) {
    this.alert = alert;
    this.row = row;
    this.features = List.copyOf(features);
    this.contributions = List.copyOf(contributions);
    this.evidence = evidence;
  }

  public Alert alert() {
    return alert;
  }

  public JournalRow row() {
    return row;
  }

  public List<NamedValue> features() {
    return features;
  }

  public List<Contribution> contributions() {
    return contributions;
  }

  public String evidence() {
    return evidence;
  }

  @Override
  public String toString() {
    return "Arrival";
  }
}
