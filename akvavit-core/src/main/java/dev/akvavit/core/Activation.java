package dev.akvavit.core;

/** Nonlinearities of feed-forwards without a gate. */
public enum Activation {
  /** {@code x / 2 (1 + erf(x / sqrt 2))}. */
  GELU,
  /** The tanh approximation of GELU: GPT-2's {@code gelu_new}. */
  GELU_TANH
}
