package dev.akvavit.model;

import static dev.akvavit.model.GoldenModel.relativeError;
import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Backend;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.model.GoldenModel.Chunk;
import dev.akvavit.model.GoldenModel.Golden;
import dev.akvavit.model.GoldenModel.Sequence;
import dev.akvavit.testkit.BackendUnderTest;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The reference checkpoints, reproduced on every backend: logits, hidden states, greedy tokens and
 * DSA selections of transformers, from both config layouts, however the tokens arrive.
 */
class GoldenTest {
  /**
   * What the reference allows: its own float32 sums differ by about as much between two machines.
   */
  static final double TOLERANCE = 2e-4;

  static Stream<Arguments> checkpoints() {
    return BackendUnderTest.all().stream()
        .flatMap(b ->
            GoldenModel.NAMES.stream()
                .flatMap(n ->
                    Stream.of("config.json", "config.hub.json").map(c -> Arguments.of(b, n, c))));
  }

  static Stream<Arguments> chunks() {
    return BackendUnderTest.all().stream()
        .flatMap(b -> GoldenModel.NAMES.stream().map(n -> Arguments.of(b, n)));
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void wholePrefill(BackendUnderTest backend, String name, String config) {
    try (Backend b = backend.open(0);
        GoldenModel model =
            new GoldenModel(GoldenModel.folder(name), config, b, IndexPrecision.EXACT, 1)) {
      compare(model, name, () -> 80, true);
    }
  }

  /**
   * Odd cuts cross pages, tiles and windows everywhere. The oracle is slow and has no tiles: it
   * takes fewer.
   */
  @ParameterizedTest
  @MethodSource("chunks")
  void chunkedPrefill(BackendUnderTest backend, String name) {
    try (Backend b = backend.open(0);
        GoldenModel model =
            new GoldenModel(GoldenModel.folder(name), "config.json", b, IndexPrecision.EXACT, 2)) {
      for (int size : backend.scalar() ? new int[] {7} : new int[] {1, 3, 7, 17, 33}) {
        compare(model, name, () -> size, true);
      }
      Random random = new Random(3);
      compare(model, name, () -> 1 + random.nextInt(20), true);
    }
  }

  /** MLA in its absorbed form from the first token on. */
  @ParameterizedTest
  @MethodSource("chunks")
  void asGeneratedTokens(BackendUnderTest backend, String name) {
    try (Backend b = backend.open(0);
        GoldenModel model =
            new GoldenModel(
                GoldenModel.folder(name), "config.hub.json", b, IndexPrecision.EXACT, 4)) {
      compare(model, name, () -> 1, false);
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void greedyTokens(BackendUnderTest backend, String name, String config) {
    try (Backend b = backend.open(0);
        GoldenModel model =
            new GoldenModel(GoldenModel.folder(name), config, b, IndexPrecision.EXACT, 5);
        Golden golden = new Golden(GoldenModel.folder(name))) {
      int[] prompt = golden.ints("prompt_ids");
      int[] expected = golden.ints("greedy_ids");
      Sequence s = model.greedy(prompt, expected.length - prompt.length);
      assertThat(s.ids).isEqualTo(expected);
      float[][] logits = golden.rows("greedy_logits");
      for (int i = 0; i < logits.length; i++) {
        assertThat(relativeError(s.logits.get(prompt.length - 1 + i), logits[i]))
            .as("logits of generated token %d", i)
            .isLessThan(TOLERANCE);
      }
    }
  }

  private static void compare(GoldenModel model, String name, IntSupplier chunk, boolean prompt) {
    compare(model, name, chunk, prompt, Integer.MAX_VALUE);
  }

  /**
   * Feeds the golden prompt in chunks and compares all that the reference recorded of its first
   * {@code most} tokens.
   */
  static void compare(GoldenModel model, String name, IntSupplier chunk, boolean prompt, int most) {
    try (Golden golden = new Golden(GoldenModel.folder(name))) {
      int[] ids = golden.ints("input_ids");
      Sequence s = new Sequence(Arrays.copyOf(ids, Math.min(ids.length, most)));
      while (s.cached < s.ids.length) {
        model.step(
            List.of(new Chunk(s, Math.min(chunk.getAsInt(), s.ids.length - s.cached), prompt)));
      }
      model.release(s);
      compareSelections(model, golden, s, ids.length);
      for (int layer = 0; layer <= model.config.layers().size(); layer++) {
        float[][] expected = golden.rows("hidden." + layer);
        for (int t = 0; t < s.ids.length; t++) {
          assertThat(relativeError(s.hidden.get(layer).get(t), expected[t]))
              .as("hidden %d, position %d", layer, t)
              .isLessThan(TOLERANCE);
        }
      }
      float[][] expected = golden.rows("logits");
      for (int t = 0; t < s.ids.length; t++) {
        assertThat(relativeError(s.logits.get(t), expected[t]))
            .as("logits of position %d", t)
            .isLessThan(TOLERANCE);
      }
    }
  }

  private static void compareSelections(
      GoldenModel model, Golden golden, Sequence s, int recorded) {
    for (int layer = 0; layer < model.config.layers().size(); layer++) {
      if (golden.has(Golden.selection(layer))) {
        for (int t = 0; t < s.ids.length; t++) {
          assertThat(s.selected.get(layer).get(t))
              .as("layer %d, position %d", layer, t)
              .isEqualTo(golden.selected(layer, t, recorded));
        }
      }
    }
  }
}
