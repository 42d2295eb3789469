package dev.akvavit.format;

import dev.akvavit.core.UnsupportedModelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The {@code config.json} of a GGUF file: the settings under Hugging Face's keys, and what its
 * classes would otherwise take from the defaults of another size.
 */
final class PublishedConfig {
  /** The class of each family that is published with projections of the names narrowed here. */
  private static final Map<String, String> CLASSES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("llama", "LlamaForCausalLM"),
              Map.entry("mistral", "MistralForCausalLM"),
              Map.entry("mixtral", "MixtralForCausalLM"),
              Map.entry("qwen2", "Qwen2ForCausalLM"),
              Map.entry("qwen2_moe", "Qwen2MoeForCausalLM"),
              Map.entry("qwen3", "Qwen3ForCausalLM"),
              Map.entry("qwen3_moe", "Qwen3MoeForCausalLM"),
              Map.entry("falcon", "FalconForCausalLM"),
              Map.entry("deepseek_v2", "DeepseekV2ForCausalLM"),
              Map.entry("deepseek_v3", "DeepseekV3ForCausalLM"),
              Map.entry("deepseek_v32", "DeepseekV32ForCausalLM"),
              Map.entry("glm_moe_dsa", "GlmMoeDsaForCausalLM"),
              Map.entry("mistral4", "Mistral4ForCausalLM"),
              Map.entry("youtu_llm", "YoutuForCausalLM")));

  private PublishedConfig() {}

  /**
   * The text of the file.
   *
   * @throws UnsupportedModelException for a family whose form on the hub is not known here
   */
  static String of(Checkpoint checkpoint) {
    JsonConfig config = (JsonConfig) checkpoint.config();
    Map<String, Json> settings = new LinkedHashMap<>();
    String type = config.text("model_type");
    if (type.equals("llama") && config.has("sliding_window")) {
      type = "mistral"; // Llama's class has no window
    }
    settings.put("architectures", new Json.Elements(List.of(name(checkpoint, type))));
    for (String key : config.keys()) {
      settings.put(key, Objects.requireNonNull(config.json(key)));
    }
    settings.put("model_type", new Json.Text(type));
    settings.put("torch_dtype", new Json.Text("bfloat16"));
    if (config.has("kv_lora_rank")) {
      latent(config, settings);
    } else {
      if (settings.remove("rope_interleave") != null && config.has("partial_rotary_factor")) {
        throw new UnsupportedModelException(
            checkpoint.origin(), "as FP8: " + type, "partly rotated heads", "heads rotated whole");
      } // else the rows of q and k are put back
    }
    settings.put(
        type.equals("falcon") ? "activation" : "hidden_act",
        new Json.Text(type.equals("falcon") ? "gelu" : "silu"));
    return settings.entrySet().stream()
        .map(e -> "  " + new Json.Text(e.getKey()) + ": " + e.getValue())
        .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
  }

  private static Json name(Checkpoint checkpoint, String type) {
    String name = CLASSES.get(type);
    if (name == null) {
      throw new UnsupportedModelException(
          checkpoint.origin(),
          "as FP8: model_type",
          type,
          String.join(", ", CLASSES.keySet()) + "; for others --type q8_0 writes a GGUF file");
    }
    return new Json.Text(name);
  }

  /** DeepSeek's classes have a query rank and one key head a head unless told otherwise. */
  private static void latent(JsonConfig config, Map<String, Json> settings) {
    settings.putIfAbsent("q_lora_rank", Json.Null.NULL);
    settings.put("num_key_value_heads", Objects.requireNonNull(config.json("num_attention_heads")));
    String type = config.text("model_type");
    if (config.has("n_routed_experts") && !type.equals("mistral4")) {
      boolean softmax = type.equals("deepseek_v2");
      settings.put("scoring_func", new Json.Text(softmax ? "softmax" : "sigmoid"));
      settings.putIfAbsent("topk_method", new Json.Text("noaux_tc"));
    }
  }
}
