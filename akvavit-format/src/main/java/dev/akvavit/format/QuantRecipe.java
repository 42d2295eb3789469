package dev.akvavit.format;

import dev.akvavit.core.DType;
import java.util.List;

/**
 * Which type each tensor of a GGUF file gets. Vectors and tables of positions stay F32, and so does
 * the router, whose ties decide which experts a token sees. The projections into MLA's latent,
 * through which all heads see the past, and the tables of tokens get eight bits where the rest has
 * four. Rows that are no whole number of blocks fall back to a type with shorter ones, Q4_K to Q5_0
 * and others to Q8_0, or to F16.
 *
 * @param base what most matrices get: F32, F16, BF16, Q8_0, Q4_0, Q5_0, Q4_K or Q6_K
 */
public record QuantRecipe(DType base) {
  private static final List<String> EXACT = List.of("ffn_gate_inp", "position_embd");
  private static final List<String> FINER =
      List.of(
          "token_embd",
          "output",
          "attn_kv_a_mqa",
          "attn_kv_b",
          "attn_k_b",
          "attn_v_b",
          "indexer.attn_k",
          "indexer.proj");

  public QuantRecipe {
    if (!BlockEncoder.writes(base)) {
      throw new IllegalArgumentException(
          "type: found " + base + ", allowed: F32, F16, BF16, Q8_0, Q4_0, Q5_0, Q4_K, Q6_K");
    }
  }

  /** The type of a tensor by its GGUF name and its rows. */
  public DType typeOf(String name, long... shape) {
    long columns = shape[shape.length - 1];
    String part = name.replaceFirst("^blk\\.\\d+\\.", "").replaceFirst("\\.(weight|bias)$", "");
    if (shape.length == 1 || EXACT.contains(part)) {
      return DType.F32;
    }
    DType wanted = base.quantised() && FINER.contains(part) ? DType.Q8_0 : base;
    if (columns % wanted.blockElements() == 0) {
      return wanted;
    }
    DType next = base == DType.Q4_K ? DType.Q5_0 : DType.Q8_0;
    return columns % next.blockElements() == 0 ? next : DType.F16;
  }
}
