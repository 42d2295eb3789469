package dev.akvavit.core;

/**
 * One F32 factor for every {@code blockRows x blockColumns} block of a stored matrix; edge blocks
 * may be partial. DeepSeek-V3 publishes its FP8 weights so, under the name {@code
 * weight_scale_inv}; despite the name it multiplies.
 *
 * @param data F32 factors, row-major {@code [ceil(rows / blockRows), gridColumns]}
 * @param gridColumns blocks in a row of the grid
 */
public record BlockScale(Buffer data, int blockRows, int blockColumns, int gridColumns) {
  /** Index into {@link #data} of the factor for one stored element. */
  public long at(long row, int column) {
    return row / blockRows * gridColumns + column / blockColumns;
  }
}
