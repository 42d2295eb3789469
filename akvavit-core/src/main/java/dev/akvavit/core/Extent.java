package dev.akvavit.core;

/** A range of rows shared by every tensor that is built on it, so that a step sets it once. */
public final class Extent {
  private final int capacity;
  private int first;
  private int rows;

  public Extent(int capacity) {
    this.capacity = capacity;
    this.rows = capacity;
  }

  public int first() {
    return first;
  }

  public int rows() {
    return rows;
  }

  public int capacity() {
    return capacity;
  }

  /**
   * @throws IllegalArgumentException when rows {@code first .. first + rows} leave the capacity
   */
  public void set(int first, int rows) {
    if (first < 0 || rows < 0 || first + rows > capacity) {
      throw new IllegalArgumentException(
          "rows " + first + ".." + (first + rows) + " do not fit in " + capacity);
    }
    this.first = first;
    this.rows = rows;
  }
}
