package org.concordat.agent;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Makes every file that this process creates readable by its owner only. RocksDB offers no setting
 * for it, so the process's file mode mask is set.
 */
final class OwnerOnlyFiles {
  /** No permission for group and others. */
  private static final int MASK = 0077;

  private OwnerOnlyFiles() {}

  /** Sets the mask; does nothing where there is no such thing. */
  static void enforce() {
    var linker = Linker.nativeLinker();
    Optional<MemorySegment> umask = linker.defaultLookup().find("umask");
    if (umask.isEmpty()) {
      return;
    }
    var type = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    try {
      int previous = (int) linker.downcallHandle(umask.get(), type).invokeExact(MASK);
      if (previous < 0) {
        throw new IllegalStateException("umask failed");
      }
    } catch (Throwable e) {
      throw new IllegalStateException("The file mode mask can't be set.", e);
    }
  }
}
