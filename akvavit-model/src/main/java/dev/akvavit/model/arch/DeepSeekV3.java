package dev.akvavit.model.arch;

import dev.akvavit.core.AttentionConfig;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import java.util.List;

/** DeepSeek-V3, R1, V3.1 and Kimi-K2: MLA, a sigmoid router balanced by a selection bias. */
final class DeepSeekV3 implements Architecture {
  @Override
  public List<String> modelTypes() {
    return List.of("deepseek_v3", "kimi_k2");
  }

  @Override
  public ModelConfig configure(ConfigSource c, IndexPrecision precision) {
    AttentionConfig attention = LatentReader.attention(c);
    return LatentReader.model(c, i -> attention, LatentReader.sigmoidRouter(c), true);
  }
}
