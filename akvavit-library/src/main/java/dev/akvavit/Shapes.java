package dev.akvavit;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.Limits;
import dev.akvavit.format.JsonConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Configs of well-known models by name, without weights: what benchmarks fill with random ones.
 * {@code mla-12} and {@code dsa-12} are DeepSeek-V2-Lite's widths in 12 layers of 16 experts, the
 * latter with V3.2's indexer.
 */
public final class Shapes {
  private static final List<String> NAMES =
      List.of("llama-3.2-1b", "smollm2-135m", "deepseek-v2-lite", "mla-12", "dsa-12");

  private Shapes() {}

  public static List<String> names() {
    return NAMES;
  }

  /**
   * @throws IllegalArgumentException naming the shapes there are
   */
  static ConfigSource config(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "shape: found " + name + ", allowed: " + String.join(", ", NAMES));
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
