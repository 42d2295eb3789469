package dev.akvavit.text.constraint;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Exact bounds on numbers; a null value is no bound.
 *
 * @param aboveLow whether {@code low} itself is left out
 * @param belowHigh whether {@code high} itself is left out
 */
record Bounds(
    @Nullable BigDecimal low, boolean aboveLow, @Nullable BigDecimal high, boolean belowHigh) {
  static final Bounds NONE = new Bounds(null, false, null, false);

  static Bounds from(BigDecimal low, boolean above) {
    return new Bounds(low, above, null, false);
  }

  static Bounds to(BigDecimal high, boolean below) {
    return new Bounds(null, false, high, below);
  }

  boolean contains(BigDecimal number) {
    int fromLow = low == null ? 1 : number.compareTo(low);
    int fromHigh = high == null ? -1 : number.compareTo(high);
    return (aboveLow ? fromLow > 0 : fromLow >= 0) && (belowHigh ? fromHigh < 0 : fromHigh <= 0);
  }

  Bounds and(Bounds other) {
    int lows = order(low, other.low, 1);
    int highs = order(high, other.high, -1);
    return new Bounds(
        lows < 0 ? other.low : low,
        lows < 0 ? other.aboveLow : lows > 0 ? aboveLow : aboveLow || other.aboveLow,
        highs < 0 ? other.high : high,
        highs < 0 ? other.belowHigh : highs > 0 ? belowHigh : belowHigh || other.belowHigh);
  }

  /** Whether {@code a} (positive) or {@code b} (negative) is the narrower of two bounds. */
  private static int order(@Nullable BigDecimal a, @Nullable BigDecimal b, int sign) {
    if (a == null || b == null) {
      return a == null ? b == null ? 0 : -1 : 1;
    }
    return sign * a.compareTo(b);
  }

  /** The same bounds for integers, with both ends inside. */
  Bounds whole() {
    BigDecimal first = low == null ? null : low.setScale(0, RoundingMode.CEILING);
    if (first != null && aboveLow && first.compareTo(low) == 0) {
      first = first.add(BigDecimal.ONE);
    }
    BigDecimal last = high == null ? null : high.setScale(0, RoundingMode.FLOOR);
    if (last != null && belowHigh && last.compareTo(high) == 0) {
      last = last.subtract(BigDecimal.ONE);
    }
    return new Bounds(first, false, last, false);
  }

  /** Those of the numbers times -1. */
  Bounds negated() {
    return new Bounds(
        high == null ? null : high.negate(),
        belowHigh,
        low == null ? null : low.negate(),
        aboveLow);
  }
}
