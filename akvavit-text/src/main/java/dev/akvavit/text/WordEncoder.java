package dev.akvavit.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tokens of one word: the word itself where that is allowed, else its symbols, merged. For one
 * thread.
 */
final class WordEncoder {
  private final Vocabulary vocabulary;
  private final Symbols symbols;
  private final boolean ignoreMerges;
  private final int[] byteIds;
  private final int unknown;
  private final Merger merger;

  WordEncoder(
      Vocabulary vocabulary, TokenizerDefinition definition, int[] byteIds, MergeTable merges) {
    this.vocabulary = vocabulary;
    this.symbols = definition.symbols();
    this.ignoreMerges = definition.ignoreMerges();
    this.byteIds = byteIds;
    this.unknown =
        symbols instanceof Symbols.CodePoints(_, String unk, _) && unk != null
            ? vocabulary.id(unk)
            : TokenizerDefinition.NONE;
    this.merger = new Merger(merges);
  }

  /**
   * The id of each byte's token, or -1 where the vocabulary has none.
   *
   * @throws dev.akvavit.core.MalformedFileException if a byte-level vocabulary lacks one
   */
  static int[] byteIds(Vocabulary vocabulary, Symbols symbols) {
    int[] ids = new int[256];
    Arrays.fill(ids, TokenizerDefinition.NONE);
    for (int b = 0; b < 256; b++) {
      switch (symbols) {
        case Symbols.Bytes _ -> {
          String spelled = String.valueOf(ByteAlphabet.character(b));
          ids[b] = vocabulary.textId(spelled);
          if (ids[b] < 0) {
            throw vocabulary.malformed(
                "model.vocab", "no token \"" + spelled + "\" for byte " + b, "all 256 bytes");
          }
        }
        case Symbols.CodePoints kind -> {
          if (kind.byteFallback()) {
            ids[b] = vocabulary.id("<0x%02X>".formatted(b));
          }
        }
      }
    }
    return ids;
  }

  void encode(String text, int from, int to, IntList ids) {
    if (ignoreMerges) {
      int whole = vocabulary.textId(spelling(text.substring(from, to)));
      if (whole >= 0) {
        ids.add(whole);
        return;
      }
    }
    int last = TokenizerDefinition.NONE;
    for (int at = from; at < to; ) {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      last = add(Character.getType(c) == Character.SURROGATE ? 0xFFFD : c, last);
    }
    merger.finish(ids);
  }

  /** Heap moves made so far. */
  long steps() {
    return merger.steps();
  }

  private String spelling(String word) {
    if (symbols instanceof Symbols.CodePoints) {
      return word;
    }
    byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
    return ByteAlphabet.spell(utf8, 0, utf8.length);
  }

  /** Adds a code point's symbols; returns the last one added, so that unknowns can be fused. */
  private int add(int c, int last) {
    if (symbols instanceof Symbols.CodePoints kind) {
      int id = vocabulary.textId(Character.toString(c));
      if (id >= 0) {
        merger.add(id);
        return id;
      }
      if (!kind.byteFallback() || !hasBytes(c)) {
        if (unknown >= 0 && !(kind.fuseUnknown() && last == unknown)) {
          merger.add(unknown);
        }
        return unknown;
      }
    }
    return addBytes(c);
  }

  private boolean hasBytes(int c) {
    for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
      if (byteIds[b & 0xFF] < 0) {
        return false;
      }
    }
    return true;
  }

  private int addBytes(int c) {
    if (c < 0x80) {
      return addByte(c);
    }
    if (c < 0x800) {
      addByte(0xC0 | c >> 6);
    } else {
      if (c < 0x10000) {
        addByte(0xE0 | c >> 12);
      } else {
        addByte(0xF0 | c >> 18);
        addByte(0x80 | c >> 12 & 0x3F);
      }
      addByte(0x80 | c >> 6 & 0x3F);
    }
    return addByte(0x80 | c & 0x3F);
  }

  private int addByte(int b) {
    merger.add(byteIds[b]);
    return byteIds[b];
  }
}
