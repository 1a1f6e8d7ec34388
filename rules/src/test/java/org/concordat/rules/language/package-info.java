/** Tests of the rule language, among them a second evaluator that knows no plan. */
@NullMarked
package org.concordat.rules.language;

import org.jspecify.annotations.NullMarked;
