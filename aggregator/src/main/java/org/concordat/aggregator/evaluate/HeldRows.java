package org.concordat.aggregator.evaluate;

/**
 * Rows of a bank whose flags of one rule stay closed, since its cap is reached: all of its rows of
 * the batch from the first one on.
 *
 * @param output index of the rule among the plan's outputs
 * @param owner index of the bank in the budget
 * @param firstBlock index of the first row's block in the batch
 * @param firstRow row of that block
 * @param rows held in this batch
 */
public record HeldRows(int output, int owner, int firstBlock, int firstRow, long rows) {}
