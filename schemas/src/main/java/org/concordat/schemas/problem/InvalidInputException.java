package org.concordat.schemas.problem;

import java.util.List;
import java.util.stream.Collectors;

/** Input that a user has to correct: a file, a rule, a configuration, a row, a command. */
public final class InvalidInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public InvalidInputException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  public InvalidInputException(Code code, Place place, String reason, String fix) {
    this(List.of(new Problem(code, place, reason, fix)));
  }

  public List<Problem> problems() {
    return problems;
  }
}
