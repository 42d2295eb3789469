package dev.akvavit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.Limits;
import dev.akvavit.core.MalformedFileException;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.UnsupportedModelException;
import dev.akvavit.format.JsonConfig;
import dev.akvavit.model.arch.Architectures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A config that would be computed wrongly is refused, and the message names the key: one published
 * config, one key changed. Keys that change nothing pass.
 */
class ConfigErrorTest {
  /** The published config with one top-level key set; {@code absent} removes it. */
  private static ModelConfig configure(String name, String key, String value) {
    String text = text(name).replaceAll("\n  \"" + Pattern.quote(key) + "\": .*", "");
    text = text.replaceAll(",\n}", "\n}");
    if (!value.equals("absent")) {
      text = text.replaceFirst("\\{\n", "{\n  \"" + key + "\": " + value + ",\n");
    }
    return Architectures.configure(
        JsonConfig.parse(text, name + ".json", Limits.DEFAULT), IndexPrecision.EXACT);
  }

  private static String text(String name) {
    try (var in =
        Objects.requireNonNull(
            ConfigErrorTest.class.getResourceAsStream("/hub/" + name + ".json"), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest(name = "{0}: {1} = {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          llama-3.1-8b | model_type | "llama_but_better"
          llama-3.1-8b | model_type | "deepseek_v4"
          llama-3.1-8b | hidden_act | "gelu"
          llama-3.1-8b | attn_logit_softcapping | 50.0
          llama-3.1-8b | final_logit_softcapping | 30.0
          llama-3.1-8b | alibi | true
          llama-3.1-8b | residual_multiplier | 0.22
          llama-3.1-8b | logits_scaling | 8.0
          llama-3.1-8b | rope_scaling | {"rope_type": "longrope", "factor": 32.0}
          llama-3.1-8b | rope_scaling | {"rope_type": "dynamic", "factor": 2.0}
          llama-3.1-8b | rope_scaling | {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 32, "surprise": 3}
          llama-3.1-8b | no_rope_layers | [1, 1, 1, 0]
          mistral-7b-v0.1 | attention_chunk_size | 8192
          qwen3-8b | layer_types | ["linear_attention"]
          qwen3-30b-a3b | n_shared_experts | 2
          qwen3-30b-a3b | shared_expert_intermediate_size | 512
          falcon-7b | alibi | true
          falcon-7b | bias | true
          falcon-7b | parallel_attn | false
          falcon-7b | multi_query | false
          falcon-7b | activation | "relu"
          falcon-7b | apply_residual_connection_post_layernorm | true
          gpt2 | activation_function | "relu"
          gpt2 | scale_attn_weights | false
          gpt2 | scale_attn_by_inverse_layer_idx | true
          gpt2 | add_cross_attention | true
          starcoder | num_key_value_heads | 4
          deepseek-v2-lite | topk_method | "noaux_tc"
          deepseek-v2-lite | scoring_func | "sigmoid"
          deepseek-v3 | attention_bias | true
          deepseek-v3 | mlp_bias | true
          deepseek-v3 | scoring_func | "sqrtsoftplus"
          deepseek-v3 | topk_method | "greedy"
          deepseek-v3 | hidden_act | "gelu"
          deepseek-v3 | qk_head_dim | 128
          deepseek-v3 | index_topk | 2048
          deepseek-v3 | swiglu_limit | 10.0
          deepseek-v3 | hc_mult | 4
          deepseek-v3 | hc_sinkhorn_iters | 20
          deepseek-v3.2 | layer_types | ["full_attention"]
          deepseek-v3.2 | num_hash_layers | 3
          deepseek-v3 | mlp_layer_types | ["dense", "hashed"]
          glm-5 | indexer_types | ["full", "half"]
          kimi-k2 | mla_scale_q_lora | true
          mistral-small-4 | sliding_window | 4096
          """)
  void unsupported(String name, String key, String value) {
    String named = value.startsWith("{") ? key + "." : key;
    assertThatThrownBy(() -> configure(name, key, value))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining(named)
        .hasMessageContaining(name + ".json");
  }

  @ParameterizedTest(name = "{0}: {1} = {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          llama-3.1-8b | model_type | absent | model_type
          llama-3.1-8b | hidden_size | absent | hidden_size
          llama-3.1-8b | vocab_size | absent | vocab_size
          llama-3.1-8b | num_hidden_layers | absent | num_hidden_layers
          llama-3.1-8b | num_attention_heads | absent | num_attention_heads
          llama-3.1-8b | intermediate_size | absent | intermediate_size
          llama-3.1-8b | hidden_size | "4096" | hidden_size
          llama-3.1-8b | hidden_size | 4096.5 | hidden_size
          llama-3.1-8b | hidden_size | -4096 | hidden_size
          llama-3.1-8b | num_hidden_layers | 0 | num_hidden_layers
          llama-3.1-8b | num_attention_heads | 0 | heads
          llama-3.1-8b | num_key_value_heads | 5 | kvHeads
          llama-3.1-8b | num_key_value_heads | 0 | kvHeads
          llama-3.1-8b | head_dim | 127 | must be even
          llama-3.1-8b | rope_scaling | {"rope_type": "llama3", "factor": 8.0} | low_freq_factor
          llama-3.1-8b | rope_theta | 0 | rope_theta
          llama-3.1-8b | rope_theta | -10000.0 | rope_theta
          llama-3.1-8b | rope_theta | 1e300 | rope_theta
          llama-3.1-8b | rms_norm_eps | -1e-5 | norm
          llama-3.1-8b | rms_norm_eps | "small" | rms_norm_eps
          llama-3.1-8b | rope_scaling | {"rope_type": "linear", "factor": 0} | factor
          llama-3.1-8b | rope_scaling | {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 0} | original_max_position_embeddings
          llama-3.1-8b | rope_scaling | {"rope_type": "yarn", "factor": 4.0, "beta_fast": 1, "beta_slow": 32} | beta_fast
          llama-3.1-8b | rope_scaling | {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4, "high_freq_factor": 4, "original_max_position_embeddings": 8192} | high_freq_factor
          mistral-7b-v0.1 | sliding_window | -1 | window
          mistral-7b-v0.1 | sliding_window | "wide" | sliding_window
          qwen3-8b | layer_types | ["full_attention"] | layer_types
          qwen3-30b-a3b | num_experts | absent | num_local_experts
          qwen3-30b-a3b | num_experts_per_tok | 129 | num_experts_per_tok
          gpt2 | n_embd | absent | n_embd
          gpt2 | n_layer | 0 | num_hidden_layers
          deepseek-v3 | kv_lora_rank | absent | kv_lora_rank
          deepseek-v3 | kv_lora_rank | 0 | kv_lora_rank
          deepseek-v3 | qk_rope_head_dim | 63 | qk_rope_head_dim
          deepseek-v3 | n_group | 7 | n_group
          deepseek-v3 | topk_group | 9 | topk_group
          deepseek-v3 | num_experts_per_tok | 300 | num_experts_per_tok
          deepseek-v3 | moe_intermediate_size | absent | moe_intermediate_size
          deepseek-v3 | q_lora_rank | -1 | q_lora_rank
          deepseek-v3.2 | index_topk | absent | index_topk
          deepseek-v3.2 | index_topk | 0 | index_topk
          deepseek-v3.2 | q_lora_rank | null | q_lora_rank
          deepseek-v3.2 | index_head_dim | 32 | index_head_dim
          glm-5 | indexer_types | ["shared", "full"] | indexer_types
          mistral-small-4 | rope_parameters | absent | rope_parameters
          """)
  void malformed(String name, String key, String value, String named) {
    assertThatThrownBy(() -> configure(name, key, value))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining(named)
        .hasMessageContaining(name + ".json");
  }

  /** What published configs say besides, and what changes nothing. */
  @ParameterizedTest(name = "{0}: {1} = {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          llama-3.1-8b | attn_logit_softcapping | null
          llama-3.1-8b | alibi | false
          llama-3.1-8b | residual_multiplier | 1.0
          llama-3.1-8b | rope_scaling | null
          llama-3.1-8b | rope_scaling | {"rope_type": "default"}
          llama-3.1-8b | unsloth_fixed | true
          llama-3.1-8b | tokenizer_class | "LlamaTokenizer"
          llama-3.1-8b | id2label | {"0": "LABEL_0"}
          llama-3.1-8b | pad_token_id | 128004
          qwen2.5-7b | tie_word_embeddings | true
          qwen3-30b-a3b | router_aux_loss_coef | 0.5
          deepseek-v3 | aux_loss_alpha | 0.01
          deepseek-v3 | num_nextn_predict_layers | 3
          gpt2 | n_inner | null
          gpt2 | _num_labels | 1
          starcoder | num_key_value_heads | 1
          """)
  void harmless(String name, String key, String value) {
    assertThatCode(() -> configure(name, key, value)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n_routed_experts",
        "num_experts_per_tok",
        "v_head_dim",
        "qk_nope_head_dim",
        "num_attention_heads"
      })
  void everySizeOfMlaIsRequired(String key) {
    assertThatThrownBy(() -> configure("deepseek-v3", key, "absent"))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining(key);
  }

  @Test
  void messagesListWhatRuns() {
    assertThatThrownBy(() -> configure("llama-3.1-8b", "model_type", "\"rwkv\""))
        .hasMessageContainingAll("model_type", "rwkv", "llama", "deepseek_v32", "gpt_bigcode");
    assertThat(Architectures.supported()).hasSizeGreaterThanOrEqualTo(12).doesNotHaveDuplicates();
  }
}
