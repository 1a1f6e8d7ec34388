/**
 * How anything that is wrong is said: a stable code, the place, the reason and the fix.
 *
 * <p>Knows no rule, row or record. Start at {@link org.concordat.schemas.problem.Document}, which
 * reads every YAML file of the project, and {@link org.concordat.schemas.problem.Code}.
 */
@NullMarked
package org.concordat.schemas.problem;

import org.jspecify.annotations.NullMarked;
