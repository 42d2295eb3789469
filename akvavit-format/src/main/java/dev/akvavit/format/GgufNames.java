package dev.akvavit.format;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * From GGUF's tensor names and layouts to the canonical ones, which are Hugging Face's; nothing is
 * copied.
 *
 * <ul>
 *   <li>Stacked experts become one matrix an expert, a slice of the stack.
 *   <li>GPT-2's matrices, which GGUF stores {@code [out, in]}, are marked as transposed.
 *   <li>Falcon's grouped {@code query_key_value}, whose rows GGUF sorts, becomes three matrices.
 *   <li>Llama's q and k keep the order of rows that GGUF gives them: see {@link GgufConfig}.
 * </ul>
 *
 * Tensors without a canonical name keep theirs; no model asks for them.
 */
final class GgufNames {
  private static final Pattern BLOCK =
      Pattern.compile("blk\\.(0|[1-9]\\d{0,5})\\.(.+)\\.(weight|bias)");
  private static final Pattern EXPERTS = Pattern.compile("ffn_(gate|up|down|gate_up)_exps");

  private static final Map<String, String> LLAMA_BLOCK =
      Map.ofEntries(
          Map.entry("attn_norm", "input_layernorm"),
          Map.entry("ffn_norm", "post_attention_layernorm"),
          Map.entry("attn_q", "self_attn.q_proj"),
          Map.entry("attn_k", "self_attn.k_proj"),
          Map.entry("attn_v", "self_attn.v_proj"),
          Map.entry("attn_output", "self_attn.o_proj"),
          Map.entry("attn_q_norm", "self_attn.q_norm"),
          Map.entry("attn_k_norm", "self_attn.k_norm"),
          Map.entry("attn_q_a", "self_attn.q_a_proj"),
          Map.entry("attn_q_a_norm", "self_attn.q_a_layernorm"),
          Map.entry("attn_q_b", "self_attn.q_b_proj"),
          Map.entry("attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa"),
          Map.entry("attn_kv_a_norm", "self_attn.kv_a_layernorm"),
          Map.entry("attn_kv_b", "self_attn.kv_b_proj"),
          Map.entry("attn_k_b", "self_attn.k_b_proj"),
          Map.entry("attn_v_b", "self_attn.v_b_proj"),
          Map.entry("indexer.attn_q_b", "self_attn.indexer.wq_b"),
          Map.entry("indexer.attn_k", "self_attn.indexer.wk"),
          Map.entry("indexer.k_norm", "self_attn.indexer.k_norm"),
          Map.entry("indexer.proj", "self_attn.indexer.weights_proj"),
          Map.entry("ffn_gate", "mlp.gate_proj"),
          Map.entry("ffn_up", "mlp.up_proj"),
          Map.entry("ffn_down", "mlp.down_proj"),
          Map.entry("ffn_gate_inp", "mlp.gate"),
          Map.entry("ffn_gate_inp_shexp", "mlp.shared_expert_gate"),
          Map.entry("ffn_gate_shexp", "mlp.shared_experts.gate_proj"),
          Map.entry("ffn_up_shexp", "mlp.shared_experts.up_proj"),
          Map.entry("ffn_down_shexp", "mlp.shared_experts.down_proj"));

  private static final Map<String, String> GPT2_BLOCK =
      Map.of(
          "attn_norm", "ln_1",
          "ffn_norm", "ln_2",
          "attn_qkv", "attn.c_attn",
          "attn_output", "attn.c_proj",
          "ffn_up", "mlp.c_fc",
          "ffn_down", "mlp.c_proj");

  private static final Map<String, String> FALCON_BLOCK =
      Map.of(
          "attn_norm", "input_layernorm",
          "attn_qkv", "self_attention.query_key_value",
          "attn_output", "self_attention.dense",
          "ffn_up", "mlp.dense_h_to_4h",
          "ffn_down", "mlp.dense_4h_to_h");

  private static final String SELECTION_BIAS = "exp_probs_b";

  private final GgufModel model;
  private final Map<String, MappedTensor> tensors = new LinkedHashMap<>();

  private GgufNames(GgufModel model) {
    this.model = model;
  }

  /** Canonical parts of a layer by GGUF's, for architectures in the line of Llama. */
  static Map<String, String> llamaBlock() {
    return LLAMA_BLOCK;
  }

  static Map<String, String> gpt2Block() {
    return GPT2_BLOCK;
  }

  static Map<String, String> falconBlock() {
    return FALCON_BLOCK;
  }

  /** Every tensor of a model under its canonical name, in the order of the files. */
  static Map<String, MappedTensor> canonical(GgufModel model) {
    GgufNames names = new GgufNames(model);
    model.tensors().forEach((name, tensor) -> names.add(name, tensor));
    return names.tensors;
  }

