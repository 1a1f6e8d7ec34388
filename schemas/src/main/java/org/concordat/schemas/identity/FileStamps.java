package org.concordat.schemas.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * When files were changed and how long they are: others than before where one was replaced. Taken
 * before the files are read, so that what changes meanwhile is a change of its own.
 */
public record FileStamps(List<Stamp> stamps) {
  public static final FileStamps NONE = new FileStamps(List.of());

  /**
   * One file.
   *
   * @param bytes -1 where there is none
   */
  public record Stamp(FileTime changed, long bytes) {}

  public FileStamps {
    stamps = List.copyOf(stamps);
  }

  public static FileStamps of(Collection<Path> files) {
    List<Stamp> found = new ArrayList<>();
    for (Path file : files) {
      try {
        found.add(new Stamp(Files.getLastModifiedTime(file), Files.size(file)));
      } catch (IOException e) {
        found.add(new Stamp(FileTime.fromMillis(0), -1));
      }
    }
    return new FileStamps(found);
  }
}
