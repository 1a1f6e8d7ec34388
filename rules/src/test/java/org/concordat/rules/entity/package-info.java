/** Tests of identifiers and their hashes. */
@NullMarked
package org.concordat.rules.entity;

import org.jspecify.annotations.NullMarked;
