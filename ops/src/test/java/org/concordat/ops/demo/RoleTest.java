package org.concordat.ops.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoleTest {
  @TempDir Path temp;

  @Test
  void aProcessThatEndsWithAnErrorDidNotEndInOrder() throws Exception {
    Role role = ended("--no-such-option");
    assertThat(role.stop()).isFalse();
    assertThat(role.ended())
        .hasMessageContaining("'role' ended with status 2")
        .hasMessageContaining("It ends with:")
        .hasMessageContaining("dead-letters");
  }

  @Test
  void aProcessThatEndsByItselfEndedInOrder() throws Exception {
    assertThat(ended("--help").stop()).isTrue();
  }

  @Test
  void aProcessThatWasKilledDidNotEndInOrder() throws Exception {
    Role role = ended("--help");
    role.restart();
    role.kill();
    assertThat(role.stop()).isFalse();
    assertThat(role.ended()).hasMessageContaining("status 137");
  }

  private Role ended(String argument) throws IOException {
    Role role = Role.start("role", 64, temp.resolve("role.log"), List.of(argument));
    ProcessHandle.of(role.pid()).ifPresent(process -> process.onExit().join());
    return role;
  }
}
