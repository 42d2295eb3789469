package dev.akvavit.core;

/** How the lightning indexer keeps its keys. */
public enum IndexPrecision {
  /** As the cache keeps rows: the float path, and the twin of the other. */
  EXACT,
  /**
   * FP8 e4m3 with a power-of-two factor a row, after a Hadamard transform: 132 bytes instead of 512
   * for 128 elements.
   */
  F8
}
