package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.core.RopeStyle;
import java.util.List;

/** DeepSeek-V3.2: V3 with sparse attention. Its indexer rotates by halves where MLA interleaves. */
final class DeepSeekV32 implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("deepseek_v32");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    c.texts("layer_types")
        .forEach(t -> ConfigReader.only(c, "layer_types", t, "deepseek_sparse_attention"));
    AttentionConfig attention =
        LatentReader.sparse(c, LatentReader.attention(c), RopeStyle.HALVES, false, precision);
    return LatentReader.model(c, i -> attention, LatentReader.sigmoidRouter(c), true);
  }
}
