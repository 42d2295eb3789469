package dev.akvavit.testkit;

import dev.akvavit.core.Backend;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Weight;
import dev.akvavit.core.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Weights of any model, made when they are asked for: every tensor has a stream of its own, drawn
 * from the seed and its name, so that two models with one seed share the tensors they both have.
 * Matrices keep norms ({@code N(0, 1/in)}), gains lie about 1, biases about 0.
 */
public final class RandomWeights implements Weights {
  private final Backend backend;
  private final long seed;
  private final Map<String, float[]> values = new HashMap<>();
  private final Map<String, Buffer> placed = new HashMap<>();

  public RandomWeights(Backend backend, long seed) {
    this.backend = backend;
    this.seed = seed;
  }

  /** Sets a tensor before it is asked for. */
  public void put(String name, float[] tensor) {
    values.put(name, tensor);
  }

  /** What a tensor that was asked for holds, row-major. */
  public float[] values(String name) {
    float[] found = values.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          name + " was never asked for; there are " + values.keySet());
    }
    return found;
  }

  /** Rows of a matrix that was asked for. */
  public double[][] rows(String name, int out, int in) {
    float[] flat = values(name);
    double[][] rows = new double[out][in];
    for (int i = 0; i < flat.length; i++) {
      rows[i / in][i % in] = flat[i];
    }
    return rows;
  }

  /** A vector that was asked for. */
  public double[] vector(String name) {
    return rows(name, 1, values(name).length)[0];
  }

  /** Experts are separate matrices, as most checkpoints have them. */
  @Override
  public boolean has(String name) {
    return !name.endsWith("gate_up_proj") && !name.endsWith(".k_b_proj.weight");
  }

  @Override
  public Weight matrix(String name, int out, int in) {
    return Weight.dense(name, DType.F32, out, in, place(name, out * in, in), null);
  }

  @Override
  public Weight stack(String name, int heads, int out, int in) {
    return new Weight(
        name,
        DType.F32,
        heads,
        out,
        in,
        false,
        in,
        0,
        out,
        out,
        place(name, heads * out * in, in),
        null);
  }

  @Override
  public Weight vector(String name, int n) {
    return Weight.vector(name, n, place(name, n, n));
  }

  private Buffer place(String name, int elements, int in) {
    float[] tensor = values.computeIfAbsent(name, k -> draw(k, elements, in));
    return placed.computeIfAbsent(
        name,
        k -> {
          // CPU backends wrap memory that other threads read.
          MemorySegment bytes = Arena.ofAuto().allocate(4L * elements, 64);
          MemorySegment.copy(tensor, 0, bytes, ValueLayout.JAVA_FLOAT, 0, elements);
          return backend.place(bytes);
        });
  }

  private float[] draw(String name, int elements, int in) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + name.hashCode());
    boolean gain = name.endsWith("norm.weight") || name.endsWith("layernorm.weight");
    boolean bias = name.endsWith("bias");
    float[] tensor = new float[elements];
    for (int i = 0; i < elements; i++) {
      double g = random.nextGaussian();
      tensor[i] = (float) (gain ? 1 + 0.3 * g : bias ? 0.3 * g : g / Math.sqrt(in));
    }
    return tensor;
  }
}
