package dev.akvavit.text.constraint;

import dev.akvavit.core.TokenConstraint;
import dev.akvavit.text.Tokenizer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Makes a model write JSON of a schema, by masks over its vocabulary. One for each model, shared by
 * all its requests and threads.
 *
 * <p>Schemas and masks are kept, the least recently used ones go when their bytes are too many. A
 * token is allowed if its bytes continue some text that satisfies the schema; end tokens are
 * allowed when the value is complete, and nothing else is when it cannot go on. A generation that
 * ends by its token limit may stop in mid-value.
 */
public final class StructuredOutput {
  public static final long DEFAULT_BYTES = 64L << 20;

  private final Tokenizer tokenizer;
  private final TokenTrie trie;
  private final long mostBytes;
  private final Map<String, Masks> kept = new LinkedHashMap<>(16, 0.75f, true);

  private StructuredOutput(Tokenizer tokenizer, long mostBytes) {
    this.tokenizer = tokenizer;
    this.mostBytes = mostBytes;
    trie = new TokenTrie(tokenizer);
  }

  /** For a vocabulary; takes some tenths of a second for 128,000 tokens. */
  public static StructuredOutput of(Tokenizer tokenizer) {
    return of(tokenizer, DEFAULT_BYTES);
  }

  /**
   * The same with a bound of its own.
   *
   * @param mostBytes heap for schemas and masks that are kept, estimated
   */
  public static StructuredOutput of(Tokenizer tokenizer, long mostBytes) {
    return new StructuredOutput(tokenizer, mostBytes);
  }

  /**
   * A schema by its JSON text, compiled on the caller's thread unless it is kept.
   *
   * @throws SchemaException if it is malformed, asks for what is not enforced, costs too much or
   *     allows nothing
   */
  public JsonSchema schema(String json) {
    synchronized (kept) {
      Masks masks = kept.get(json);
      if (masks != null) {
        return masks.schema();
      }
    }
    JsonSchema schema = JsonSchema.compile(json);
    masks(schema);
    return schema;
  }

  /**
   * A constraint for one request: a value of the schema from the first token on.
   *
   * @param endTokens that end the answer; one at least, for else a complete value has no way on
   */
  public TokenConstraint constraint(JsonSchema schema, Set<Integer> endTokens) {
    return new JsonConstraint(masks(schema), tokenizer, ends(endTokens));
  }

  /**
   * A constraint for a model that thinks first: anything but an end up to {@code token} (the id of
   * {@code </think>}), a value of the schema behind it.
   */
  public TokenConstraint constraintAfter(int token, JsonSchema schema, Set<Integer> endTokens) {
    return new AfterToken(token, ends(endTokens), constraint(schema, endTokens));
  }

  /** Estimated heap of all that is kept. */
  public long bytes() {
    synchronized (kept) {
      return kept.values().stream().mapToLong(Masks::bytes).sum();
    }
  }

  private static int[] ends(Set<Integer> endTokens) {
    if (endTokens.isEmpty()) {
      throw new IllegalArgumentException(
          "endTokens: found none, allowed: one or more; a complete value must be able to end");
    }
    return endTokens.stream().mapToInt(id -> id).sorted().toArray();
  }

  private Masks masks(JsonSchema schema) {
    synchronized (kept) {
      Masks masks = kept.get(schema.source());
      if (masks == null) {
        masks = new Masks(schema, trie, mostBytes / 2);
        kept.put(schema.source(), masks);
      }
      long bytes = kept.values().stream().mapToLong(Masks::bytes).sum();
      Iterator<Masks> oldest = kept.values().iterator();
      while (bytes > mostBytes && kept.size() > 1) {
        bytes -= oldest.next().bytes();
        oldest.remove();
      }
      return masks;
    }
  }
}
