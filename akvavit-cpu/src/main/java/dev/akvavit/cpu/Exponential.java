package dev.akvavit.cpu;

/**
 * {@code e^x} in F32: {@code x = n ln 2 + r} with {@code |r| <= ln(2)/2}, the Taylor polynomial of
 * degree 7 in {@code r} (remainder below 6e-9), then {@code n} added to the exponent. Zero below
 * -87, constant above 88.
 *
 * <p>The constants serve the vector form too, which computes the same operations in the same order.
 */
final class Exponential {
  static final float LOW = -87;
  static final float HIGH = 88;
  static final float LOG2_E = 1.44269504f;

  /** Adding this rounds to an integer and leaves it in the low bits. */
  static final float ROUND = 0x1.8p23f;

  /** ln 2 in two parts; the first has trailing zeros, so that {@code n * LN2_HIGH} is exact. */
  static final float LN2_HIGH = 0x1.62e4p-1f;

  static final float LN2_LOW = (float) (Math.log(2) - 0x1.62e4p-1);
  static final float C7 = 1 / 5040f;
  static final float C6 = 1 / 720f;
  static final float C5 = 1 / 120f;
  static final float C4 = 1 / 24f;
  static final float C3 = 1 / 6f;

  private Exponential() {}

  /** All of them, in the order in which they are used; the signs of ln 2 are those of the use. */
  static float[] constants() {
    return new float[] {LOW, HIGH, LOG2_E, ROUND, -LN2_HIGH, -LN2_LOW, C7, C6, C5, C4, C3, 0.5f, 1};
  }

  static float of(float x) {
    if (x < LOW) {
      return 0;
    }
    float z = x > HIGH ? HIGH : x;
    float shifted = Math.fma(z, LOG2_E, ROUND);
    float n = shifted - ROUND;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, z));
    float p = Math.fma(C7, r, C6);
    p = Math.fma(p, r, C5);
    p = Math.fma(p, r, C4);
    p = Math.fma(p, r, C3);
    p = Math.fma(p, r, 0.5f);
    p = Math.fma(p, r, 1f);
    p = Math.fma(p, r, 1f);
    return Float.intBitsToFloat(
        Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
  }
}
