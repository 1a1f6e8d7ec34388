/**
 * Entities: one identifier of one person or thing, written in one way, and its salted hash, by
 * which payments are linked.
 *
 * <p>Knows no source and no rule. Start at {@link org.concordat.rules.entity.EntityKind}.
 */
@NullMarked
package org.concordat.rules.entity;

import org.jspecify.annotations.NullMarked;
