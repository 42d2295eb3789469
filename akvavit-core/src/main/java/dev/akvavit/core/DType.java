package dev.akvavit.core;

/**
 * How elements are stored: a block of {@code blockElements} values takes {@code blockBytes} bytes.
 */
public enum DType {
  F32(1, 4),
  F16(1, 2),
  BF16(1, 2),
  /**
   * 1-4-3 bits, bias 7, largest value 448, no infinities, NaN is {@code 0x7F} and {@code 0xFF} (OCP
   * "e4m3fn").
   */
  F8_E4M3(1, 1),
  I32(1, 4),
  I64(1, 8);

  private final int blockElements;
  private final int blockBytes;

  DType(int blockElements, int blockBytes) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /**
   * Bytes of {@code elements} values.
   *
   * @throws IllegalArgumentException when they are no whole number of blocks
   * @throws ArithmeticException when the result does not fit in a {@code long}
   */
  public long bytes(long elements) {
    if (elements % blockElements != 0) {
      throw new IllegalArgumentException(
          elements + " elements are no whole number of " + this + " blocks of " + blockElements);
    }
    return Math.multiplyExact(elements / blockElements, (long) blockBytes);
  }
}
