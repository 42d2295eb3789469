package dev.akvavit;

import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.Limits;
import dev.akvavit.core.Sampling;
import dev.akvavit.format.JsonConfig;
import dev.akvavit.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * What a model folder says about generating.
 *
 * @param endTokens tokens that end an answer, from every file that names some
 */
record GenerationDefaults(Sampling sampling, Set<Integer> endTokens) {
  GenerationDefaults {
    endTokens = Set.copyOf(endTokens);
  }

  static GenerationDefaults read(Path folder, ConfigSource config, Tokenizer tokenizer) {
    Set<Integer> ends = new HashSet<>();
    addEnds(config, ends);
    if (tokenizer.eos() >= 0) {
      ends.add(tokenizer.eos());
    }
    Path file = folder.resolve("generation_config.json");
    if (!Files.exists(file)) {
      return new GenerationDefaults(Sampling.GREEDY, ends);
    }
    ConfigSource c = JsonConfig.read(file, Limits.DEFAULT);
    addEnds(c, ends);
    return new GenerationDefaults(sampling(c), ends);
  }

  private static void addEnds(ConfigSource c, Set<Integer> ends) {
    if (c.raw("eos_token_id").startsWith("[")) {
      ends.addAll(c.integers("eos_token_id"));
    } else if (c.has("eos_token_id")) {
      ends.add(c.integer("eos_token_id"));
    }
  }

  private static Sampling sampling(ConfigSource c) {
    if (!c.flag("do_sample", false)) {
      return Sampling.GREEDY;
    }
    return new Sampling(
        (float) c.number("temperature", 1),
        c.integer("top_k", 0),
        (float) c.number("top_p", 1),
        (float) c.number("min_p", 0),
        0,
        (float) c.number("repetition_penalty", 1),
        0,
        0);
  }
}
