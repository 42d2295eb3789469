package dev.akvavit.core;

/**
 * Which elements rotate together. Never a default: DeepSeek's MLA and its own indexer differ, and
 * the wrong choice still yields fluent text.
 */
public enum RopeStyle {
  /** Neighbours {@code (x[2i], x[2i+1])}: GPT-J, DeepSeek's MLA. */
  INTERLEAVED,
  /** Halves {@code (x[i], x[i + r/2])}: GPT-NeoX, Llama, DeepSeek-V3.2's indexer. */
  HALVES
}
