package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.concordat.ops.broker.BrokerConfig;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code concordat init} writes for whom. */
class InitCommandTest {
  @TempDir private Path temp;

  private BrokerConfig broker(String hosts) {
    Path folder = temp.resolve(hosts);
    Command init = Command.run("init", "--dir", folder, "--banks", 2, "--test", "--hosts", hosts);
    assertThat(init.status()).as(init.err()).isZero();
    var problems = new Problems();
    BrokerConfig read = BrokerConfig.read(folder.resolve("broker/broker.yaml"), problems);
    problems.throwIfAny();
    return read;
  }

  @Test
  void aBrokerOnAHostOfItsOwnServesItsMetricsWhereTheOthersDo() {
    assertThat(broker("NAMED").http()).isEqualTo(new BrokerConfig.Http("0.0.0.0", 8_080));
  }

  @Test
  void oneThatSharesItsMachineServesNone() {
    assertThat(broker("LOOPBACK").http().port()).isZero();
  }
}
