package dev.akvavit.testkit;

import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import java.util.SplittableRandom;

/**
 * A ragged step over scattered pages: sequences with nothing, one row, a page less one, a page, a
 * page and one, or more in the cache. Unused slots of its planes hold NaN.
 */
final class HostBatch {
  private static final int FEW = 40;

  final Batch batch;
  final int slots;
  private final int[][] pageTables;
  private final int pageSize;

  private HostBatch(Batch batch, int slots, int[][] pageTables, int pageSize) {
    this.batch = batch;
    this.slots = slots;
    this.pageTables = pageTables;
    this.pageSize = pageSize;
  }

  /**
   * @param vocabulary ids are below it
   * @param longest most rows a sequence may have in the cache
   */
  static HostBatch random(SplittableRandom random, int vocabulary, int longest) {
    return random(random, vocabulary, longest, true);
  }

  /**
   * @param prompt whether the new tokens belong to prompts
   */
  static HostBatch random(SplittableRandom random, int vocabulary, int longest, boolean prompt) {
    return random(random, vocabulary, longest, prompt, FEW);
  }

  /**
   * @param most new rows of a sequence; if that is many, the first has any number of them
   */
  static HostBatch random(
      SplittableRandom random, int vocabulary, int longest, boolean prompt, int most) {
    int[] pageSizes = {1, 3, 4, 16, 64};
    int pageSize = pageSizes[random.nextInt(pageSizes.length)];
    int sequences = 1 + random.nextInt(4);
    int[] cached = new int[sequences];
    int[] fresh = new int[sequences];
    int tokens = 0;
    int pages = 0;
    for (int s = 0; s < sequences; s++) {
      int[] lengths = {
        0, 1, pageSize - 1, pageSize, pageSize + 1, random.nextInt(longest), longest
      };
      int[] counts = {1, 1, 1, 0, 2, 5, 17, 1 + random.nextInt(most)};
      cached[s] = Math.min(longest, lengths[random.nextInt(lengths.length)]);
      fresh[s] =
          s == 0
              ? Math.max(1, counts[most > FEW ? 7 : random.nextInt(counts.length)])
              : counts[random.nextInt(counts.length)];
      tokens += fresh[s];
      pages += Math.ceilDiv(cached[s] + fresh[s], pageSize);
    }
    int pool = pages + 3;
    int[] order = shuffled(random, pool);
    Batch batch = new Batch(tokens, sequences, pages, pageSize);
    int[][] tables = new int[sequences][];
    for (int s = 0, next = 0; s < sequences; s++) {
      int length = cached[s] + fresh[s];
      tables[s] = new int[Math.ceilDiv(length, pageSize)];
      for (int p = 0; p < tables[s].length; p++) {
        tables[s][p] = order[next++];
      }
      int[] ids = random.ints(length + 1, 0, vocabulary).toArray();
      Batch.Logits[] wanted = Batch.Logits.values();
      Batch.Logits logits = s == 0 ? Batch.Logits.LAST : wanted[random.nextInt(wanted.length)];
      batch.add(
          ids,
          cached[s],
          fresh[s],
          cached[s],
          tables[s],
          prompt,
          fresh[s] == 0 ? Batch.Logits.NONE : logits);
    }
    return new HostBatch(batch, pool * pageSize, tables, pageSize);
  }

  private static int[] shuffled(SplittableRandom random, int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** A cache plane whose live slots hold values in {@code -largest .. largest}. */
  HostTensor plane(SplittableRandom random, DType dtype, int heads, int dim, double largest) {
    int gap = random.nextInt(3) * dtype.blockElements();
    HostTensor plane = new HostTensor(dtype, slots, heads, dim, 0, gap, 0);
    for (int s = 0; s < pageTables.length; s++) {
      for (int p = 0; p < batch.contextLength[s]; p++) {
        plane.fillRow(random, pageTables[s][p / pageSize] * pageSize + p % pageSize, largest);
      }
    }
    return plane;
  }

  int longestContext() {
    int longest = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      longest = Math.max(longest, batch.contextLength[s]);
    }
    return longest;
  }
}
