package dev.akvavit.cpu.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weighted sums by machine code against the plain loop, bit for bit, and nothing else written. */
final class SumCallTest {
  private static final int CASES = 2500;

  @BeforeEach
  void needsMachineCode() {
    assumeTrue(MachineCode.here().isReady(), String.join(", ", MachineCode.here().description()));
  }

  private static float[] random(SplittableRandom r, int n) {
    float[] v = new float[n];
    for (int i = 0; i < n; i++) {
      v[i] = r.nextInt(500) == 0 ? Float.NaN : (float) r.nextGaussian();
    }
    return v;
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16", "F16"})
  void everyColumnAddsItsRowsInOrder(Stored type) {
    SumCall call = new SumCall();
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      int rows = r.nextInt(70);
      int columns = 16 * (1 + r.nextInt(r.nextInt(5) == 0 ? 40 : 9));
      int sums = 1 + r.nextInt(SumCall.MOST_SUMS);
      int gap = r.nextInt(20);
      float[] v = random(r, 3 + rows * (columns + gap));
      float[] weights = random(r, sums * (rows + 2) + 5);
      float[] y = random(r, sums * (columns + 7) + 5);
      float[] expected = y.clone();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment stored = arena.allocate(Math.max(1, (long) v.length * type.bytes), 1);
        store(stored, type, v);
        long[] table = new long[rows + 2];
        call.rows(4L * (columns + gap), rows, columns);
        for (int i = 0; i < sums; i++) {
          int from = 5 + i * (rows + 2);
          int to = 5 + i * (columns + 7);
          call.sum(i, from, to);
          for (int j = 0; j < rows; j++) {
            int at = 3 + j * (columns + gap);
            table[2 + j] = stored.address() + (long) at * type.bytes;
            for (int c = 0; c < columns; c++) {
              expected[to + c] = Math.fma(weights[from + j], v[at + c], expected[to + c]);
            }
          }
        }
        float[] found = y.clone();
        call.gathered(type, table, 2, sums, weights, found);
        assertSame(seed, found, expected);
        if (type == Stored.F32) {
          call.widened(v, 3, sums, weights, y);
          assertSame(seed, y, expected);
        }
      }
    }
  }

  /** Writes the values, and makes them those that the type can hold. */
  private static void store(MemorySegment to, Stored type, float[] v) {
    for (int i = 0; i < v.length; i++) {
      switch (type) {
        case F32 -> to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, v[i]);
        case BF16 -> {
          int high = Float.floatToIntBits(v[i]) >>> 16;
          v[i] = Float.intBitsToFloat(high << 16);
          to.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short) high);
        }
        default -> {
          short half = Float.floatToFloat16(v[i]);
          v[i] = Float.float16ToFloat(half);
          to.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, half);
        }
      }
    }
  }

  private static void assertSame(long seed, float[] found, float[] expected) {
    for (int i = 0; i < found.length; i++) {
      assertThat(Float.floatToIntBits(found[i]))
          .as("seed %d, place %d: found %s for %s", seed, i, found[i], expected[i])
          .isEqualTo(Float.floatToIntBits(expected[i]));
    }
  }
}
