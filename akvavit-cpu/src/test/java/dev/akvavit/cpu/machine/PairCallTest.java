package dev.akvavit.cpu.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Products of BF16 pairs against a loop that rounds as the instruction does: every bit agrees. */
final class PairCallTest {
  private static final int CASES = 3000;
  private static final int UNTOUCHED = 0x7FC1_2345;

  @BeforeEach
  void needsInstructions() {
    assumeTrue(MachineCode.here().has(InstructionSet.BF16), "no AVX512_BF16");
  }

  private static float expected(short[] w, int w0, short[] x, int x0, int columns) {
    float[] lanes = new float[16];
    for (int i = 0; i < columns; i += 2) {
      int lane = i / 2 % 16;
      if (i + 1 < columns) {
        lanes[lane] = Bf16.add(lanes[lane], x[x0 + i + 1], w[w0 + i + 1]);
      } else {
        lanes[lane] = Bf16.add(lanes[lane], (short) 0, (short) 0);
      }
      lanes[lane] = Bf16.add(lanes[lane], x[x0 + i], w[w0 + i]);
    }
    for (int half = 8; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  @Test
  void rowsWholeAndInParts() {
    PairCall call = new PairCall();
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      boolean odd = r.nextInt(10) == 0;
      int rows = 1 + r.nextInt(11);
      int columns = 1 + r.nextInt(r.nextInt(8) == 0 ? 3000 : 300);
      int padded = Math.ceilDiv(columns, 32) * 32;
      int vectors = 1 + r.nextInt(PairCall.MOST_VECTORS);
      int gap = r.nextInt(40);
      short[] w = new short[rows * (columns + gap)];
      for (int i = 0; i < w.length; i++) {
        w[i] = Bf16.random(r, odd);
      }
      short[] x = new short[vectors * padded + 7];
      for (int t = 0; t < vectors; t++) {
        for (int i = 0; i < columns; i++) {
          x[7 + t * padded + i] = Bf16.random(r, odd);
        }
      }
      float[] y = new float[vectors * rows + 3];
      Arrays.fill(y, Float.intBitsToFloat(UNTOUCHED));
      int part = r.nextBoolean() ? padded : 32 * (1 + r.nextInt(10));
      float[] kept = new float[DotCall.kept(rows, vectors)];
      try (Arena arena = Arena.ofConfined()) {
        // Rows end where the memory ends: a read beyond them would meet the guard of the arena.
        MemorySegment bytes = arena.allocate(2L * w.length, 1);
        MemorySegment.copy(w, 0, bytes, ValueLayout.JAVA_SHORT_UNALIGNED, 0, w.length);
        MemorySegment vectorBytes = arena.allocate(2L * x.length, 64);
        MemorySegment.copy(x, 0, vectorBytes, ValueLayout.JAVA_SHORT, 0, x.length);
        call.results(3, rows);
        for (int k = 0; k < columns; k += part) {
          int n = Math.min(part, columns - k);
          call.rows(2L * (columns + gap), rows, n, k == 0, k + n == columns);
          for (int t = 0; t < vectors; t++) {
            call.vector(t, vectorBytes.address() + 2L * (7 + t * padded + k));
          }
          call.multiply(bytes.address() + 2L * k, vectors, y, kept);
        }
      }
      for (int t = 0; t < vectors; t++) {
        for (int row = 0; row < rows; row++) {
          float wanted = expected(w, row * (columns + gap), x, 7 + t * padded, columns);
          assertThat(Float.floatToIntBits(y[3 + t * rows + row]))
              .as(
                  "seed %d: %d x %d, row %d of vector %d, odd %s, found %s for %s",
                  seed, rows, columns, row, t, odd, y[3 + t * rows + row], wanted)
              .isEqualTo(Float.floatToIntBits(wanted));
        }
      }
      assertThat(Float.floatToRawIntBits(y[2])).isEqualTo(UNTOUCHED);
    }
  }
}
