package dev.akvavit.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnitTest {

  @Test
  void bytesCountIn1024s() {
    assertThat(Unit.BYTES.show(0)).isEqualTo("0");
    assertThat(Unit.BYTES.show(512)).isEqualTo("512 B");
    assertThat(Unit.BYTES.show(70_272)).isEqualTo("68.6 KiB");
    assertThat(Unit.BYTES.show(1L << 20)).isEqualTo("1 MiB");
    assertThat(Unit.BYTES.show(640.0 * (1L << 30))).isEqualTo("640 GiB");
    assertThat(Unit.BYTES.show(1.5 * (1L << 40))).isEqualTo("1.5 TiB");
  }

  @Test
  void tokensAreWrittenAsContextsAre() {
    assertThat(Unit.TOKENS.show(100)).isEqualTo("100");
    assertThat(Unit.TOKENS.show(8192)).isEqualTo("8K");
    assertThat(Unit.TOKENS.show(163_840)).isEqualTo("160K");
    assertThat(Unit.TOKENS.show(1 << 20)).isEqualTo("1M");
  }

  @Test
  void otherNumbersKeepThreeDigits() {
    assertThat(Unit.NUMBER.show(1_500)).isEqualTo("1,500");
    assertThat(Unit.NUMBER.show(2_500_000)).isEqualTo("2.5 M");
    assertThat(Unit.NUMBER.show(0.0123)).isEqualTo("0.0123");
    assertThat(Unit.PERCENT.show(0.933)).isEqualTo("93.3 %");
    assertThat(Unit.SECONDS.show(0.0125)).isEqualTo("12.5 ms");
    assertThat(Unit.SECONDS.show(0.000002)).isEqualTo("2 µs");
    assertThat(Unit.FACTOR.show(56.89)).isEqualTo("56.9x");
    assertThat(Unit.FACTOR.show(-3)).isEqualTo("-3x");
  }

  @Test
  void whatIsNoNumberIsADash() {
    for (Unit unit : Unit.values()) {
      assertThat(unit.show(Double.NaN)).isEqualTo("-");
      assertThat(unit.show(Double.POSITIVE_INFINITY)).isEqualTo("-");
    }
  }

  @Test
  void neighboursOnAnAxisShareAUnit() {
    double gib = 1L << 30;
    assertThat(Unit.BYTES.showBeside(0.2 * gib, gib)).isEqualTo("0.2 GiB");
    assertThat(Unit.NUMBER.showBeside(500, 2_000_000)).isEqualTo("0.0005 M");
  }
}
