package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.Tensor;
import dev.akvavit.testkit.ScalarBackend;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Generated rows match those of prompts unless a form, or the backend's rounding or attention,
 * tells them apart.
 */
class SharedRowsTest {
  private static Backend rounding(DType type) {
    return answering("roundsPromptsApart", arguments -> arguments[0] == type);
  }

  private static Backend attending(int headsPerKey, DType keys) {
    return answering(
        "attendsToPromptsApart",
        arguments ->
            (int) arguments[0] == headsPerKey
                && arguments[1] instanceof Tensor t
                && t.dtype() == keys);
  }

  private static Backend answering(String question, Predicate<Object[]> answer) {
    Backend scalar = new ScalarBackend();
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) ->
                method.getName().equals(question)
                    ? answer.test(arguments)
                    : method.invoke(scalar, arguments));
  }

  private static boolean match(String mechanism, Backend backend) {
    ModelConfig config = TinyModel.mechanisms().get(mechanism);
    try (TinyModel model = new TinyModel(config, backend, DType.F32, Schedules.PAGES, 7)) {
      return model.decoder.generatedRowsMatchPrompt();
    }
  }

  @Test
  void theBackendIsAsked() {
    for (String mechanism : List.of("MHA", "GQA", "DSA")) {
      assertThat(match(mechanism, new ScalarBackend())).as(mechanism).isTrue();
      assertThat(match(mechanism, rounding(DType.F32))).as(mechanism).isFalse();
      assertThat(match(mechanism, rounding(DType.Q4_0))).as(mechanism).isTrue();
    }
    assertThat(match("MLA", new ScalarBackend())).isFalse();
  }

  @Test
  void ofAttentionToo() {
    Map<String, Integer> headsPerKey = Map.of("MHA", 1, "MQA", 4, "GQA", 3, "window", 2, "DSA", 3);
    headsPerKey.forEach((mechanism, heads) -> {
      assertThat(match(mechanism, attending(heads, DType.F32))).as(mechanism).isFalse();
      assertThat(match(mechanism, attending(heads, DType.BF16))).as(mechanism).isTrue();
      assertThat(match(mechanism, attending(heads + 1, DType.F32))).as(mechanism).isTrue();
    });
  }
}
