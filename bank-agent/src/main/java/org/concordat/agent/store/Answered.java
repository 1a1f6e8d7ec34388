package org.concordat.agent.store;

/**
 * A request that was answered before.
 *
 * @param body keyed hash of what it carried
 */
public record Answered(Id body, Answer answer) {}
