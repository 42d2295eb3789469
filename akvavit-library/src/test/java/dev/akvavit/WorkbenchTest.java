package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.Workbench.Chunk;
import dev.akvavit.Workbench.Room;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.defaultmodel.DefaultModel;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkbenchTest {
  private static final int[] TEXT = IntStream.range(100, 148).toArray();

  @Test
  void aPromptInPiecesAmongOthersSaysTheSame() {
    try (Workbench bench = defaultModel(2)) {
      bench.step(List.of(new Chunk(0, TEXT, 0, true)));
      float[] whole = bench.logits(0);
      int[] head = Arrays.copyOf(TEXT, 40);
      int[] tail = Arrays.copyOfRange(TEXT, 40, 48);
      bench.step(List.of(new Chunk(1, head, 0, true)));
      bench.step(List.of(new Chunk(0, new int[] {7}, 48, false), new Chunk(1, tail, 40, true)));
      assertThat(bench.logits(1)).containsExactly(whole);
      assertThat(bench.expertLoad()[1]).hasSize(16);
    }
  }

  @Test
  void sparseLayersTellWhatTheySelected() {
    try (Workbench bench = defaultModel(1)) {
      int[][][] selected = bench.selections(List.of(new Chunk(0, TEXT, 0, true)));
      assertThat(selected).hasDimensions(10, 48);
      assertThat(selected[3][20]).isEqualTo(IntStream.rangeClosed(0, 20).toArray());
    }
  }

  @Test
  void matricesComeBackFromTheirProducts() {
    try (Workbench bench = defaultModel(1)) {
      float[][] columns = bench.columns("model.layers.0.self_attn.kv_b_proj.weight", 1024, 128);
      assertThat(columns).hasDimensions(128, 1024);
      double spread = 0;
      for (float v : columns[5]) {
        spread += v * v;
      }
      assertThat(spread).isPositive();
    }
  }

  @Test
  void scatteredRowsAreReadByWhatFollows() {
    for (IndexPrecision precision : IndexPrecision.values()) {
      try (Workbench bench =
          Workbench.open(DefaultModel.folder(), precision, new Room(1, 128, 64))) {
        List<Chunk> next = List.of(new Chunk(0, new int[] {9}, 100, false));
        bench.scatter(0, new SplittableRandom(1));
        bench.step(next);
        float[] first = bench.logits(0);
        bench.scatter(0, new SplittableRandom(2));
        bench.step(next);
        assertThat(bench.logits(0)).isNotEqualTo(first).doesNotContain(Float.NaN);
        bench.scatter(0, new SplittableRandom(1));
        bench.step(next);
        assertThat(bench.logits(0)).containsExactly(first);
      }
    }
  }

  @Test
  void aFilledCacheIsReadByWhatFollows() {
    var config = Planning.ofShape("smollm2-135m").model().config();
    try (Workbench bench = Workbench.random(config, DType.BF16, new Room(1, 128, 64))) {
      assertThat(bench.cacheBytes()).isEqualTo(128 * config.kvBytesPerToken(DType.F32));
      List<Chunk> next = List.of(new Chunk(0, new int[] {9}, 100, false));
      bench.step(next);
      float[] empty = bench.logits(0);
      bench.fill(0, new SplittableRandom(1));
      bench.step(next);
      assertThat(bench.logits(0)).isNotEqualTo(empty).doesNotContain(Float.NaN);
    }
  }

  private static Workbench defaultModel(int sequences) {
    return Workbench.open(DefaultModel.folder(), IndexPrecision.EXACT, new Room(sequences, 64, 64));
  }
}
