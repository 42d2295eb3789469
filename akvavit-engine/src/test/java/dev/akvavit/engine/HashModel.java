package dev.akvavit.engine;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;

/**
 * A model whose logits are a hash of every row it can reach through the pages, so that one stale,
 * missing or foreign row changes what it says. Its cache keeps for each slot what was written:
 * token, position, kind and owner.
 */
class HashModel implements Model {
  static final int VOCABULARY = 32;

  /** A row that went wrong, and a digest over one: its logits are not numbers. */
  static final long NOT_A_NUMBER = Long.MIN_VALUE;

  final long[] rows; // [slots]
  private final boolean generatedRowsMatchPrompt;
  private final long[] digests; // [logits] of the last step

  HashModel(EngineLimits limits, boolean generatedRowsMatchPrompt) {
    rows = new long[limits.pages() * limits.pageSize()];
    digests = new long[limits.maxTokensPerStep()];
    this.generatedRowsMatchPrompt = generatedRowsMatchPrompt;
  }

  /** Whose tokens these are: part of every row. */
  long owner(int sequence) {
    return 0;
  }

  @Override
  public void forward(Batch batch) {
    store(batch);
    digest(batch);
  }

  final void store(Batch batch) {
    for (int t = 0; t < batch.tokens(); t++) {
      boolean generated = t < batch.generated();
      rows[batch.slots[t]] =
          row(batch.tokenIds[t], batch.positions[t], generated, owner(batch.sequenceOf[t]));
    }
  }

  final void digest(Batch batch) {
    for (int s = 0; s < batch.sequences(); s++) {
      if (batch.lastLogit[s] >= 0) {
        long digest = 0;
        for (int p = 0; p < batch.contextLength[s]; p++) {
          digest = next(digest, rows[batch.slot(s, p)]);
        }
        digests[batch.lastLogit[s]] = digest;
      }
    }
  }

  @Override
  public void logits(int row, float[] out) {
    fill(digests[row], out);
  }

  @Override
  public int vocabulary() {
    return VOCABULARY;
  }

  @Override
  public boolean generatedRowsMatchPrompt() {
    return generatedRowsMatchPrompt;
  }

  /**
   * What a token leaves in the cache; when the model computes prompts in another form, its kind
   * shows.
   */
  final long row(int token, int position, boolean generated, long owner) {
    boolean differs = generated && !generatedRowsMatchPrompt;
    return (owner << 40 ^ (long) position << 8 ^ token) * 2 + (differs ? 1 : 0);
  }

  static long next(long digest, long row) {
    if (digest == NOT_A_NUMBER || row == NOT_A_NUMBER) {
      return NOT_A_NUMBER;
    }
    long x = (digest ^ row) * 0x9E3779B97F4A7C15L;
    return x ^ x >>> 29;
  }

  /** Logits of a digest, in 0..8. */
  static void fill(long digest, float[] out) {
    long x = digest;
    for (int i = 0; i < VOCABULARY; i++) {
      x = x * 6364136223846793005L + 1442695040888963407L;
      out[i] = digest == NOT_A_NUMBER ? Float.NaN : (x >>> 40) * 0x1p-21f;
    }
  }
}
