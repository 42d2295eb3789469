package dev.akvavit.server;

import dev.akvavit.core.DType;
import dev.akvavit.format.SafetensorsWriter;
import dev.akvavit.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A chat model of random weights, small enough for a thousand answers in a test: two Llama layers,
 * a vocabulary of bytes and control tokens, ChatML with tools and thinking. It says printable
 * nonsense; what is tested is who hears it, and how.
 */
final class TinyChatModel {
  static final int CONTEXT = 1024;

  /** A byte that makes the model fail on whatever prompt holds it. */
  static final int POISON = 1;

  private static final int HIDDEN = 32;
  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;
  private static final int WIDTH = 48;
  private static final int LAYERS = 2;
  private static final List<String> CONTROL =
      List.of(
          "<|endoftext|>",
          "<|im_start|>",
          "<|im_end|>",
          "<think>",
          "</think>",
          "<tool_call>",
          "</tool_call>",
          "<|fim_prefix|>",
          "<|fim_suffix|>",
          "<|fim_middle|>");
  static final int VOCABULARY = 256 + CONTROL.size();
  static final int END = 256 + CONTROL.indexOf("<|im_end|>");

  private static final String TEMPLATE =
      """
      {%- if tools %}<|im_start|>system
      # Tools
      You may call functions. Their signatures are within <tools></tools>:
      <tools>
      {%- for tool in tools %}
      {{ tool | tojson }}
      {%- endfor %}
      </tools>
      For each call return a JSON object within <tool_call></tool_call>:
      <tool_call>
      {"name": <function-name>, "arguments": <args-json-object>}
      </tool_call><|im_end|>
      {% endif %}
      {%- for m in messages %}<|im_start|>{{ m.role }}
      {{ m.content }}
      {%- for call in m.tool_calls or [] %}
      <tool_call>
      {"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
      </tool_call>
      {%- endfor %}<|im_end|>
      {% endfor %}
      {%- if add_generation_prompt %}<|im_start|>assistant
      {% endif %}\
      """;

  private TinyChatModel() {}

  /** Writes the model's files. */
  static Path write(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.write(folder.resolve("config.json"), Json.bytes(config()));
      Files.write(folder.resolve("tokenizer.json"), Json.bytes(tokenizer()));
      Files.write(
          folder.resolve("tokenizer_config.json"),
          Json.bytes(Json.object("eos_token", "<|im_end|>", "chat_template", TEMPLATE)));
      writeWeights(folder.resolve("model.safetensors"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, @Nullable Object> config() {
    return Json.object(
        "architectures",
        List.of("LlamaForCausalLM"),
        "model_type",
        "llama",
        "hidden_act",
        "silu",
        "hidden_size",
        HIDDEN,
        "intermediate_size",
        WIDTH,
        "num_hidden_layers",
        LAYERS,
        "num_attention_heads",
        HEADS,
        "num_key_value_heads",
        KV_HEADS,
        "head_dim",
        HIDDEN / HEADS,
        "max_position_embeddings",
        CONTEXT,
        "rms_norm_eps",
        1e-6,
        "rope_theta",
        10000.0,
        "tie_word_embeddings",
        false,
        "vocab_size",
        VOCABULARY,
        "eos_token_id",
        END,
        "torch_dtype",
        "float32");
  }

  private static Map<String, @Nullable Object> tokenizer() {
    Map<String, @Nullable Object> vocabulary = new LinkedHashMap<>();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean shown = b > 32 && b < 127 || b > 160 && b != 173;
      vocabulary.put(String.valueOf((char) (shown ? b : next++)), b);
    }
    List<Object> added =
        IntStream.range(0, CONTROL.size())
            .<Object>mapToObj(i ->
                Json.object(
                    "id", 256 + i,
                    "content", CONTROL.get(i),
                    "single_word", false,
                    "lstrip", false,
                    "rstrip", false,
                    "normalized", false,
                    "special", CONTROL.get(i).contains("|")))
            .toList();
    return Json.object(
        "version",
        "1.0",
        "added_tokens",
        added,
        "normalizer",
        null,
        "pre_tokenizer",
        Json.object(
            "type",
            "ByteLevel",
            "add_prefix_space",
            false,
            "trim_offsets",
            true,
            "use_regex",
            true),
        "post_processor",
        null,
        "decoder",
        Json.object("type", "ByteLevel"),
        "model",
        Json.object(
            "type", "BPE", "ignore_merges", false, "vocab", vocabulary, "merges", List.of()));
  }

  private static void writeWeights(Path file) {
    SplittableRandom random = new SplittableRandom(7);
    SafetensorsWriter out = new SafetensorsWriter();
    float[] embedding = random(random, 1.0, VOCABULARY * HIDDEN);
    embedding[POISON * HIDDEN] = Float.NaN;
    out.add("model.embed_tokens.weight", DType.F32, embedding, VOCABULARY, HIDDEN);
    for (int i = 0; i < LAYERS; i++) {
      String layer = "model.layers." + i + ".";
      ones(out, layer + "input_layernorm.weight");
      ones(out, layer + "post_attention_layernorm.weight");
      add(out, random, layer + "self_attn.q_proj.weight", 0.3, HIDDEN, HIDDEN);
      add(out, random, layer + "self_attn.k_proj.weight", 0.3, HIDDEN / 2, HIDDEN);
      add(out, random, layer + "self_attn.v_proj.weight", 0.3, HIDDEN / 2, HIDDEN);
      add(out, random, layer + "self_attn.o_proj.weight", 0.3, HIDDEN, HIDDEN);
      add(out, random, layer + "mlp.gate_proj.weight", 0.3, WIDTH, HIDDEN);
      add(out, random, layer + "mlp.up_proj.weight", 0.3, WIDTH, HIDDEN);
      add(out, random, layer + "mlp.down_proj.weight", 0.3, HIDDEN, WIDTH);
    }
    ones(out, "model.norm.weight");
    float[] head = random(random, 0.5, VOCABULARY * HIDDEN);
    for (int id = 0; id < VOCABULARY; id++) {
      boolean said = id >= 32 && id < 127 || id == END;
      if (!said) {
        Arrays.fill(head, id * HIDDEN, (id + 1) * HIDDEN, 0);
      }
    }
    out.add("lm_head.weight", DType.F32, head, VOCABULARY, HIDDEN);
    out.write(file);
  }

  private static void ones(SafetensorsWriter out, String name) {
    float[] ones = new float[HIDDEN];
    Arrays.fill(ones, 1);
    out.add(name, DType.F32, ones, HIDDEN);
  }

  private static void add(
      SafetensorsWriter out,
      SplittableRandom random,
      String name,
      double scale,
      int rows,
      int columns) {
    out.add(name, DType.F32, random(random, scale, rows * columns), rows, columns);
  }

  private static float[] random(SplittableRandom random, double scale, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return values;
  }
}
