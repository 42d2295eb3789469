package dev.akvavit.claims;

import java.util.Locale;

/**
 * A figure as its source words it, and the values that bear it out.
 *
 * @param wording as published
 * @param unit of values, with the space before it
 * @param decimals that our values are shown with
 * @param low the least value that agrees
 * @param high the first that is too large
 */
public record Published(String wording, String unit, int decimals, double low, double high) {

  /**
   * A number means what rounds to it: {@code 57} is 56.5 to 57.5, {@code 93.3} is 93.25 to 93.35.
   */
  public static Published figure(String number, String unit) {
    int point = number.indexOf('.');
    int digits = point < 0 ? 0 : number.length() - point - 1;
    double half = 0.5 * Math.pow(10, -digits);
    double value = Double.parseDouble(number);
    return new Published(number + unit, unit, digits + 1, value - half, value + half);
  }

  /** A range is meant as it is written, both ends included. */
  public static Published between(double low, double high, String unit, String wording) {
    return new Published(wording, unit, 1, low, Math.nextUp(high));
  }

  /** Words that are taken to mean at least a value, which is said with them. */
  public static Published atLeast(double low, String unit, String words) {
    String wording = words + ": " + shown(low, 1) + unit + " or more";
    return new Published(wording, unit, 1, low, Double.POSITIVE_INFINITY);
  }

  /** Words that are taken to mean at most a value, which is said with them. */
  public static Published atMost(double high, String unit, String words) {
    String wording = words + ": " + shown(high, 1) + unit + " or less";
    return new Published(wording, unit, 1, Double.NEGATIVE_INFINITY, Math.nextUp(high));
  }

  /** Words that no value here can bear out. */
  public static Published words(String wording) {
    return new Published(wording, "", 1, Double.NaN, Double.NaN);
  }

  /** Whether a value bears the figure out. */
  public boolean agrees(double value) {
    return value >= low && value < high;
  }

  /** One digit more than was published, so that rounding shows; whole numbers as they are. */
  public String show(double value) {
    return shown(value, decimals);
  }

  private static String shown(double value, int decimals) {
    if (Double.isNaN(value)) {
      return "none";
    }
    if (value != 0 && Math.abs(value) < 0.01) {
      return String.format(Locale.ROOT, "%.0e", value);
    }
    int digits = value == Math.rint(value) || Math.abs(value) >= 1000 ? 0 : decimals;
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }
}
