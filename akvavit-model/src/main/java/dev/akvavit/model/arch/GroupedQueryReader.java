package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.RopeStyle;
import java.util.List;

/** Attention of the Llama line: what Llama, Mistral and Qwen say with the same keys. */
final class GroupedQueryReader {
  private GroupedQueryReader() {}

  /**
   * One layer's attention.
   *
   * @param queryKeyNormEps 0 when q and k have no norms
   */
  static AttentionConfig.GroupedQuery attention(
      ConfigSource c,
      int layer,
      int headDimFallback,
      float queryKeyNormEps,
      boolean bias,
      boolean outputBias) {
    int heads = c.integer("num_attention_heads");
    int headDim =
        c.integer(
            "head_dim",
            headDimFallback == 0
                ? ConfigReader.positive(c, "hidden_size") / Math.max(1, heads)
                : headDimFallback);
    int ropeDim = (int) (headDim * ConfigReader.partialRotaryFactor(c));
    return new AttentionConfig.GroupedQuery(
        heads,
        c.integer("num_key_value_heads", heads),
        headDim,
        ConfigReader.rope(c),
        c.flag("rope_interleave", false) ? RopeStyle.INTERLEAVED : RopeStyle.HALVES,
        ropeDim,
        queryKeyNormEps,
        window(c, layer),
        bias,
        outputBias);
  }

  /**
   * The sliding window of a layer, 0 for none. {@code layer_types} decides where it is given; else
   * Mistral slides in every layer and Qwen, when told to, from {@code max_window_layers} on.
   */
  private static int window(ConfigSource c, int layer) {
    int window = c.integer("sliding_window", 0);
    List<String> types = c.texts("layer_types");
    boolean qwen = c.has("use_sliding_window") || c.has("max_window_layers");
    boolean use = c.flag("use_sliding_window", !c.text("model_type").startsWith("qwen"));
    int firstSliding = c.integer("max_window_layers", 0);
    if (!types.isEmpty()) {
      if (layer >= types.size()) {
        throw new IllegalArgumentException(
            "layer_types has " + types.size() + " entries, layer " + layer + " has none");
      }
      ConfigReader.only(
          c, "layer_types[" + layer + "]", types.get(layer), "full_attention", "sliding_attention");
      return types.get(layer).equals("sliding_attention") ? c.integer("sliding_window") : 0;
    }
    return use && (!qwen || layer >= firstSliding) ? window : 0;
  }
}
