package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Batch;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Tensor;
import dev.akvavit.testkit.ScalarBackend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  private static final int[] TEXT = IntStream.range(40, 60).toArray();

  @Test
  void itEndsBetweenLayersAndCountsNoExpert() {
    Path folder = GoldenModel.folder("deepseek-v3.2");
    try (ScalarBackend backend = new ScalarBackend();
        GoldenModel golden =
            new GoldenModel(folder, "config.json", backend, IndexPrecision.EXACT, 1)) {
      Decoder decoder = golden.decoder;
      List<Integer> layers = new ArrayList<>();
      decoder.observe(
          new Observer() {
            @Override
            public void hidden(int layer, Tensor x, Batch batch) {
              layers.add(layer);
            }
          });
      Batch batch = new Batch(TEXT.length, 1, 2, 16);
      batch.add(TEXT, 0, TEXT.length, 0, new int[] {0, 1}, true, Batch.Logits.LAST);
      AtomicInteger asked = new AtomicInteger();
      decoder.rehearse(batch, () -> asked.getAndIncrement() < 2);
      assertThat(layers).containsExactly(0, 1);
      decoder.rehearse(batch, () -> true);
      assertThat(layers).hasSize(2 + golden.config.layers().size());
      assertThat(served(decoder)).isZero();
      decoder.forward(batch);
      assertThat(served(decoder)).isPositive();
    }
  }

  private static long served(Decoder decoder) {
    return Arrays.stream(decoder.expertLoad()).flatMapToLong(Arrays::stream).sum();
  }
}
