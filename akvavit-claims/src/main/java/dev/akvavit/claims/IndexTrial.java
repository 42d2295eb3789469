package dev.akvavit.claims;

import dev.akvavit.Workbench;
import dev.akvavit.Workbench.Chunk;
import dev.akvavit.Workbench.Room;
import dev.akvavit.core.AttentionConfig.SparseLatent;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Limits;
import dev.akvavit.text.Prompt;
import dev.akvavit.text.Tokenizers;
import java.util.Arrays;
import java.util.List;

/**
 * What a trained lightning indexer chooses with FP8 keys and with exact ones, on Java text.
 *
 * @param tokens of the text
 * @param choices compared, over all layers
 * @param firstLayer share of the choices that agree where both runs still see the same states
 * @param allLayers the same over all layers: a choice that differs changes what later layers see
 */
record IndexTrial(int tokens, long choices, double firstLayer, double allLayers) {
  private static final int CHUNK = 256;

  static IndexTrial of(Laboratory lab) {
    return lab.once(IndexTrial.class, IndexTrial::measure);
  }

  private static IndexTrial measure(Laboratory lab) {
    int[] text =
        Tokenizers.open(lab.model(), Limits.DEFAULT)
            .encodeDocument(Prompt.content(SampleText.files()));
    int[] ids = Arrays.copyOf(text, Math.min(text.length, lab.effort().textTokens()));
    Room room = new Room(1, ids.length, CHUNK);
    try (Workbench exact = Workbench.open(lab.model(), IndexPrecision.EXACT, room);
        Workbench rounded = Workbench.open(lab.model(), IndexPrecision.F8, room)) {
      int layers = exact.config().layers().size();
      int top =
          exact.config().layers().getFirst().attention() instanceof SparseLatent s
              ? s.indexer().topK()
              : ids.length; // a dense model has no choice to make
      long[] choices = new long[layers];
      long[] agreed = new long[layers];
      for (int from = 0; from < ids.length; from += CHUNK) {
        int[] part = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + CHUNK));
        List<Chunk> step = List.of(new Chunk(0, part, from, true));
        int[][][] a = exact.selections(step);
        int[][][] b = rounded.selections(step);
        for (int l = 0; l < layers; l++) {
          for (int t = 0; t < a[l].length; t++) {
            if (from + t >= top) {
              choices[l] += a[l][t].length;
              agreed[l] += common(a[l][t], b[l][t]);
            }
          }
        }
      }
      long all = Arrays.stream(choices).sum();
      return new IndexTrial(
          ids.length,
          all,
          agreed[0] / (double) choices[0],
          Arrays.stream(agreed).sum() / (double) all);
    }
  }

  /** Of two ascending lists. */
  static int common(int[] a, int[] b) {
    int found = 0;
    for (int i = 0, j = 0; i < a.length && j < b.length; ) {
      if (a[i] == b[j]) {
        found++;
        i++;
        j++;
      } else if (a[i] < b[j]) {
        i++;
      } else {
        j++;
      }
    }
    return found;
  }
}
