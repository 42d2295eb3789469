package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Rounding to narrow types: every code, every midpoint, both neighbours of each. */
final class NarrowTest {

  @Test
  void everyF8CodeIsItsOwnNearest() {
    for (int code = 0; code < 256; code++) {
      if ((code & 0x7F) != 0x7F) {
        assertThat(Narrow.f8(Narrow.F8[code]) & 0xFF).isEqualTo(code);
      }
    }
  }

  @Test
  void f8MidpointsGoToTheEvenCode() {
    for (int code = 0; code < 0x7E; code++) {
      float middle = (Narrow.F8[code] + Narrow.F8[code + 1]) / 2; // exact: one bit more
      int even = code % 2 == 0 ? code : code + 1;
      assertThat(Narrow.f8(middle)).isEqualTo((byte) even);
      assertThat(Narrow.f8(Math.nextDown(middle))).isEqualTo((byte) code);
      assertThat(Narrow.f8(Math.nextUp(middle))).isEqualTo((byte) (code + 1));
      assertThat(Narrow.f8(-middle)).isEqualTo((byte) (even | 0x80));
    }
    assertThat(Narrow.f8(1e9f)).isEqualTo((byte) 0x7E);
    assertThat(Narrow.f8(Float.NaN) & 0x7F).isEqualTo(0x7F);
  }

  @Test
  void f8FactorsArePowersOfTwoThatJustFit() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      float amax = (float) Math.exp(random.nextDouble(-8, 20));
      float factor = Narrow.f8Factor(amax);
      assertThat(Math.scalb(1f, Math.getExponent(factor))).isEqualTo(factor);
      assertThat(amax / factor).isBetween(224f, 448f);
    }
    assertThat(Narrow.f8Factor(448)).isEqualTo(1);
    assertThat(Narrow.f8Factor(500)).isEqualTo(2);
    assertThat(Narrow.f8Factor(0)).isEqualTo(Narrow.f8Factor(1e-4f));
  }

  @Test
  void bf16IsTheNearestAndTiesGoToEven() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 100_000; i++) {
      int high = random.nextInt(0x7F7F);
      float low = Float.intBitsToFloat(high << 16);
      float middle = Float.intBitsToFloat(high << 16 | 0x8000);
      assertThat(Narrow.bf16(low)).isEqualTo((short) high);
      assertThat(Narrow.bf16(Math.nextDown(middle))).isEqualTo((short) high);
      assertThat(Narrow.bf16(Math.nextUp(middle))).isEqualTo((short) (high + 1));
      assertThat(Narrow.bf16(middle)).isEqualTo((short) (high + high % 2));
    }
    assertThat(Float.intBitsToFloat(Narrow.bf16(Float.NaN) << 16)).isNaN();
    assertThat(Float.intBitsToFloat(Narrow.bf16(Float.intBitsToFloat(0x7F80_0001)) << 16)).isNaN();
  }
}
