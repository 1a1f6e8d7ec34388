/**
 * Rule sets: what a consortium computes, from YAML to a plan that runs on plaintext and on shares.
 *
 * <p>Knows no Kafka, no peer and no protocol. Start at {@link org.concordat.rules.RuleSet}.
 */
@NullMarked
package org.concordat.rules;

import org.jspecify.annotations.NullMarked;
