/**
 * Tree ensembles as the tools that train them write them, in one form. Decides what each format
 * means, exactly; knows no contract and no plan. Start at {@link
 * org.concordat.rules.model.tree.TreeFile}.
 */
@NullMarked
package org.concordat.rules.model.tree;

import org.jspecify.annotations.NullMarked;
