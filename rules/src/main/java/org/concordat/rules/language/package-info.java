/**
 * The rule language: YAML to rules whose features, names and numbers are resolved by the contract.
 *
 * <p>Knows no plan. Every error has file, line, column and a suggestion, and all are found in one
 * pass. Start at {@link org.concordat.rules.language.RulesFile}.
 */
@NullMarked
package org.concordat.rules.language;

import org.jspecify.annotations.NullMarked;
