package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.concordat.aggregator.bus.WorkerDirectory.Taken;
import org.concordat.aggregator.bus.WorkerDirectory.Worker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerDirectoryTest {
  private static final Worker FIRST = new Worker("w1", 1, "host-1:7443");
  private static final Worker SECOND = new Worker("w2", 2, "host-2:7443");

  private final TestFleet fleet = new TestFleet();
  private final WorkerDirectory directory = new WorkerDirectory(fleet.charter);

  @Test
  void whoHasNoEntryIsASingleProcess() {
    assertThat(directory.worker(2, 3)).isEqualTo(Worker.ALONE);
    assertThat(directory.worker(2, 3).isAlone()).isTrue();
  }

  @Test
  void anEntryIsOfOneAggregatorAndPartition() {
    assertThat(directory.take(fleet.entry(1, 3, FIRST))).isEqualTo(Taken.NEWS);
    assertThat(directory.worker(1, 3)).isEqualTo(FIRST);
    assertThat(directory.worker(1, 3).socketAddress())
        .isEqualTo(InetSocketAddress.createUnresolved("host-1", 7_443));
    assertThat(directory.worker(1, 2)).isEqualTo(Worker.ALONE);
    assertThat(directory.worker(0, 3)).isEqualTo(Worker.ALONE);
  }

  @Test
  void theLaterTermWinsInWhateverOrderTheBrokersShowThem() {
    assertThat(directory.take(fleet.entry(1, 0, SECOND))).isEqualTo(Taken.NEWS);
    assertThat(directory.take(fleet.entry(1, 0, FIRST))).isEqualTo(Taken.OLD);
    assertThat(directory.take(fleet.entry(1, 0, SECOND))).isEqualTo(Taken.OLD);
    assertThat(directory.take(fleet.entry(1, 0, new Worker("w9", 2, "host-9:1"))))
        .as("one of the same term")
        .isEqualTo(Taken.OLD);
    assertThat(directory.worker(1, 0)).isEqualTo(SECOND);
  }

  @Test
  void aSingleProcessCanFollowWorkers() {
    directory.take(fleet.entry(1, 0, SECOND));
    assertThat(directory.take(fleet.entry(1, 0, new Worker("", 3, "")))).isEqualTo(Taken.NEWS);
    assertThat(directory.worker(1, 0).isAlone()).isTrue();
    assertThat(directory.worker(1, 0).term()).isEqualTo(3);
    assertThat(directory.take(fleet.entry(1, 0, SECOND))).isEqualTo(Taken.OLD);
  }

  @Test
  void onlyWhatTheAggregatorHasSignedForThisCharterCounts() {
    assertThat(directory.take(fleet.entry(fleet.charter, 1, 2, 0, FIRST)))
        .as("signed by another aggregator")
        .isEqualTo(Taken.REFUSED);
    assertThat(directory.take(fleet.entry(fleet.charter(2), 1, 1, 0, FIRST)))
        .as("of another charter")
        .isEqualTo(Taken.REFUSED);
    byte[] altered = fleet.entry(1, 0, FIRST);
    altered[altered.length - 1] ^= 1;
    assertThat(directory.take(altered)).isEqualTo(Taken.REFUSED);
    assertThat(directory.take(new byte[0])).isEqualTo(Taken.REFUSED);
    assertThat(directory.worker(1, 0)).isEqualTo(Worker.ALONE);
  }

  @Test
  void placesAndTermsThatCantBeAreRefused() {
    assertThat(directory.take(fleet.entry(1, TestFleet.PARTITIONS - 1, FIRST)))
        .isEqualTo(Taken.NEWS);
    assertThat(directory.take(fleet.entry(1, TestFleet.PARTITIONS, FIRST)))
        .isEqualTo(Taken.REFUSED);
    assertThat(directory.take(fleet.entry(1, -1, FIRST))).isEqualTo(Taken.REFUSED);
    assertThat(directory.take(fleet.entry(1, 0, new Worker("w1", 0, "host-1:1"))))
        .isEqualTo(Taken.REFUSED);
    assertThat(directory.take(fleet.entry(1, 0, new Worker("W 1", 1, "host-1:1"))))
        .isEqualTo(Taken.REFUSED);
    assertThat(directory.take(fleet.entry(1, 0, new Worker("", 1, "host-1:1"))))
        .isEqualTo(Taken.REFUSED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host", ":7443", "host:", "host:x", "host:65536", "host:-1"})
  void aWorkerThatCantBeReachedIsRefused(String address) {
    assertThat(directory.take(fleet.entry(1, 0, new Worker("w1", 1, address))))
        .isEqualTo(Taken.REFUSED);
  }
}
