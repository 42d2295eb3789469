package dev.akvavit.text.constraint;

/**
 * One schema over one vocabulary: the masks of tokens, made when first asked for and shared by all
 * requests. For threads.
 */
final class Masks {
  /** Readings a mask may follow; ordinary schemas take a few thousand. */
  private static final long MOST_WORK = 8_000_000;

  private final JsonSchema schema;
  private final TokenTrie trie;
  private final Frontiers frontiers;

  /**
   * @param mostBytes heap to remember steps and masks in
   */
  Masks(JsonSchema schema, TokenTrie trie, long mostBytes) {
    this.schema = schema;
    this.trie = trie;
    frontiers = new Frontiers(schema.automaton(), trie.longest(), mostBytes);
  }

  JsonSchema schema() {
    return schema;
  }

  synchronized long bytes() {
    return schema.automaton().heapBytes() + 2L * schema.source().length() + frontiers.bytes();
  }

  synchronized Frontier start() {
    return frontiers.start();
  }

  /** Not to be changed. */
  synchronized long[] mask(Frontier at) {
    Frontier nearby = frontiers.nearby(at);
    long[] mask = nearby.mask;
    if (mask == null) {
      mask = trie.mask(frontiers, nearby, MOST_WORK);
      if (frontiers.full()) {
        frontiers.forget();
      } else {
        nearby.mask = mask;
        frontiers.hold((long) mask.length * Long.BYTES);
      }
    }
    return mask;
  }

  synchronized Frontier step(Frontier at, byte[] bytes) {
    Frontier reached = at;
    for (byte write : bytes) {
      reached = frontiers.step(reached, write & 0xFF);
    }
    return reached;
  }
}
