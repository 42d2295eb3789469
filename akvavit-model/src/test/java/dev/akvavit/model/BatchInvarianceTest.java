package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.testkit.BackendUnderTest;
import dev.akvavit.testkit.BatchDependentSum;
import dev.akvavit.testkit.ScalarBackend;
import dev.akvavit.testkit.WrappedBackend;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A sequence gets the same bits whatever shares its steps: other sequences, any cut of its prompt,
 * any pages, any number of threads, any order in the batch. Seeds are in the message; {@code
 * -Dakvavit.schedules=500000} runs longer.
 */
class BatchInvarianceTest {
  /** All mechanisms and backends together. */
  private static final int SCHEDULES = Integer.getInteger("akvavit.schedules", 10_000);

  private static final int SCALAR_SCHEDULES = 12;

  static Stream<Arguments> mechanisms() {
    return BackendUnderTest.all().stream()
        .flatMap(b ->
            TinyModel.mechanisms().entrySet().stream()
                .map(e -> Arguments.of(b, e.getKey(), e.getValue())));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("mechanisms")
  void togetherAsAlone(BackendUnderTest backend, String name, ModelConfig config) {
    int schedules =
        backend.scalar()
            ? SCALAR_SCHEDULES
            : Math.ceilDiv(SCHEDULES, TinyModel.mechanisms().size());
    try (Backend one = backend.open(1);
        Backend two = backend.open(2);
        TinyModel alone = new TinyModel(config, one, DType.F32, Schedules.PAGES, 7);
        TinyModel together = new TinyModel(config, two, DType.F32, Schedules.PAGES, 7)) {
      Schedules random = new Schedules(together, alone, 8);
      for (int i = 0; i < schedules; i++) {
        assertThat(random.run(i)).as("%s on %s", name, backend).isNull();
      }
      assertThat(random.rows()).isGreaterThan(10 * schedules);
    }
  }

  /** Rounding on the way into the cache changes nothing either. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("mechanisms")
  void narrowCache(BackendUnderTest backend, String name, ModelConfig config) {
    int schedules =
        backend.scalar()
            ? SCALAR_SCHEDULES / 4
            : Math.ceilDiv(SCHEDULES, 10 * TinyModel.mechanisms().size());
    try (Backend b = backend.open(1);
        TinyModel alone = new TinyModel(config, b, DType.BF16, Schedules.PAGES, 9);
        TinyModel together = new TinyModel(config, b, DType.BF16, Schedules.PAGES, 9)) {
      Schedules random = new Schedules(together, alone, 10);
      for (int i = 0; i < schedules; i++) {
        assertThat(random.run(i)).as("%s on %s, cache in bf16", name, backend).isNull();
      }
    }
  }

  /** The inverse: a sum that follows the size of the batch is caught, in every mechanism. */
  @Test
  void aSplitThatFollowsTheBatchIsCaught() {
    for (Map.Entry<String, ModelConfig> e : TinyModel.mechanisms().entrySet()) {
      Backend b = new WrappedBackend(new ScalarBackend(), BatchDependentSum::new);
      try (TinyModel alone = new TinyModel(e.getValue(), b, DType.F32, Schedules.PAGES, 7);
          TinyModel together = new TinyModel(e.getValue(), b, DType.F32, Schedules.PAGES, 7)) {
        Schedules random = new Schedules(together, alone, 8);
        int caught = 0;
        while (caught < 100 && random.run(caught) == null) {
          caught++;
        }
        assertThat(caught).as("schedules of %s before it shows", e.getKey()).isLessThan(100);
      }
    }
  }

  @Test
  void everyMechanismIsHere() {
    assertThat(
            TinyModel.mechanisms().values().stream()
                .map(c -> c.layers().getLast().attention().mechanism())
                .toList())
        .containsAll(
            List.of(
                "MHA",
                "MQA",
                "GQA-2",
                "GQA-2 window 5",
                "MLA",
                "MLA + DSA top 5",
                "MLA + DSA top 5 (shared)"));
  }
}
