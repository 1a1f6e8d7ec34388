/** Plots of the reports' pages, which load nothing. */
@NullMarked
package org.concordat.ops.plot;

import org.jspecify.annotations.NullMarked;
