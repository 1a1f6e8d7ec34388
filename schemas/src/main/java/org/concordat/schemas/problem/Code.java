package org.concordat.schemas.problem;

/**
 * Every refusal, startup error and abort of Concordat, under a number that never changes meaning.
 *
 * <p>Hundreds: 1 files and configuration, 2 contracts and rules, 3 a bank's rows, 4 blocks, 5
 * identities and the charter, 6 batches, peers and the engine, 7 alerts, 8 the command.
 */
public enum Code {
  CDT_101("The file can't be read.", "Check the path and the file's permissions."),
  CDT_102("The file isn't well-formed YAML.", "Correct the syntax at the named line and column."),
  CDT_103("The key is not known here.", "Remove it, or use the suggested key."),
  CDT_104("A required key is missing.", "Add the key."),
  CDT_105("The value has the wrong type.", "Write a value of the named type."),
  CDT_106("The value is outside its limits.", "Use a value within the named limits."),
  CDT_107("The name is used twice.", "Give each entry its own name.");

  private final String cause;
  private final String fix;

  Code(String cause, String fix) {
    this.cause = cause;
    this.fix = fix;
  }

  /** One sentence that says what went wrong. */
  public String cause() {
    return cause;
  }

  /** One sentence that says what to do about it. */
  public String fix() {
    return fix;
  }

  /** The code as people write it: {@code CDT-101}. */
  public String label() {
    return name().replace('_', '-');
  }
}
