package dev.akvavit.cpu;

import dev.akvavit.core.Extent;
import dev.akvavit.core.Selection;
import java.util.Arrays;

/**
 * Chosen positions, ascending; a row belongs to a token of the batch, whatever range of tokens is
 * at work.
 */
final class CpuSelection implements Selection {
  final Extent tokens;
  final int[] positions; // [capacity, limit]
  final int[] counts; // [capacity]
  private final int limit;

  CpuSelection(Extent tokens, int limit) {
    this.tokens = tokens;
    this.limit = limit;
    positions = new int[Math.multiplyExact(tokens.capacity(), limit)];
    counts = new int[tokens.capacity()];
  }

  @Override
  public int limit() {
    return limit;
  }

  @Override
  public int[] positions(int token) {
    return Arrays.copyOfRange(positions, token * limit, token * limit + counts[token]);
  }
}
