package org.concordat.agent.ingest;

import java.io.IOException;

/** A source can't be read any more: the disk failed or the file is gone. */
public final class SourceFailedException extends RuntimeException {
  public SourceFailedException(IOException cause) {
    super("The source can't be read.", cause);
  }
}
