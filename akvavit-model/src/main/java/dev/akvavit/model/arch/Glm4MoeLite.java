package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import java.util.List;

/**
 * GLM-4.7-Flash: DeepSeek-V3's attention and router, the first layer dense unless the config says
 * otherwise.
 */
final class Glm4MoeLite implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("glm4_moe_lite");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    String rotated = String.valueOf(ConfigReader.partialRotaryFactor(c));
    ConfigReader.only(
        c, "partial_rotary_factor", rotated, "1.0"); // MLA says it by qk_rope_head_dim
    AttentionConfig attention = LatentReader.attention(c);
    return LatentReader.model(c, i -> attention, LatentReader.sigmoidRouter(c), true, 1);
  }
}
