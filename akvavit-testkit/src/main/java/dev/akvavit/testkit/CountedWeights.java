package dev.akvavit.testkit;

import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Weights without bytes: they remember what a model asks for, so that parameters can be counted
 * from a config alone.
 */
public final class CountedWeights implements Weights {
  private static final Buffer NOTHING =
      new Buffer() {
        @Override
        public long byteSize() {
          return 0;
        }

        @Override
        public void close() {}
      };

  private final Map<String, Long> elements = new LinkedHashMap<>();

  /** Parameters by tensor name. */
  public Map<String, Long> elements() {
    return elements;
  }

  public long total() {
    return elements.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Names as transformers saves them: experts one by one, keys and values of a latent together. */
  @Override
  public boolean has(String name) {
    return !name.endsWith("gate_up_proj") && !name.endsWith(".k_b_proj.weight");
  }

  @Override
  public Weight matrix(String name, int out, int in) {
    elements.put(name, (long) out * in);
    return Weight.dense(name, DType.BF16, out, in, NOTHING, null);
  }

  @Override
  public Weight stack(String name, int heads, int out, int in) {
    elements.put(name, (long) heads * out * in);
    return new Weight(name, DType.BF16, heads, out, in, false, in, 0, out, out, NOTHING, null);
  }

  @Override
  public Weight vector(String name, int n) {
    elements.put(name, (long) n);
    return Weight.vector(name, n, NOTHING);
  }
}
