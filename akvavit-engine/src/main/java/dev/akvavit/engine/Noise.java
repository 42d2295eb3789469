package dev.akvavit.engine;

/**
 * Gumbel noise from a counter: a pure function of (seed, position, token), so a draw never depends
 * on neighbours, on the batch or on how often a sequence was computed. {@code argmax(logit / T +
 * noise)} is a draw from {@code softmax(logit / T)} (Gumbel 1954; Maddison, Tarlow, Minka 2014).
 * The bits are SplitMix64's (Steele, Lea, Flood 2014).
 */
final class Noise {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private static final double LN2 = StrictMath.log(2);
  private static final int BITS = 53;

  private Noise() {}

  /** Names the stream of one draw. */
  static long stream(long seed, int position) {
    return mix(mix(seed) + GAMMA * (position + 1L));
  }

  /** 53 random bits of a token. */
  static long bits(long stream, int token) {
    return mix(stream + GAMMA * (token + 1L)) >>> (Long.SIZE - BITS);
  }

  /**
   * Gumbel noise of these bits: {@code -ln(-ln(1 - v))}, v uniform in (0, 1]. StrictMath, so that
   * every machine draws the same.
   */
  static double gumbel(long bits) {
    double v = (bits + 1) * 0x1p-53;
    return -StrictMath.log(-StrictMath.log1p(-v));
  }

  /**
   * Never less than {@link #gumbel}, without a logarithm: {@code -ln(1 - v) >= v}, hence the noise
   * is at most {@code -ln v}, and leading zeros bound that. Nearly every token of a vocabulary is
   * ruled out by this alone.
   */
  static double bound(long bits) {
    int leadingZeros = Long.numberOfLeadingZeros(bits) - (Long.SIZE - BITS);
    return (leadingZeros + 1) * LN2;
  }

  private static long mix(long z) {
    long x = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
