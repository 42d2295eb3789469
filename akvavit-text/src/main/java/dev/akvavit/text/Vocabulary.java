package dev.akvavit.text;

import dev.akvavit.core.MalformedFileException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Token ids, their spelling, the bytes they stand for and which of them are control tokens; checked
 * for contradictions.
 */
final class Vocabulary {
  /**
   * Ids may leave gaps (padding, reserved ranges), but not so many that a small file takes much
   * memory.
   */
  private static final int FREE_GAPS = 1024;

  private final String origin;
  private final Map<String, Integer> ids;
  private final @Nullable String[] tokens;
  private final byte[][] bytes;
  private final BitSet control = new BitSet();
  private final BitSet special = new BitSet();

  Vocabulary(TokenizerDefinition definition) {
    origin = definition.origin();
    ids = new HashMap<>(definition.vocabulary());
    for (AddedToken token : definition.added()) {
      Integer before = ids.put(token.text(), token.id());
      if (before != null && before != token.id()) {
        throw malformed(
            "added_tokens \"" + token.text() + "\"",
            "id " + token.id(),
            "id " + before + " as in model.vocab");
      }
    }
    tokens = new String[size()];
    for (AddedToken token : definition.added()) {
      control.set(token.id(), token.control());
      special.set(token.id(), token.special());
    }
    bytes = new byte[tokens.length][];
    ids.forEach(this::name);
    for (int id = 0; id < tokens.length; id++) {
      bytes[id] = bytes(tokens[id], definition.symbols());
    }
    if (definition.symbols() instanceof Symbols.Bytes) {
      definition.added().forEach(t -> bytes[t.id()] = t.text().getBytes(StandardCharsets.UTF_8));
    }
  }

  private int size() {
    if (ids.isEmpty()) {
      throw malformed("model.vocab", "no tokens", "at least one");
    }
    int last = 0;
    for (Map.Entry<String, Integer> entry : ids.entrySet()) {
      int id = entry.getValue();
      int allowed = 2 * ids.size() + FREE_GAPS;
      if (id < 0 || id >= allowed) {
        throw malformed(
            "the id of \"" + entry.getKey() + "\"",
            Integer.toString(id),
            "0 to " + (allowed - 1) + " for " + ids.size() + " tokens");
      }
      last = Math.max(last, id);
    }
    return last + 1;
  }

  private void name(String token, int id) {
    if (tokens[id] != null) {
      throw malformed(
          "id " + id,
          "two tokens, \"" + tokens[id] + "\" and \"" + token + "\"",
          "one token an id");
    }
    tokens[id] = token;
  }

  private static byte[] bytes(@Nullable String token, Symbols symbols) {
    if (token == null) {
      return new byte[0];
    }
    return switch (symbols) {
      case Symbols.Bytes _ -> spelled(token);
      case Symbols.CodePoints kind -> {
        int fallback = kind.byteFallback() ? byteOf(token) : -1;
        yield fallback >= 0
            ? new byte[] {(byte) fallback}
            : token.replace('▁', ' ').getBytes(StandardCharsets.UTF_8);
      }
    };
  }

  private static byte[] spelled(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      if (!ByteAlphabet.spells(token.charAt(i))) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = ByteAlphabet.value(token.charAt(i));
    }
    return bytes;
  }

  /** The byte that {@code <0xE2>} names, or -1. */
  private static int byteOf(String token) {
    if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
      return -1;
    }
    int high = Character.digit(token.charAt(3), 16);
    int low = Character.digit(token.charAt(4), 16);
    return high < 0 || low < 0 ? -1 : 16 * high + low;
  }

  /** One more than the highest id. */
  int count() {
    return tokens.length;
  }

  int id(String token) {
    return ids.getOrDefault(token, TokenizerDefinition.NONE);
  }

  /** The id of a token that text may become; control tokens are not among them. */
  int textId(String token) {
    int id = id(token);
    return id >= 0 && control.get(id) ? TokenizerDefinition.NONE : id;
  }

  /** The spelling; empty for an id without a token. */
  String token(int id) {
    String token = id >= 0 && id < tokens.length ? tokens[id] : null;
    return token == null ? "" : token;
  }

  /** The bytes it stands for; none for an id without a token. Not to be changed. */
  byte[] bytes(int id) {
    return id >= 0 && id < bytes.length ? bytes[id] : new byte[0];
  }

  boolean control(int id) {
    return id >= 0 && control.get(id);
  }

  boolean special(int id) {
    return id >= 0 && special.get(id);
  }

  MalformedFileException malformed(String field, String found, String allowed) {
    return new MalformedFileException(origin, clipped(field), clipped(found), allowed);
  }

  private static String clipped(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
