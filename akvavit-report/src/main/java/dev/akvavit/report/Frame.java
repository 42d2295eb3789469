package dev.akvavit.report;

/**
 * The two sizes a chart is drawn in: beside its labels, or above them where a screen is narrow. A
 * drawing that only shrank would have letters that nobody reads.
 */
enum Frame {
  WIDE(760, 380, 7),
  NARROW(360, 280, 4);

  /** Of a letter, in units of the drawing. */
  static final double FONT = 13;

  static final double LINE = 20;

  private final double width;
  private final double plotHeight;
  private final int ticks;

  Frame(double width, double plotHeight, int ticks) {
    this.width = width;
    this.plotHeight = plotHeight;
    this.ticks = ticks;
  }

  double width() {
    return width;
  }

  /** Of the part that holds lines. */
  double plotHeight() {
    return plotHeight;
  }

  /** Ticks of an axis at most. */
  int ticks() {
    return ticks;
  }

  /** About how wide a text becomes; fonts differ, so room is left. */
  static double widthOf(String text) {
    return text.codePoints().mapToDouble(c -> c >= 0x2E80 ? FONT : 0.6 * FONT).sum();
  }

  /** As much of a text as a width holds. */
  static String cut(String text, double width) {
    if (widthOf(text) <= width) {
      return text;
    }
    int end = text.length();
    while (end > 0 && widthOf(text.substring(0, end)) > width - FONT) {
      end = text.offsetByCodePoints(end, -1);
    }
    return text.substring(0, end) + "…";
  }
}
