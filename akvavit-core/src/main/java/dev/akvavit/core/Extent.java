package dev.akvavit.core;

/**
 * A range of rows shared by every tensor that is built on it, so that a step sets it once.
 *
 * <p>Rows of generated tokens come first, rows of prompts after them, as in a {@link Batch}.
 */
public final class Extent {
  private final int capacity;
  private int first;
  private int rows;
  private int generated;

  /** All rows, none of a prompt. */
  public Extent(int capacity) {
    this.capacity = capacity;
    this.rows = capacity;
    this.generated = capacity;
  }

  public int first() {
    return first;
  }

  public int rows() {
    return rows;
  }

  /** How many rows, from the first on, belong to tokens that were generated, or to logits. */
  public int generated() {
    return generated;
  }

  public int capacity() {
    return capacity;
  }

  /** Rows {@code first .. first + rows}, none of a prompt: see {@link #set(int, int, int)}. */
  public void set(int first, int rows) {
    set(first, rows, rows);
  }

  /**
   * @param generated rows before those of prompts
   * @throws IllegalArgumentException when rows {@code first .. first + rows} leave the capacity, or
   *     {@code generated} is not one of their counts
   */
  public void set(int first, int rows, int generated) {
    if (first < 0 || rows < 0 || first + rows > capacity) {
      throw new IllegalArgumentException(
          "rows " + first + ".." + (first + rows) + " do not fit in " + capacity);
    }
    if (generated < 0 || generated > rows) {
      throw new IllegalArgumentException(generated + " of " + rows + " rows cannot be generated");
    }
    this.first = first;
    this.rows = rows;
    this.generated = generated;
  }
}
