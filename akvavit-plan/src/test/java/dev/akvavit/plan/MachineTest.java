package dev.akvavit.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MachineTest {

  @ParameterizedTest
  @CsvSource({
    "640GiB, 687194767360",
    "80GB, 80000000000",
    "512 MiB, 536870912",
    "1.5tib, 1649267441664",
    "100kB, 100000"
  })
  void sizes(String text, long bytes) {
    assertThat(Machine.parseBytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "80", "80G", "-1GiB", "many", "GiB", "1e3GiB"})
  void otherSizesAreNamed(String text) {
    assertThatThrownBy(() -> Machine.parseBytes(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("memory: found " + text, "640GiB");
  }

  @Test
  void presetsMultiplyMemoryAndBandwidth() {
    Machine one = Machine.preset("h100");
    Machine eight = Machine.preset("8xH100");
    assertThat(eight.bytes()).isEqualTo(8 * one.bytes());
    assertThat(eight.bandwidth()).isEqualTo(8 * 3.35e12);
    assertThat(eight.accelerators()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8xH900", "0xH100", "9999xH100", "x8", ""})
  void unknownMachinesAreNamed(String text) {
    assertThatThrownBy(() -> Machine.preset(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found");
  }

  @Test
  void thisMachineHasMemory() {
    assertThat(Machine.here().bytes()).isGreaterThan(64L << 20);
    assertThat(Machine.here().certainty()).isEqualTo(Certainty.MEASURED);
  }
}
