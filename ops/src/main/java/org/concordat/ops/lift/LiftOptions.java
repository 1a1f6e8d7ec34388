package org.concordat.ops.lift;

/**
 * How a history is read and judged.
 *
 * @param patternColumn the kind of fraud that a payment belongs to; empty cells for none
 * @param instanceColumn which attempt of that kind
 * @param payeeBankColumn the bank of the account that is paid
 * @param alerts records that are alerted for each pattern in the scored days, at each bank and in
 *     the consortium alike
 * @param tuneDays days at the beginning in which rules are chosen; the others are scored
 * @param samples of the bootstrap
 * @param rowsOnShares how many of the first rows are evaluated on shares too; 0 for none
 */
public record LiftOptions(
    String patternColumn,
    String instanceColumn,
    String payeeBankColumn,
    int alerts,
    int tuneDays,
    int samples,
    long seed,
    int rowsOnShares) {}
