/** Tests of model files. */
@NullMarked
package org.concordat.rules.model;

import org.jspecify.annotations.NullMarked;
