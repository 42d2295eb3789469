package dev.akvavit.model;

import static dev.akvavit.model.GoldenModel.relativeError;
import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Backend;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.model.GoldenModel.Chunk;
import dev.akvavit.model.GoldenModel.Golden;
import dev.akvavit.model.GoldenModel.Sequence;
import dev.akvavit.testkit.ScalarBackend;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference checkpoints, reproduced: logits, hidden states, greedy tokens and DSA selections of transformers. */
class GoldenTest {
  /** What the reference allows: its own float32 sums differ by about as much between two machines. */
  private static final double TOLERANCE = 2e-4;

  static Stream<Arguments> checkpoints() {
    return GoldenModel.NAMES.stream()
        .flatMap(n -> Stream.of("config.json", "config.hub.json").map(c -> Arguments.of(n, c)));
  }

  private static Backend backend() {
    return new ScalarBackend();
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void wholePrefill(String name, String config) {
    compare(name, config, 80, true);
  }

  private static void compare(String name, String config, int chunk, boolean prompt) {
    try (GoldenModel model = new GoldenModel(GoldenModel.folder(name), config, backend(), IndexPrecision.EXACT, 1);
        Golden golden = new Golden(GoldenModel.folder(name))) {
      Sequence s = new Sequence(golden.ints("input_ids"));
      while (s.cached < s.ids.length) {
        model.step(List.of(new Chunk(s, Math.min(chunk, s.ids.length - s.cached), prompt)));
      }
      for (int layer = 0; layer <= model.config.layers().size(); layer++) {
        float[][] expected = golden.rows("hidden." + layer);
        for (int t = 0; t < expected.length; t++) {
          assertThat(relativeError(s.hidden.get(layer).get(t), expected[t])).as("hidden %d, position %d", layer, t).isLessThan(TOLERANCE);
        }
      }
      float[][] expected = golden.rows("logits");
      for (int t = 0; t < expected.length; t++) {
        assertThat(relativeError(s.logits.get(t), expected[t])).as("logits of position %d", t).isLessThan(TOLERANCE);
      }
      for (int layer = 0; layer < model.config.layers().size(); layer++) {
        String selection = "topk.model.layers." + layer + ".self_attn.indexer";
        if (golden.has(selection)) {
          int[] flat = golden.ints(selection);
          int width = flat.length / s.ids.length;
          for (int t = 0; t < s.ids.length; t++) {
            int last = t;
            int[] positions = Arrays.stream(flat, t * width, (t + 1) * width).filter(p -> p >= 0 && p <= last).sorted().toArray();
            assertThat(s.selected.get(layer).get(t)).as("layer %d, position %d", layer, t).isEqualTo(positions);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void greedyTokens(String name, String config) {
    try (GoldenModel model = new GoldenModel(GoldenModel.folder(name), config, backend(), IndexPrecision.EXACT, 2);
        Golden golden = new Golden(GoldenModel.folder(name))) {
      int[] prompt = golden.ints("prompt_ids");
      int[] expected = golden.ints("greedy_ids");
      Sequence s = model.greedy(prompt, expected.length - prompt.length);
      assertThat(s.ids).isEqualTo(expected);
      float[][] logits = golden.rows("greedy_logits");
      for (int i = 0; i < logits.length; i++) {
        assertThat(relativeError(s.logits.get(prompt.length - 1 + i), logits[i])).as("logits of generated token %d", i).isLessThan(TOLERANCE);
      }
    }
  }
}
