package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.Sampling;
import dev.akvavit.engine.FinishReason;
import dev.akvavit.engine.GenerationStats;
import dev.akvavit.engine.LogProbs;
import dev.akvavit.engine.Request;
import dev.akvavit.engine.TokenSink;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RandomModelTest {
  @Test
  void generates() {
    try (RandomModel model =
        RandomModel.open("smollm2-135m:f8_e4m3", ModelOptions.DEFAULT.withContext(64))) {
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
