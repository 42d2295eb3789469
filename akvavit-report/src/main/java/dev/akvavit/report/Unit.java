package dev.akvavit.report;

import java.util.Locale;

/** How an axis writes its values. */
public enum Unit {
  /** {@code 1,500} and {@code 2.5 M}. */
  NUMBER,
  /** {@code 4 GiB}: powers of 1024. */
  BYTES,
  /** {@code 32K} for 32,768: a context's length. */
  TOKENS,
  /** {@code 40 %} for 0.4. */
  PERCENT,
  /** {@code 12 ms} for 0.012. */
  SECONDS,
  /** {@code 57x}. */
  FACTOR;

  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final String[] DECIMAL = {"", " k", " M", " G", " T", " P"};

  /** Whether ticks stand at powers of two. */
  boolean binary() {
    return this == BYTES || this == TOKENS;
  }

  /** A value with its unit, three or four digits long. */
  public String show(double value) {
    if (!Double.isFinite(value)) {
      return "-";
    }
    return switch (this) {
      case NUMBER -> Math.abs(value) < 1e5 ? digits(value) : scaled(value, 1000, DECIMAL);
      case BYTES -> scaled(value, 1024, BINARY);
      case TOKENS -> tokens(value);
      case PERCENT -> digits(100 * value) + " %";
      case SECONDS -> seconds(value);
      case FACTOR -> digits(value) + "x";
    };
  }

  /** A value as its neighbours on an axis are written, whose largest is given. */
  String showBeside(double value, double largest) {
    return switch (this) {
      case NUMBER ->
          Math.abs(largest) < 1e5 ? digits(value) : scaled(value, largest, 1000, DECIMAL);
      case BYTES -> scaled(value, largest, 1024, BINARY);
      default -> show(value);
    };
  }

  private static String tokens(double value) {
    if (Math.abs(value) < 1024) {
      return digits(value);
    }
    return Math.abs(value) < 1 << 20 ? digits(value / 1024) + "K" : digits(value / (1 << 20)) + "M";
  }

  private static String seconds(double value) {
    double size = Math.abs(value);
    if (size == 0 || size >= 1) {
      return digits(value) + " s";
    }
    return size >= 1e-3 ? digits(value * 1e3) + " ms" : digits(value * 1e6) + " µs";
  }

  private static String scaled(double value, int base, String[] names) {
    return scaled(value, value, base, names);
  }

  private static String scaled(double value, double like, int base, String[] names) {
    if (value == 0) {
      return "0";
    }
    int power = 0;
    double size = 1;
    while (Math.abs(like) >= base * size && power < names.length - 1) {
      size *= base;
      power++;
    }
    return digits(value / size) + (base == 1024 ? " " : "") + names[power];
  }

  /** Three digits that say something, more before the point; no zeros at the end. */
  private static String digits(double value) {
    double size = Math.abs(value);
    if (size >= 100 || size == 0) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    int places = Math.max(0, 2 - (int) Math.floor(Math.log10(size)));
    String text = String.format(Locale.ROOT, "%." + Math.min(places, 12) + "f", value);
    return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
  }
}
