package dev.akvavit.engine;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Model;

/**
 * A model whose logits are a hash of every token it can reach through the pages, so that one stale, missing or foreign
 * row changes what it says. Its cache keeps, for each slot, the token and the position that were written.
 */
final class HashModel implements Model {
  static final int VOCABULARY = 64;

  private final long[] rows; // [slots]
  private final boolean generatedRowsMatchPrompt;
  private final long[] digests; // [logits] of the last step
  long steps;

  HashModel(EngineLimits limits, boolean generatedRowsMatchPrompt) {
    rows = new long[limits.pages() * limits.pageSize()];
    digests = new long[limits.maxTokensPerStep()];
    this.generatedRowsMatchPrompt = generatedRowsMatchPrompt;
  }

  @Override
  public void forward(Batch batch) {
    steps++;
    for (int t = 0; t < batch.tokens(); t++) {
      boolean prompt = t >= batch.generated();
      rows[batch.slots[t]] = row(batch.tokenIds[t], batch.positions[t], prompt || generatedRowsMatchPrompt);
    }
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

  static long row(int token, int position, boolean asPrompt) {
    return ((long) position << 32 | token) * 2 + (asPrompt ? 1 : 0);
  }

  static long next(long digest, long row) {
    long x = (digest ^ row) * 0x9E3779B97F4A7C15L;
    return x ^ x >>> 29;
  }

  static void fill(long digest, float[] out) {
    long x = digest;
    for (int i = 0; i < VOCABULARY; i++) {
      x = x * 6364136223846793005L + 1442695040888963407L;
      out[i] = (x >>> 40) * 0x1p-21f; // 0..8
    }
  }
}
