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
  I64(1, 8),
  /**
   * An F16 factor and 32 signed bytes; this and all that follow are GGUF's, see {@link
   * QuantBlocks}.
   */
  Q8_0(32, 34),
  Q4_0(32, 18),
  Q4_1(32, 20),
  Q5_0(32, 22),
  Q5_1(32, 24),
  Q2_K(256, 84),
  Q3_K(256, 110),
  Q4_K(256, 144),
  Q5_K(256, 176),
  Q6_K(256, 210),
  IQ4_NL(32, 18),
  /** 32 codes of 4 bits (OCP e2m1) that share a power of two. */
  MXFP4(32, 17);

  private final int blockElements;
  private final int blockBytes;

  DType(int blockElements, int blockBytes) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /** Values that are stored together; 1 unless the type is {@link #quantised}. */
  public int blockElements() {
    return blockElements;
  }

  /** Bytes of {@link #blockElements} values. */
  public int blockBytes() {
    return blockBytes;
  }

  /** Whether values share factors with their neighbours, so that none can be read alone. */
  public boolean quantised() {
    return blockElements > 1;
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
