package dev.akvavit.cpu;

import dev.akvavit.core.Batch;
import org.jspecify.annotations.Nullable;

/** Cache rows of many positions at once: a division a page instead of two a position. */
final class Slots {
  private Slots() {}

  /**
   * {@code out[j] = } the cache row at place {@code first + j} of what a token sees, for {@code
   * from <= j < to}.
   *
   * @param only the places' positions, null for places that are positions
   */
  static void seen(
      Batch batch, int token, @Nullable CpuSelection only, int first, int from, int to, int[] out) {
    int sequence = batch.sequenceOf[token];
    if (only == null) {
      of(batch, sequence, first, from, to, out);
    } else {
      int list = token * only.limit() + first;
      listed(batch, sequence, only.positions, list, from, to, out);
    }
  }

  /** {@code out[j] = } the row of position {@code first + j}, for {@code from <= j < to}. */
  static void of(Batch batch, int sequence, int first, int from, int to, int[] out) {
    int size = batch.pageSize;
    int[] pages = batch.pages[sequence];
    int page = (first + from) / size;
    for (int j = from; j < to; page++) {
      int shift = (pages[page] - page) * size + first;
      int end = Math.min(to, (page + 1) * size - first);
      for (; j < end; j++) {
        out[j] = shift + j;
      }
    }
  }

  /** The same for places of a list of positions that begins at {@code positions[at]}. */
  private static void listed(
      Batch batch, int sequence, int[] positions, int at, int from, int to, int[] out) {
    int size = batch.pageSize;
    int[] pages = batch.pages[sequence];
    if (Integer.bitCount(size) == 1) {
      int bits = Integer.numberOfTrailingZeros(size);
      for (int j = from; j < to; j++) {
        int position = positions[at + j];
        out[j] = (pages[position >> bits] << bits) + (position & size - 1);
      }
      return;
    }
    for (int j = from; j < to; j++) {
      out[j] = batch.slot(sequence, positions[at + j]);
    }
  }
}
