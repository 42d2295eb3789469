package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.testkit.ScalarBackend;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Generated rows match those of prompts unless a form, or the backend's rounding, tells them apart.
 */
class SharedRowsTest {
  private static Backend rounding(DType type) {
    Backend scalar = new ScalarBackend();
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) ->
                method.getName().equals("roundsPromptsApart")
                    ? arguments[0] == type
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
}
