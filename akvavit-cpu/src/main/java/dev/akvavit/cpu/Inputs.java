package dev.akvavit.cpu;

import dev.akvavit.core.Tensor;

/**
 * The vectors that a product multiplies, packed once an operation for all rows of its matrix. A
 * matrix with heads multiplies a vector of its own by each.
 */
sealed interface Inputs permits FloatInputs, ByteInputs, PairInputs, TileInputs, RowInputs {
  /** Makes room for vectors of so many elements, {@code heads} of them a row. */
  void begin(int rows, int heads, int columns);

  /** Rows that are packed together. */
  default int together() {
    return 1;
  }

  /** Packs all vectors of rows {@code from .. to} of {@code x}, whole groups or the last. */
  void pack(Tensor x, int from, int to, Scratch s);

  /** Packs the vectors of rows that {@code exact} holds. */
  void round(FloatInputs exact, int from, int to, Scratch s);
}
