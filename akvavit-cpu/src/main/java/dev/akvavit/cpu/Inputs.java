package dev.akvavit.cpu;

import dev.akvavit.core.Tensor;

/**
 * The vectors that a product multiplies, packed once an operation for all rows of its matrix. A
 * matrix with heads multiplies a vector of its own by each.
 */
sealed interface Inputs permits FloatInputs, ByteInputs {
  /** Makes room for vectors of so many elements, {@code heads} of them a row. */
  void begin(int rows, int heads, int columns);

  /** Packs all vectors of a row of {@code x}. */
  void pack(Tensor x, int row, Scratch s);

  /** Packs the vectors of a row that {@code exact} holds. */
  void round(FloatInputs exact, int row);
}
