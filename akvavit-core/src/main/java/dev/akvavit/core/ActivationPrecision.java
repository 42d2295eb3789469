package dev.akvavit.core;

/**
 * What the inputs of matrix products are rounded to. Sums are F32 in any case, and everything
 * between two products stays F32.
 */
public enum ActivationPrecision {
  /**
   * What costs little and gains much on this machine: before products with block-quantised weights
   * as {@link #INT8} where that is fast, and in prompts to BF16, like those weights, where tiles
   * are; before those with BF16 weights, and in attention over a BF16 cache, as {@link #BF16} where
   * that is.
   */
  AUTO,
  /** Not rounded. */
  F32,
  /** To BF16 before products with BF16 weights and in attention; others as {@link #INT8}. */
  BF16,
  /**
   * To 8 bits, 32 inputs sharing a factor, before products with block-quantised weights; not
   * rounded before others.
   */
  INT8
}
