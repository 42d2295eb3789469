package dev.akvavit.core;

/**
 * One step's work: a ragged batch of sequences flattened to tokens. Prefill chunks and decodes are
 * the same thing, sequences with one or more new tokens. Arrays are sized once and reused; only the
 * counts change.
 *
 * <p>Sequences whose new tokens were generated come first, prompt tokens after them, so that a
 * mechanism which computes prompts in another form (expanded MLA) sees two plain row ranges. A
 * chunk never holds both kinds.
 */
public final class Batch {
  /** Whose logits a chunk wants. */
  public enum Logits {
    NONE,
    LAST,
    ALL
  }

  public final int[] tokenIds; // [tokens]
  public final int[] positions; // [tokens]
  public final int[] slots; // [tokens] row of the cache each token writes
  public final int[] sequenceOf; // [tokens]
  public final int[]
      queryStart; // [sequences + 1] first token of each sequence; the last entry closes
  public final int[] contextLength; // [sequences] tokens in the cache after this step
  public final int[] logitToken; // [logits] token whose logits are wanted
  public final int[]
      lastLogit; // [sequences] row of the sequence's last logits, -1 when none are wanted
  public final int[][] pages; // [sequences][] page ids, in order
  public final int pageSize; // tokens a page
  private int tokens;
  private int sequences;
  private int logits;
  private int generated;

  public Batch(int maxTokens, int maxSequences, int maxPages, int pageSize) {
    tokenIds = new int[maxTokens];
    positions = new int[maxTokens];
    slots = new int[maxTokens];
    sequenceOf = new int[maxTokens];
    queryStart = new int[maxSequences + 1];
    contextLength = new int[maxSequences];
    logitToken = new int[maxTokens];
    lastLogit = new int[maxSequences];
    pages = new int[maxSequences][maxPages];
    this.pageSize = pageSize;
  }

  public int tokens() {
    return tokens;
  }

  public int sequences() {
    return sequences;
  }

  /** Rows of logits this step yields. */
  public int logits() {
    return logits;
  }

  /** Tokens {@code 0 .. generated()} were generated, the others belong to prompts. */
  public int generated() {
    return generated;
  }

  public void clear() {
    tokens = 0;
    sequences = 0;
    logits = 0;
    generated = 0;
  }

  /**
   * Appends the next {@code count} tokens of a sequence that already has {@code cached} tokens in
   * {@code pageTable}.
   *
   * @param ids the sequence's tokens; those at {@code from .. from + count} are appended
   * @param prompt whether these are prompt tokens; no generated chunk may follow a prompt chunk
   * @throws IllegalArgumentException when that order is broken
   */
  public void add(
      int[] ids, int from, int count, int cached, int[] pageTable, boolean prompt, Logits wanted) {
    if (!prompt && generated < tokens) {
      throw new IllegalArgumentException("a generated chunk after a prompt chunk");
    }
    int s = sequences++;
    queryStart[s] = tokens;
    for (int i = 0; i < count; i++, tokens++) {
      int position = cached + i;
      tokenIds[tokens] = ids[from + i];
      positions[tokens] = position;
      sequenceOf[tokens] = s;
      slots[tokens] = pageTable[position / pageSize] * pageSize + position % pageSize;
      if (wanted == Logits.ALL || wanted == Logits.LAST && i == count - 1) {
        logitToken[logits++] = tokens;
      }
    }
    if (!prompt) {
      generated = tokens;
    }
    queryStart[s + 1] = tokens;
    contextLength[s] = cached + count;
    lastLogit[s] = wanted == Logits.NONE ? -1 : logits - 1;
    System.arraycopy(pageTable, 0, pages[s], 0, Math.ceilDiv(cached + count, pageSize));
  }

  /** Cache row of a position of a sequence. */
  public int slot(int sequence, int position) {
    return pages[sequence][position / pageSize] * pageSize + position % pageSize;
  }
}
