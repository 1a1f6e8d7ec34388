/**
 * Looks at everything that a party's process needs before it starts: its machine, files, keys,
 * certificates, brokers and peers; and says how to mend what is wrong. Changes nothing.
 *
 * <p>Start at {@link org.concordat.ops.doctor.Doctor}.
 */
@NullMarked
package org.concordat.ops.doctor;

import org.jspecify.annotations.NullMarked;
