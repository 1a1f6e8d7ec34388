package org.concordat.ops.simulate.network;

/**
 * A payment.
 *
 * @param second since the simulation's first midnight
 * @param payer account, by number
 * @param payee likewise
 * @param device that it was ordered on
 * @param card that it was made with; empty for a transfer
 * @param typology empty where it is honest
 * @param pattern number of the scheme that it belongs to; -1 where it is honest
 */
record Move(
    long second,
    int payer,
    int payee,
    long cents,
    String device,
    String card,
    String typology,
    int pattern) {}
