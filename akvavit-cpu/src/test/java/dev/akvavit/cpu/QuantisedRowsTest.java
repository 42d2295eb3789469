package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.akvavit.core.DType;
import dev.akvavit.core.QuantBlocks;
import dev.akvavit.testkit.QuantDraft;
import dev.akvavit.testkit.Tolerance;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rows of every quantised type, widened and multiplied by this JVM's kernels, against their scalar
 * reference bit for bit and against sums in F64.
 */
final class QuantisedRowsTest {
  private static final Kernels K = Lanes.KERNELS;
  private static final int CASES = 2_000;
  private static final int MISALIGNED = 3;

  static DType[] quantised() {
    return Arrays.stream(DType.values()).filter(DType::quantised).toArray(DType[]::new);
  }

  @ParameterizedTest
  @MethodSource("quantised")
  void wideningIsTheReference(DType type) {
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int n = type.blockElements() * (1 + random.nextInt(3));
      MemorySegment row = placed(QuantDraft.random(random, type, n));
      float[] found = new float[n + 2];
      K.widen(found, 1, row, 0, type, n);
      assertThat(Arrays.copyOfRange(found, 1, n + 1))
          .as("%s, seed %d", type, seed)
          .containsExactly(reference(type, row, n));
      assertThat(found[0] + found[n + 1]).as("what lies around it").isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("quantised")
  void aProductIsTheSameFusedAndWidenedAndCloseToTheExactOne(DType type) {
    float[] lanes = new float[256];
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int n = type.blockElements() * (1 + random.nextInt(3));
      MemorySegment rows = placed(QuantDraft.random(random, type, 4 * n));
      float[] w = new float[4 * n];
      K.widen(w, 0, rows, 0, type, 4 * n);
      float[] x = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = (float) random.nextDouble(-2, 2);
      }
      float[] y = new float[4];
      K.dots4x1(w, 0, n, x, 0, n, y, 0, lanes);
      Tolerance tolerance = Tolerance.dot(n, 2.0 * n);
      for (int r = 0; r < 4; r++) {
        double exact = 0;
        for (int i = 0; i < n; i++) {
          exact += (double) w[r * n + i] * x[i];
        }
        assertThat(tolerance.allows((float) exact, y[r]))
            .as("%s, seed %d, row %d: %s for %s", type, seed, r, y[r], exact)
            .isTrue();
      }
      if (K.fuses(type, n, 0)) {
        float[] fused = new float[4];
        long[] offsets = {0, type.bytes(n), type.bytes(2L * n), type.bytes(3L * n), 0, 0, 0, 0};
        K.dots4(type, rows, offsets, rows, 0, x, 0, n, fused, 0, lanes);
        assertThat(fused).as("%s, seed %d", type, seed).containsExactly(y);
      }
    }
  }

  /** Before C2 has compiled a loop its vectors are objects: one window of many must be clean. */
  @Test
  void nothingIsAllocated() {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (DType type : quantised()) {
      MemorySegment rows = placed(QuantDraft.random(new SplittableRandom(1), type, 4 * 512));
      float[] w = new float[4 * 512];
      long least = Long.MAX_VALUE;
      for (int window = 0; window < 400 && least > 0; window++) {
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
          K.widen(w, 0, rows, 0, type, 4 * 512);
        }
        least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).as("bytes a window of %s", type).isZero();
    }
  }

  private static float[] reference(DType type, MemorySegment row, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i += type.blockElements()) {
      QuantBlocks.decode(type, row, type.bytes(i), values, i);
    }
    return values;
  }

  private static MemorySegment placed(byte[] bytes) {
    MemorySegment place = Arena.ofAuto().allocate(bytes.length + MISALIGNED).asSlice(MISALIGNED);
    return place.copyFrom(MemorySegment.ofArray(bytes));
  }
}
