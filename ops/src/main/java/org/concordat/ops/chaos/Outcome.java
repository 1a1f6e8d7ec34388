package org.concordat.ops.chaos;

/**
 * A fault that came about.
 *
 * @param strikeMillis when it was done
 * @param undoneMillis when it was undone: restarted, resumed or healed
 * @param between whether it fell between prepare and commit of a batch
 * @param recoveryMillis from then until a batch that was prepared later was committed by all, for
 *     an agent one with rows that came to its bank only then
 * @param inOrder whether a process that was told to stop did so by itself
 */
record Outcome(
    Fault fault,
    long strikeMillis,
    long undoneMillis,
    boolean between,
    long recoveryMillis,
    boolean inOrder) {}
