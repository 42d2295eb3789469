package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RopeStyle;
import java.util.List;

/**
 * GLM-5: DeepSeek-V3.2's attention, with an indexer that interleaves as MLA does unless {@code
 * indexer_rope_interleave} says otherwise (what transformers 5.17 computes); from 5.2 on most
 * layers share the last indexer's selection.
 */
final class GlmMoeDsa implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("glm_moe_dsa");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    c.texts("layer_types")
        .forEach(t -> ConfigReader.only(c, "layer_types", t, "deepseek_sparse_attention"));
    AttentionConfig.Latent latent = LatentReader.attention(c);
    RopeStyle style =
        c.flag("indexer_rope_interleave", true) ? RopeStyle.INTERLEAVED : RopeStyle.HALVES;
    List<String> types = c.texts("indexer_types");
    types.forEach(t -> ConfigReader.only(c, "indexer_types", t, "full", "shared"));
    if (!types.isEmpty() && types.getFirst().equals("shared")) {
      throw new IllegalArgumentException(
          "indexer_types[0] is shared, but there is no selection to share yet");
    }
    return LatentReader.model(
        c,
        i ->
            LatentReader.sparse(
                c, latent, style, i < types.size() && types.get(i).equals("shared"), precision),
        LatentReader.sigmoidRouter(c),
        true);
  }
}
