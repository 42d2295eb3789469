package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ExponentialTest {
  private static final double ALLOWED = 1e-6;

  @Test
  void isCloseToTheDoubleFromOneEndToTheOther() {
    double worst = 0;
    for (float x = Exponential.LOW; x <= Exponential.HIGH; x += 0.00371f) {
      worst = Math.max(worst, Math.abs(Exponential.of(x) / Math.exp(x) - 1));
    }
    assertThat(worst).isLessThan(ALLOWED);
    assertThat(Exponential.of(0)).isEqualTo(1);
    assertThat(Exponential.of(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(Exponential.of(-1000)).isZero();
    assertThat(Exponential.of(1000)).isFinite();
    assertThat(Exponential.of(Float.NaN)).isNaN();
  }

  @Test
  void lanesComputeTheSameBits() {
    float[] s = new float[64 + 16];
    for (int round = 0; round < 500; round++) {
      for (int i = 0; i < 64; i++) {
        s[i] = (round * 64 + i) * -0.0031f;
      }
      float[] expected = new float[64];
      for (int i = 0; i < 64; i++) {
        expected[i] = Exponential.of(s[i]);
      }
      Lanes.KERNELS.expSum(s, 0, 64, 0, new float[16]);
      assertThat(java.util.Arrays.mismatch(expected, 0, 64, s, 0, 64)).isEqualTo(-1);
    }
  }
}
