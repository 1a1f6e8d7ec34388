package org.concordat.rules.model.tree;

import java.util.SortedSet;
import org.concordat.rules.model.tree.TreeModel.AtMostFloat;
import org.concordat.rules.model.tree.TreeModel.BelowFloat;
import org.concordat.rules.model.tree.TreeModel.EqualFloat;
import org.concordat.rules.model.tree.TreeModel.Member;
import org.concordat.rules.model.tree.TreeModel.Missing;
import org.concordat.rules.model.tree.TreeModel.Split;

/**
 * How ONNX tests a value: {@code value MODE bound} in floats. A missing value is NaN, for which the
 * test fails (and {@code BRANCH_NEQ} holds), unless the node says that missing values track true.
 */
enum OnnxMode {
  BRANCH_LEQ,
  BRANCH_LT,
  BRANCH_GTE,
  BRANCH_GT,
  BRANCH_EQ,
  BRANCH_NEQ,
  BRANCH_MEMBER;

  /** Numbers of the modes in {@code TreeEnsemble}. */
  static final int COUNT = values().length;

  static OnnxMode of(int number) {
    return values()[number];
  }

  /**
   * A split that decides alike; the greater ones are the smaller ones the other way round.
   *
   * @param yes where a row goes for which the test holds
   */
  Split split(int feature, float bound, boolean missingTracksTrue, int yes, int no) {
    return switch (this) {
      case BRANCH_LEQ -> left(feature, new AtMostFloat(bound), missingTracksTrue, yes, no);
      case BRANCH_LT -> left(feature, new BelowFloat(bound), missingTracksTrue, yes, no);
      case BRANCH_GTE -> left(feature, new BelowFloat(bound), !missingTracksTrue, no, yes);
      case BRANCH_GT -> left(feature, new AtMostFloat(bound), !missingTracksTrue, no, yes);
      case BRANCH_EQ -> left(feature, new EqualFloat(bound), missingTracksTrue, yes, no);
      case BRANCH_NEQ -> left(feature, new EqualFloat(bound), false, no, yes);
      case BRANCH_MEMBER -> throw new IllegalStateException("has no single bound");
    };
  }

  static Split member(
      int feature, SortedSet<Integer> members, boolean missingTracksTrue, int yes, int no) {
    return left(feature, new Member(members, true), missingTracksTrue, yes, no);
  }

  private static Split left(
      int feature, TreeModel.Test test, boolean missingLeft, int left, int right) {
    return new Split(feature, test, missingLeft ? Missing.LEFT : Missing.RIGHT, left, right);
  }
}
