package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which commands there are, whether one of them is asked for or not. */
class ConcordatTest {
  @Test
  void helpNamesEveryCommandAndEachAnswersByItsName() {
    Command help = Command.run("--help");
    assertThat(help.status()).isZero();
    for (String name : new String[] {"demo", "agent", "aggregator", "broker", "check", "chaos"}) {
      assertThat(help.out()).contains("\n  " + name + " ");
      assertThat(Command.run("help", name).out()).startsWith("Usage: concordat " + name);
      assertThat(Command.run(name, "--help").out()).startsWith("Usage: concordat " + name);
    }
    assertThat(Command.run("generate-completion").out()).contains("concordat", "simulate-payments");
  }

  @Test
  void aCommandThatThereIsNotIsRefused() {
    Command wrong = Command.run("agents");
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("agents", "Did you mean").contains("agent");
  }
}
