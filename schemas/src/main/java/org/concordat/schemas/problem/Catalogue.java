package org.concordat.schemas.problem;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys that a reader asks a {@link Document} for, noted while it reads nothing: the reference
 * of a configuration comes from the code that reads it.
 */
public final class Catalogue {
  /**
   * One key.
   *
   * @param path keys joined with dots
   * @param type what is read there; empty for a section
   * @param whenMissing the default; empty if there is none
   * @param meaning empty where the reader says nothing
   */
  public record Entry(
      String path, boolean required, String type, String whenMissing, String meaning) {}

  private static final class Notes {
    private boolean required;
    private String type = "";
    private String whenMissing = "";
    private String meaning = "";
  }

  private final Map<String, Notes> keys = new LinkedHashMap<>();

  private Notes of(String path) {
    return keys.computeIfAbsent(path, p -> new Notes());
  }

  void asked(String path, boolean required) {
    of(path).required |= required;
  }

  void type(String path, String type) {
    of(path).type = type;
  }

  void type(String path, String type, Object whenMissing) {
    of(path).type = type;
    of(path).whenMissing = whenMissing.toString();
  }

  void meaning(String path, String meaning) {
    of(path).meaning = meaning;
  }

  /** In the order in which they are asked for. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    keys.forEach(
        (path, notes) ->
            entries.add(
                new Entry(path, notes.required, notes.type, notes.whenMissing, notes.meaning)));
    return entries;
  }
}
