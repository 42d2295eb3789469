package dev.akvavit;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.Limits;
import dev.akvavit.format.JsonConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Configs of well-known models by name, without weights: what planners reckon with and benchmarks
 * fill with random ones. {@code mla-12} and {@code dsa-12} are DeepSeek-V2-Lite's widths in 12
 * layers of 16 experts, the latter with V3.2's indexer.
 */
public final class Shapes {
  private static final List<String> NAMES =
      List.of(
          """
          llama-2-7b llama-3-70b llama-3.1-8b llama-3.1-405b llama-3.2-1b llama-3.2-3b
          smollm2-135m mistral-7b-v0.1 mistral-small-4 qwen2.5-7b qwen2.5-32b qwen2.5-72b qwen3-8b
          qwen3-30b-a3b falcon-7b falcon-40b gpt2 starcoder deepseek-coder-6.7b deepseek-67b
          deepseek-v2-lite deepseek-v2 deepseek-v3 deepseek-v3.2 kimi-k2 glm-5 glm-4.7-flash
          youtu-llm-2b mla-12 dsa-12\
          """
              .split("\\s+"));

  /** Of these only the memory is known: no attention of this engine computes them. */
  private static final List<String> PLANNED_ONLY = List.of("deepseek-v4-flash");

  private Shapes() {}

  /** Shapes that can be computed. */
  public static List<String> names() {
    return NAMES;
  }

  /** Shapes that can be planned: those that can be computed, and others. */
  public static List<String> plannedNames() {
    return Stream.concat(NAMES.stream(), PLANNED_ONLY.stream()).toList();
  }

  /**
   * @param allowed the names that are good where this is asked
   * @throws IllegalArgumentException naming those
   */
  static ConfigSource config(String name, List<String> allowed) {
    if (!allowed.contains(name)) {
      throw new IllegalArgumentException(
          "shape: found " + name + ", allowed: " + String.join(", ", allowed));
    }
    try (InputStream in = Shapes.class.getResourceAsStream("shapes/" + name + ".json")) {
      if (in == null) {
        throw new UncheckedIOException(
            new IOException("the resource of shape " + name + " is missing"));
      }
      return JsonConfig.parse(
          new String(in.readAllBytes(), StandardCharsets.UTF_8), name, Limits.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
