package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Products in one round have the bits of products one after another. */
final class JointProductsTest {
  private static final int CASES = 60;

  @Test
  void togetherAsAlone() {
    for (ActivationPrecision activations : ActivationPrecision.values()) {
      for (int threads : new int[] {1, 3}) {
        Backend.Settings settings = new Backend.Settings(threads, true, activations);
        try (Backend backend = new CpuBackend(settings);
            Arena arena = Arena.ofShared()) {
          for (int seed = 0; seed < CASES; seed++) {
            compare(backend, arena, new SplittableRandom(seed), activations + ", seed " + seed);
          }
        }
      }
    }
  }

  /** Some matrices of one width, of equal types or not, for one token or several. */
  private static void compare(Backend backend, Arena arena, SplittableRandom r, String what) {
    DType[] types = {DType.F32, DType.BF16, DType.Q8_0, DType.Q4_0, DType.MXFP4};
    int in = 32 * (1 + r.nextInt(20));
    int tokens = r.nextInt(3) == 0 ? 2 : 1;
    Tensor x = tensor(backend, tokens, in);
    MemorySegment values = CpuBuffer.of(x);
    for (long i = 0; i < (long) tokens * in; i++) {
      values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) r.nextGaussian());
    }
    Ops.Product[] products = new Ops.Product[1 + r.nextInt(4)];
    Tensor[] alone = new Tensor[products.length];
    DType common = types[r.nextInt(types.length)];
    for (int p = 0; p < products.length; p++) {
      DType type = r.nextInt(4) == 0 ? types[r.nextInt(types.length)] : common;
      int out = 1 + r.nextInt(r.nextBoolean() ? 20 : 200);
      Weight w = weight(backend, arena, r, "w" + p, type, out, in);
      products[p] = new Ops.Product(tensor(backend, tokens, out), w);
      alone[p] = tensor(backend, tokens, out);
      backend.ops().matmul(alone[p], x, w);
    }
    backend.ops().matmul(x, products);
    for (int p = 0; p < products.length; p++) {
      assertThat(CpuBuffer.of(products[p].out()).mismatch(CpuBuffer.of(alone[p])))
          .as(what + ", product " + p + ", " + products[p].w().dtype())
          .isEqualTo(-1);
    }
  }

  /** Matrices of several times what one call reads, alone and beside others. */
  @Test
  void manyCallsAsFewRows() {
    for (DType type : new DType[] {DType.F32, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q6_K}) {
      for (boolean repack : new boolean[] {false, true}) {
        Backend.Settings settings = new Backend.Settings(1, true, ActivationPrecision.AUTO, repack);
        try (Backend backend = new CpuBackend(settings);
            Arena arena = Arena.ofShared()) {
          SplittableRandom r = new SplittableRandom(11);
          int in = 256;
          int out = (int) (3_000_000 / type.bytes(in)) + 5;
          Tensor x = tensor(backend, 1, in);
          for (long i = 0; i < in; i++) {
            CpuBuffer.of(x).setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) r.nextGaussian());
          }
          Weight large = weight(backend, arena, r, "large", type, out, in);
          Weight small = weight(backend, arena, r, "small", type, 20, in);
          Tensor whole = tensor(backend, 1, out);
          Tensor beside = tensor(backend, 1, out);
          backend.ops().matmul(whole, x, large);
          backend
              .ops()
              .matmul(
                  x,
                  new Ops.Product(tensor(backend, 1, 20), small),
                  new Ops.Product(beside, large));
          float[] rows = new float[out];
          for (int row = 0; row < out; row += 100) {
            int some = Math.min(100, out - row);
            Tensor part = tensor(backend, 1, some);
            backend.ops().matmul(part, x, large.rows(row, some));
            for (int i = 0; i < some; i++) {
              rows[row + i] = CpuBuffer.of(part).getAtIndex(ValueLayout.JAVA_FLOAT, i);
            }
          }
          MemorySegment expected = MemorySegment.ofArray(rows);
          String what = type + (repack ? ", repacked" : "");
          assertThat(CpuBuffer.of(whole).mismatch(expected)).as(what).isEqualTo(-1);
          assertThat(CpuBuffer.of(beside).mismatch(expected)).as(what + ", joint").isEqualTo(-1);
        }
      }
    }
  }

  private static Weight weight(
      Backend backend, Arena arena, SplittableRandom r, String name, DType type, int out, int in) {
    MemorySegment data = arena.allocate(type.bytes((long) out * in), 64);
    for (long i = 0; i < data.byteSize(); i++) { // small numbers in every type
      data.set(ValueLayout.JAVA_BYTE, i, (byte) (0x10 + r.nextInt(16)));
    }
    return Weight.dense(name, type, out, in, backend.placeMatrix(data, type, in), null);
  }

  private static Tensor tensor(Backend backend, int rows, int dim) {
    long bytes = DType.F32.bytes((long) rows * dim);
    return new Tensor(backend.allocate(bytes), DType.F32, new Extent(rows), 0, dim, 1, dim, dim);
  }
}
