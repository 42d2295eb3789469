package dev.akvavit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.ConfigSource;
import dev.akvavit.core.DType;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import dev.akvavit.engine.Engine;
import dev.akvavit.model.arch.Architectures;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model of a well-known {@link Shapes shape} with random weights, for measurements; it has no
 * text.
 */
public final class RandomModel implements AutoCloseable {
  private final RandomWeights weights;
  private final ModelRunner runner;
  private final ModelSummary summary;

  private RandomModel(RandomWeights weights, ModelRunner runner, ModelSummary summary) {
    this.weights = weights;
    this.runner = runner;
    this.summary = summary;
  }

  /**
   * Makes one.
   *
   * @param name {@code shape} or {@code shape:dtype}, {@code llama-3.2-1b:q8_0}; dtypes are f32,
   *     bf16 (the default), f16, f8_e4m3 and GGUF's blocks, which all matrices get whose rows are
   *     whole blocks
   * @throws IllegalArgumentException when there is no such shape or dtype
   * @throws CapacityException when memory cannot hold it
   */
  public static RandomModel open(String name, ModelOptions options) {
    int colon = name.indexOf(':');
    DType dtype = colon < 0 ? DType.BF16 : dtype(name.substring(colon + 1));
    ConfigSource source = source(name);
    ModelConfig config = Architectures.configure(source, options.indexPrecision());
    ModelSummary summary = ModelSummary.of(config, Architectures.of(source), options.cacheTypes());
    long needed =
        Math.ceilDiv(summary.parameters().total(), dtype.blockElements()) * dtype.blockBytes();
    needed *= options.repack() && dtype.quantised() ? 2 : 1; // and a copy
    if (needed > Memory.availableBytes()) {
      throw new CapacityException(
          name
              + " needs "
              + Memory.show(needed)
              + " of weights, "
              + Memory.show(Memory.availableBytes())
              + " are available; choose a narrower dtype or a smaller shape");
    }
    @Nullable RandomWeights[] made = new RandomWeights[1];
    try {
      ModelRunner runner =
          new ModelRunner(
              config,
              Architectures.of(source),
              b -> made[0] = new RandomWeights(b, dtype),
              options,
              name);
      RandomWeights weights = made[0];
      if (weights == null) {
        throw new IllegalStateException("a runner that asked for no weights");
      }
      return new RandomModel(weights, runner, summary);
    } catch (Throwable e) {
      if (made[0] != null) {
        made[0].close();
      }
      throw e;
    }
  }

  /** The longest context of a model so named. */
  public static int maxPositions(String name) {
    return Architectures.configure(source(name), IndexPrecision.EXACT).maxPositions();
  }

  private static ConfigSource source(String name) {
    return Shapes.config(name.replaceFirst(":.*", ""), Shapes.names());
  }

  private static DType dtype(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    for (DType type : DType.values()) {
      if (type.name().equals(upper) && type != DType.I32 && type != DType.I64) {
        return type;
      }
    }
    if (upper.equals("F8") || upper.equals("FP8")) {
      return DType.F8_E4M3;
    }
    String allowed =
        Arrays.stream(DType.values())
            .filter(type -> type != DType.I32 && type != DType.I64)
            .map(type -> type.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException("dtype: found " + name + ", allowed: " + allowed);
  }

  /**
   * How many matrices have each type: several where rows are no whole blocks of the one asked for.
   */
  public Map<DType, Integer> matrixTypes() {
    return Map.copyOf(weights.matrices());
  }

  public ModelConfig config() {
    return runner.config;
  }

  public ModelSummary summary() {
    return summary;
  }

  public Engine engine() {
    return runner.engine;
  }

  /** Who computes, for people. */
  public String backend() {
    return runner.backend.description();
  }

  /**
   * The arithmetic that the machine gives this model's workers at most, F32 first, measured for
   * about {@code each}; nothing may be computed meanwhile.
   */
  public List<Backend.Peak> peaks(Duration each) {
    return runner.backend.peaks(each);
  }

  /** As {@link StoredWeights#reads}. */
  public Backend.ReadProbe reads() {
    return runner.backend.reads(weights.segments());
  }

  public long cacheBytes() {
    return runner.cache.bytes();
  }

  public long weightBytes() {
    return weights.bytes();
  }

  /**
   * Bytes of weights that one generated token reads: of routed experts its share, of a table that
   * is only looked up nothing.
   */
  public double decodeWeightBytes() {
    ModelConfig c = config();
    long lookedUp = c.tiedEmbeddings() ? 0 : (long) c.vocabulary() * c.hidden();
    ModelSummary.ParameterCountView p = summary.parameters();
    return (double) weightBytes() / p.total() * (p.active() - lookedUp);
  }

  @Override
  public void close() {
    runner.close();
    weights.close();
  }
}
