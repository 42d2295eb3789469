package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Batch;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A second turn over the cached rows of the first, its answer included, against the same turn with
 * nothing cached: the same bits where a model says that generated rows match those of prompts.
 */
class SecondTurnTest {
  private static final int PROMPT = 12;
  private static final int FIRST_TURN = 44;
  private static final int BOTH_TURNS = 47;

  /** Tiny shapes, those that fill tiles, and these with heads enough for one and too few. */
  private static Map<String, ModelConfig> shapes() {
    Map<String, ModelConfig> all = new LinkedHashMap<>(TinyModel.mechanisms());
    TinyModel.inBlocks().forEach((name, config) -> all.put(name + " in blocks", config));
    for (int heads = 1; heads <= 4; heads++) {
      all.put(heads + " heads a key", headsPerKey(heads));
    }
    return all;
  }

  private static ModelConfig headsPerKey(int heads) {
    return TinyModel.model(2, TinyModel.gqa(2 * heads, 2, 32, 0, false, 0), TinyModel.mixture());
  }

  static Stream<Arguments> models() {
    return shapes().entrySet().stream()
        .flatMap(e ->
            Stream.of(DType.F32, DType.BF16).map(t -> Arguments.of(e.getKey(), t, e.getValue())));
  }

  @ParameterizedTest(name = "{0}, cache in {1}")
  @MethodSource("models")
  void warmAsCold(String name, DType cache, ModelConfig config) {
    for (ActivationPrecision activations : ActivationPrecision.values()) {
      try (Backend backend = open(activations);
          TinyModel model = new TinyModel(config, backend, cache, Schedules.PAGES, 7)) {
        if (model.decoder.generatedRowsMatchPrompt()) {
          assertThat(secondTurn(model, true))
              .as("%s, cache in %s, activations %s", name, cache, activations)
              .isDeepEqualTo(secondTurn(model, false));
        }
      }
    }
  }

  /** And it says so wherever it is true, of attention with keys of its own. */
  @ParameterizedTest
  @EnumSource
  void nothingIsKeptApartInVain(ActivationPrecision activations) {
    for (int heads = 1; heads <= 4; heads++) {
      try (Backend backend = open(activations);
          TinyModel model =
              new TinyModel(headsPerKey(heads), backend, DType.BF16, Schedules.PAGES, 7)) {
        assertThat(model.decoder.generatedRowsMatchPrompt())
            .as("%d heads a key", heads)
            .isEqualTo(Arrays.deepEquals(secondTurn(model, true), secondTurn(model, false)));
      }
    }
  }

  private static Backend open(ActivationPrecision activations) {
    return ServiceLoader.load(Backend.Provider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(p -> p.name().equals("cpu"))
        .findFirst()
        .orElseThrow()
        .open(new Backend.Settings(1, true, activations));
  }

  /**
   * Logits of the second turn's tokens.
   *
   * @param warm whether the first was a turn, not part of the prompt
   */
  private static float[][] secondTurn(TinyModel model, boolean warm) {
    int[] ids = TinyModel.randomIds(BOTH_TURNS, new Random(11));
    int[] pages = new int[Schedules.PAGES];
    Arrays.setAll(pages, i -> i);
    int cached = warm ? PROMPT : FIRST_TURN;
    step(model, ids, 0, cached, pages, true);
    for (; cached < FIRST_TURN; cached++) {
      step(model, ids, cached, 1, pages, false);
    }
    return step(model, ids, cached, BOTH_TURNS - cached, pages, true);
  }

  private static float[][] step(
      TinyModel model, int[] ids, int cached, int count, int[] pages, boolean prompt) {
    model.batch.clear();
    model.add(ids, cached, count, pages, prompt, Batch.Logits.ALL);
    return model.run().toArray(float[][]::new);
  }
}
