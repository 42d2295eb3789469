package dev.akvavit.text;

import org.jspecify.annotations.Nullable;

/** What byte pair encoding starts from, before the first merge. */
public sealed interface Symbols {
  /** Each byte of UTF-8, spelled as GPT-2 does: {@code Ġ} for the space. */
  record Bytes() implements Symbols {}

  /**
   * Each code point, {@code ▁} for the space, as SentencePiece has it.
   *
   * @param byteFallback a code point without a token becomes its bytes, {@code <0xE2>} and so on
   * @param unknown what becomes of one that has neither; null drops it
   * @param fuseUnknown neighbouring unknowns become one
   */
  record CodePoints(boolean byteFallback, @Nullable String unknown, boolean fuseUnknown)
      implements Symbols {}
}
