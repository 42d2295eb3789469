package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.DType;
import dev.akvavit.core.QuantBlocks;
import dev.akvavit.core.Sampling;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;
import dev.akvavit.engine.LogProbs;
import dev.akvavit.engine.Request;
import dev.akvavit.engine.TokenSink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RandomModelTest {
  @ParameterizedTest
  @ValueSource(strings = {"f8_e4m3", "q8_0", "q4_K", "q6_k", "mxfp4"})
  void generates(String type) {
    try (RandomModel model =
        RandomModel.open("smollm2-135m:" + type, ModelOptions.DEFAULT.withContext(64))) {
      CompletableFuture<FinishReason> end = new CompletableFuture<>();
      model
          .engine()
          .submit(
              new Request(new int[] {1, 2, 3}, 4, new int[0], Sampling.GREEDY),
              new TokenSink() {
                @Override
                public boolean token(int id, LogProbs logProbs) {
                  return true;
                }

                @Override
                public void finished(FinishReason reason, String detail, GenerationStats stats) {
                  end.complete(reason);
                }
              });
      assertThat(end.join()).isEqualTo(FinishReason.LENGTH);
      assertThat(model.summary().parameters().total()).isBetween(134_000_000L, 135_000_000L);
      double bits = 8.0 * model.weightBytes() / model.summary().parameters().total();
      switch (type) {
        case "mxfp4" -> assertThat(bits).isBetween(4.2, 4.4);
        case "q4_K" -> {
          assertThat(model.matrixTypes()).containsOnlyKeys(DType.Q4_K, DType.Q5_0); // rows of 576
          assertThat(bits).isBetween(4.6, 5.6);
        }
        case "q6_k" -> assertThat(model.matrixTypes()).containsOnlyKeys(DType.Q6_K, DType.Q8_0);
        default -> assertThat(model.matrixTypes()).hasSize(1);
      }
    }
  }

  /** Values are centred, of the size asked for, and differ. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
        "MXFP4"
      })
  void blocks(DType type) {
    int count = 1 << 14;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(type.bytes(count));
      RandomBlocks.fill(bytes, type, 0.02f, new SplittableRandom(7));
      float[] values = new float[count];
      for (int i = 0; i < count; i += type.blockElements()) {
        QuantBlocks.decode(type, bytes, type.bytes(i), values, i);
      }
      double sum = 0;
      double squares = 0;
      for (float value : values) {
        sum += value;
        squares += value * value;
      }
      double off = type == DType.MXFP4 ? 1.42 : 1.01;
      assertThat(Math.sqrt(squares / count)).isBetween(0.02 / off, 0.02 * off);
      assertThat(sum / count).isBetween(-0.003, 0.003); // Q4_0 has -8, no 8;
    }
  }

  @Test
  void unknownShapesAndTypesAreNamed() {
    assertThatThrownBy(() -> RandomModel.open("gpt-9", ModelOptions.DEFAULT))
        .hasMessageContaining("gpt-9")
        .hasMessageContaining("llama-3.2-1b");
    assertThatThrownBy(() -> RandomModel.open("mla-12:q9", ModelOptions.DEFAULT))
        .hasMessageContaining("q9")
        .hasMessageContaining("bf16");
  }
}
