package dev.akvavit.text.constraint;

import java.math.BigDecimal;

/**
 * Numbers as JSON spells them (RFC 8259, section 6), of bounded length: {@value #WHOLE_DIGITS}
 * digits, so that every integer fits a long, {@value #FRACTION_DIGITS} behind the point, two in the
 * exponent.
 */
final class Numbers {
  static final int WHOLE_DIGITS = 18;
  static final int FRACTION_DIGITS = 17;

  private final AutomatonBuilder builder;

  Numbers(AutomatonBuilder builder) {
    this.builder = builder;
  }

  /** Any number, then the end of the rule; with bounds it has no exponent. */
  void add(int from, Bounds bounds, boolean integer) {
    if (!bounds.equals(Bounds.NONE)) {
      within(from, integer ? bounds.whole() : bounds, integer);
    } else if (integer) {
      within(from, Bounds.NONE, true);
    } else {
      any(from);
    }
  }

  private void any(int from) {
    int unsigned = builder.state();
    builder.bytes(from, '-', '-', unsigned);
    builder.add(from, new Arc.Jump(unsigned));
    int whole = builder.state();
    builder.bytes(unsigned, '0', '0', whole);
    int first = builder.state();
    builder.bytes(unsigned, '1', '9', first);
    digits(first, WHOLE_DIGITS - 1, whole);
    int exponent = builder.state();
    builder.add(whole, new Arc.Jump(exponent));
    int point = builder.state();
    builder.bytes(whole, '.', '.', point);
    int tenth = builder.state();
    builder.bytes(point, '0', '9', tenth);
    digits(tenth, FRACTION_DIGITS - 1, exponent);
    builder.end(exponent);
    exponent(exponent);
  }

  private void exponent(int from) {
    int sign = builder.state();
    builder.bytes(from, 'e', 'e', sign);
    builder.bytes(from, 'E', 'E', sign);
    int digits = builder.state();
    builder.bytes(sign, '+', '+', digits);
    builder.bytes(sign, '-', '-', digits);
    builder.add(sign, new Arc.Jump(digits));
    int one = builder.state();
    builder.bytes(digits, '0', '9', one);
    int two = builder.state();
    builder.bytes(one, '0', '9', two);
    builder.end(one);
    builder.end(two);
  }

  /** Up to {@code most} digits, then on at {@code behind}. */
  private void digits(int from, int most, int behind) {
    int at = from;
    for (int i = 0; i < most; i++) {
      builder.add(at, new Arc.Jump(behind));
      int next = builder.state();
      builder.bytes(at, '0', '9', next);
      at = next;
    }
    builder.add(at, new Arc.Jump(behind));
  }

  /** Negative numbers by their magnitudes, and the others. */
  private void within(int from, Bounds bounds, boolean integer) {
    Bounds positive = bounds.and(Bounds.from(BigDecimal.ZERO, false));
    new DigitRange(builder, positive, integer).add(from);
    Bounds negative = bounds.negated().and(Bounds.from(BigDecimal.ZERO, true));
    int unsigned = builder.state();
    builder.bytes(from, '-', '-', unsigned);
    new DigitRange(builder, integer ? negative.whole() : negative, integer).add(unsigned);
  }
}
