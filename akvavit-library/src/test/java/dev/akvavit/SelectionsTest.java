package dev.akvavit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.defaultmodel.DefaultModel;
import dev.akvavit.text.Prompt;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SelectionsTest {
  private static final String LINE = "  public static int sum(int[] values) { return 0; }\n";

  private LanguageModel model;

  @BeforeAll
  void open() {
    model = LanguageModel.open(DefaultModel.folder(), ModelOptions.DEFAULT.withContext(512));
  }

  @AfterAll
  void close() {
    model.close();
  }

  private int[] prompt() {
    return model.tokenizer().encodeDocument(Prompt.content(LINE.repeat(30)));
  }

  @Test
  void everyTokenChoosesAsManyAsItMayAndNoneAfterItself() {
    int[] prompt = Arrays.copyOf(prompt(), 300);
    Selections found = model.selections(prompt);
    assertThat(found.tokens()).isEqualTo(300);
    assertThat(found.topK()).isEqualTo(256);
    assertThat(found.layers()).hasSize(10).allMatch(Selections.Layer::own);
    for (Selections.Layer layer : found.layers()) {
      assertThat(layer.chosen()).hasSize(300);
      for (int token = 0; token < 300; token++) {
        int[] chosen = layer.chosen().get(token);
        assertThat(chosen).hasSize(Math.min(token + 1, 256)).isSorted().doesNotHaveDuplicates();
        assertThat(chosen[chosen.length - 1]).isLessThanOrEqualTo(token);
      }
    }
    assertThat(found.layers().get(9).chosen().get(299))
        .as("layers choose for themselves")
        .isNotEqualTo(found.layers().get(0).chosen().get(299));
  }

  @Test
  void theEngineDoesNotNotice() throws InterruptedException {
    int[] prompt = Arrays.copyOf(prompt(), 140);
    GenerationOptions how = GenerationOptions.GREEDY.withMaxTokens(24);
    String alone = model.generate(prompt, how).text();
    model.engine().pageMap(0); // answered after the last step has been counted
    long[][] load = model.expertLoad();
    long steps = model.engine().counters().steps();
    model.selections(prompt);
    assertThat(model.expertLoad()).isDeepEqualTo(load);
    assertThat(model.engine().counters().steps()).isEqualTo(steps);
    Generation beside = model.generate(prompt, how);
    model.selections(prompt);
    assertThat(beside.text()).isEqualTo(alone);
  }

  @Test
  void tooManyTokensAndNoneAreRefusedWithTheCount() {
    int[] many = IntStream.range(0, 1025).map(i -> 5).toArray();
    assertThatThrownBy(() -> model.selections(many))
        .hasMessage("prompt: found 1025 tokens, allowed: 1..1024");
    assertThatThrownBy(() -> model.selections(new int[0])).hasMessageContaining("found 0 tokens");
    assertThatThrownBy(() -> model.selections(new int[] {5, 12288}))
        .hasMessage("prompt: found token id 12288, allowed: 0..12287");
  }
}