  private void add(String name, MappedTensor tensor) {
    String global = globals().get(name);
    Matcher block = BLOCK.matcher(name);
    if (global != null) {
      put(tensor.named(global));
    } else if (block.matches()) {
      addToLayer(layer(block.group(1)), block.group(2), block.group(3), tensor);
    } else {
      put(tensor);
    }
  }

  private void addToLayer(String layer, String part, String kind, MappedTensor tensor) {
    Matcher experts = EXPERTS.matcher(part);
    String canonical = canonical(part);
    if (part.equals(SELECTION_BIAS)) {
      put(tensor.named(layer + "mlp.gate.e_score_correction_bias"));
    } else if (part.equals("attn_qkv") && family() == Family.LLAMA) {
      addSorted(layer + "self_attn.", kind, tensor);
    } else if (part.equals("attn_qkv") && family() == Family.FALCON && model.kvHeads() > 1) {
      addSorted(layer + "self_attention.", kind, tensor);
    } else if (family() == Family.FALCON
        && model.hasBlock("attn_norm_2")
        && part.startsWith("attn_norm")) {
      put(tensor.named(layer + (part.equals("attn_norm") ? "ln_mlp." : "ln_attn.") + kind));
    } else if (canonical != null) {
      boolean conv = model.architecture().equals("gpt2") && tensor.shape().length == 2;
      MappedTensor named = tensor.named(layer + canonical + "." + kind);
      boolean row = part.equals("ffn_gate_inp_shexp") && tensor.shape().length == 1;
      put(conv ? named.transpose() : row ? named.row() : named);
    } else if (experts.matches() && tensor.shape().length == 3) {
      addExperts(layer + "mlp.experts.", experts.group(1), tensor);
    } else {
      put(tensor);
    }
  }

  /** Qwen2's shared expert is one, DeepSeek's are several: their names differ by a letter. */
  private @Nullable String canonical(String part) {
    String canonical = block().get(part);
    return canonical != null && model.architecture().equals("qwen2moe")
        ? canonical.replace("shared_experts.", "shared_expert.")
        : canonical;
  }

  /** All query heads, then all keys, then all values. */
  private void addSorted(String prefix, String kind, MappedTensor fused) {
    long rows = fused.shape()[0];
    long head = rows / (model.heads() + 2L * model.kvHeads());
    long queries = head * model.heads();
    long keys = head * model.kvHeads();
    put(fused.rows(prefix + "q_proj." + kind, 0, queries));
    put(fused.rows(prefix + "k_proj." + kind, queries, keys));
    put(fused.rows(prefix + "v_proj." + kind, queries + keys, rows - queries - keys));
  }

  private void addExperts(String prefix, String role, MappedTensor stack) {
    for (int e = 0; e < stack.shape()[0]; e++) {
      MappedTensor expert = stack.part(e);
      String name = prefix + e + ".";
      if (role.equals("gate_up")) {
        long half = expert.shape()[0] / 2;
        put(expert.rows(name + "gate_proj.weight", 0, half));
        put(expert.rows(name + "up_proj.weight", half, half));
      } else {
        put(expert.named(name + role + "_proj.weight"));
      }
    }
  }

  private void put(MappedTensor tensor) {
    MappedTensor other = tensors.put(tensor.name(), tensor);
    if (other != null) {
      throw GgufModel.twice(tensor, other);
    }
  }

  private enum Family {
    LLAMA,
    GPT2,
    FALCON
  }

  private Family family() {
    return switch (model.architecture()) {
      case "gpt2", "starcoder" -> Family.GPT2;
      case "falcon" -> Family.FALCON;
      default -> Family.LLAMA;
    };
  }

  private Map<String, String> globals() {
    return switch (family()) {
      case LLAMA -> globals("model.embed_tokens", "model.norm", "");
      case GPT2 -> globals("transformer.wte", "transformer.ln_f", "transformer.wpe");
      case FALCON -> globals("transformer.word_embeddings", "transformer.ln_f", "");
    };
  }

  private static Map<String, String> globals(String embedding, String norm, String positions) {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("token_embd.weight", embedding + ".weight");
    names.put("output_norm.weight", norm + ".weight");
    names.put("output_norm.bias", norm + ".bias");
    names.put("output.weight", "lm_head.weight");
    if (!positions.isEmpty()) {
      names.put("position_embd.weight", positions + ".weight");
    }
    return names;
  }

  private Map<String, String> block() {
    return switch (family()) {
      case LLAMA -> LLAMA_BLOCK;
      case GPT2 -> GPT2_BLOCK;
      case FALCON -> FALCON_BLOCK;
    };
  }

  private String layer(String index) {
    return switch (family()) {
      case LLAMA -> "model.layers." + index + ".";
      case GPT2, FALCON -> "transformer.h." + index + ".";
    };
  }
}
