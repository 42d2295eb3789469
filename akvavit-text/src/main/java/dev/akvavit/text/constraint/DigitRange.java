package dev.akvavit.text.constraint;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Numbers from 0 up within exact bounds, digit by digit: as long as all digits written are those of
 * a bound, the next one is held against the bound's next.
 */
final class DigitRange {
  /**
   * A place in the number.
   *
   * @param whole digits before the point
   * @param written digits written so far, on both sides of the point
   * @param onLow whether they are those of the lower bound
   * @param onHigh whether they are those of the upper bound
   */
  private record Place(int whole, int written, boolean onLow, boolean onHigh) {
    /** Behind the first digit and off both bounds, only the digits still to come matter. */
    Place shared() {
      return onLow || onHigh || written == 0
          ? this
          : new Place(Numbers.WHOLE_DIGITS, Numbers.WHOLE_DIGITS - whole + written, false, false);
    }
  }

  private final AutomatonBuilder builder;
  private final boolean integer;
  private final boolean aboveLow;
  private final boolean belowHigh;
  private final String lowWhole;
  private final String lowFraction;
  private final @Nullable String highWhole;
  private final String highFraction;
  private final boolean empty;
  private final Map<Place, Integer> states = new HashMap<>();

  DigitRange(AutomatonBuilder builder, Bounds bounds, boolean integer) {
    this.builder = builder;
    this.integer = integer;
    BigDecimal low = bounds.low() == null ? BigDecimal.ZERO : bounds.low();
    aboveLow = bounds.aboveLow();
    belowHigh = bounds.belowHigh();
    lowWhole = whole(low);
    lowFraction = fraction(low);
    highWhole = bounds.high() == null ? null : whole(bounds.high());
    highFraction = bounds.high() == null ? "" : fraction(bounds.high());
    empty = bounds.high() != null && bounds.high().compareTo(low) < 0;
  }

  private static String whole(BigDecimal number) {
    return number.abs().toBigInteger().toString();
  }

  /** Without zeros at the end. */
  private static String fraction(BigDecimal number) {
    String plain = number.abs().stripTrailingZeros().toPlainString();
    int point = plain.indexOf('.');
    return point < 0 ? "" : plain.substring(point + 1);
  }

  /** Adds all of them; where there are none, a dead end. */
  void add(int from) {
    int longest = highWhole == null ? Numbers.WHOLE_DIGITS : highWhole.length();
    for (int whole = lowWhole.length(); !empty && whole <= longest; whole++) {
      boolean onLow = whole == lowWhole.length();
      boolean onHigh = highWhole != null && whole == highWhole.length();
      builder.add(from, new Arc.Jump(state(new Place(whole, 0, onLow, onHigh))));
    }
  }

  /** Nested as deep as the longest number is long. */
  private int state(Place found) {
    Place place = found.shared();
    Integer known = states.get(place);
    if (known != null) {
      return known;
    }
    int state = builder.state();
    states.put(place, state);
    if (place.written < place.whole) {
      digits(place, state, place.written == 0 && place.whole > 1 ? 1 : 0);
      return state;
    }
    if (mayEnd(place)) {
      builder.end(state);
    }
    int fraction = place.written - place.whole;
    if (!integer && fraction < Numbers.FRACTION_DIGITS) {
      int from = state;
      if (fraction == 0) {
        from = builder.state();
        builder.bytes(state, '.', '.', from);
      }
      digits(place, from, 0);
    }
    return state;
  }

  private void digits(Place place, int from, int least) {
    int low = place.onLow ? digit(lowWhole, lowFraction, place) : 0;
    int high = place.onHigh ? digit(highWhole, highFraction, place) : 9;
    for (int digit = Math.max(low, least); digit <= high; digit++) {
      boolean onLow = place.onLow && digit == low;
      boolean onHigh = place.onHigh && digit == high;
      Place next = new Place(place.whole, place.written + 1, onLow, onHigh);
      builder.bytes(from, '0' + digit, '0' + digit, state(next));
    }
  }

  private static int digit(@Nullable String whole, String fraction, Place place) {
    int behind = place.written - place.whole;
    if (behind < 0) {
      return whole == null ? 9 : whole.charAt(place.written) - '0';
    }
    return behind < fraction.length() ? fraction.charAt(behind) - '0' : 0;
  }

  private boolean mayEnd(Place place) {
    int fraction = place.written - place.whole;
    boolean lowDone = fraction >= lowFraction.length();
    boolean highDone = fraction >= highFraction.length();
    return (!place.onLow || lowDone && !aboveLow) && (!place.onHigh || !highDone || !belowHigh);
  }
}
