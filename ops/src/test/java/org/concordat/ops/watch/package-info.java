/** Holds dashboards, alert rules and runbooks against each other and against the metrics. */
@NullMarked
package org.concordat.ops.watch;

import org.jspecify.annotations.NullMarked;
