package dev.akvavit.cpu.machine;

/**
 * How the blocks of a panel lie. A block is 32 columns of 16 rows: their codes, unsigned, as {@code
 * [column / 4][row][column % 4]}, then F32 factors as {@code [half][row]}, then minima likewise.
 *
 * <p>A weight is {@code factor * (code - 128)}, or {@code factor * code - minimum} in a form with
 * minima.
 */
public enum PanelForm {
  /** A factor for 32 columns. */
  WHOLE(1, false),
  WHOLE_MINIMA(1, true),
  /** A factor for 16 columns. */
  HALVES(2, false),
  HALVES_MINIMA(2, true);

  /** Rows of a panel. */
  public static final int ROWS = 16;

  /** Columns of a block. */
  public static final int COLUMNS = 32;

  /** Where the factors of a block begin, in bytes. */
  public static final int FACTORS = ROWS * COLUMNS;

  private static final int LINE = ROWS * Float.BYTES;

  private final int parts;
  private final boolean minima;

  PanelForm(int parts, boolean minima) {
    this.parts = parts;
    this.minima = minima;
  }

  /** Factors of a row in a block: 1 or 2. */
  public int parts() {
    return parts;
  }

  public boolean hasMinima() {
    return minima;
  }

  /** Where the minima of a block begin, in bytes. */
  public int minima() {
    return FACTORS + parts * LINE;
  }

  /** Bytes of a block. */
  public int bytes() {
    return FACTORS + (minima ? 2 : 1) * parts * LINE;
  }
}
