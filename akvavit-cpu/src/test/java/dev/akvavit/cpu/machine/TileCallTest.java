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

/**
 * Products on tiles against a loop that adds in the order, and rounds as, Intel's manual has it
 * (TDPBF16PS): every bit agrees, for any number of rows and vectors.
 */
final class TileCallTest {
  private static final int CASES = Integer.getInteger("akvavit.tileCases", 3000);
  private static final int UNTOUCHED = 0x7FC1_2345;

  @BeforeEach
  void needsTiles() {
    assumeTrue(MachineCode.here().has(InstructionSet.BF16_TILES), "no AMX");
  }

  /** By each way that leads there. */
  private static void pack(
      PackCall call,
      float[] x,
      int at,
      int n,
      int columns,
      boolean single,
      SplittableRandom r,
      long to,
      Arena arena) {
    if (single) {
      call.round(x, at, columns, to);
    } else if (r.nextBoolean()) {
      call.interleave(x, at, columns, n, columns, to);
    } else {
      for (int i = 0; i < n; i++) {
        long rounded = arena.allocate(2L * columns, 64).address();
        call.round(x, at + i * columns, columns, rounded);
        call.rounded(i, rounded);
      }
      call.interleave(n, columns, to);
    }
  }

  @Test
  void anyNumberOfRowsAndVectors() {
    TileCall call = new TileCall();
    PackCall pack = new PackCall();
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      boolean odd = r.nextInt(10) == 0;
      int rows = 1 + r.nextInt(r.nextInt(4) == 0 ? 100 : 40);
      int columns = 32 * (1 + r.nextInt(r.nextInt(8) == 0 ? 40 : 6));
      int vectors = r.nextInt(3) == 0 ? 1 : 1 + r.nextInt(TileCall.MOST_VECTORS);
      int gap = r.nextInt(40);
      short[] w = new short[rows * (columns + gap)];
      for (int i = 0; i < w.length; i++) {
        w[i] = Bf16.random(r, odd);
      }
      float[] x = new float[vectors * columns + 7];
      for (int i = 0; i < x.length; i++) {
        x[i] = odd ? Bf16.value(Bf16.random(r, true)) : (float) r.nextGaussian();
      }
      short[] rounded = new short[x.length];
      for (int i = 0; i < x.length; i++) {
        rounded[i] = Bf16.round(x[i]);
      }
      int stride = rows + r.nextInt(5);
      float[] y = new float[vectors * stride + 3];
      Arrays.fill(y, Float.intBitsToFloat(UNTOUCHED));
      boolean single = vectors == 1 && r.nextBoolean();
      try (Arena arena = Arena.ofConfined()) {
        // Rows end where the memory ends: a read beyond them would meet the guard of the arena.
        MemorySegment bytes = arena.allocate(2L * w.length, 1);
        MemorySegment.copy(w, 0, bytes, ValueLayout.JAVA_SHORT_UNALIGNED, 0, w.length);
        int each = single ? 1 : TileCall.SIDE;
        long room = 2L * columns * each;
        long packed = arena.allocate(2 * room, 64).address();
        for (int i = 0; i < vectors; i += each) {
          pack(
              pack,
              x,
              7 + i * columns,
              Math.min(each, vectors - i),
              columns,
              single,
              r,
              packed + i / each * room,
              arena);
        }
        call.rows(2L * (columns + gap), rows, columns);
        call.vectors(packed, vectors, single);
        call.results(3, stride);
        call.multiply(bytes.address(), y);
      }
      for (int t = 0; t < vectors; t++) {
        for (int row = 0; row < rows; row++) {
          float wanted = Bf16.tileSum(w, row * (columns + gap), rounded, 7 + t * columns, columns);
          assertThat(Float.floatToIntBits(y[3 + t * stride + row]))
              .as(
                  "seed %d: %d x %d, row %d of vector %d of %d, odd %s, found %s for %s",
                  seed, rows, columns, row, t, vectors, odd, y[3 + t * stride + row], wanted)
              .isEqualTo(Float.floatToIntBits(wanted));
        }
      }
      int written = 0;
      for (float v : y) {
        written += Float.floatToRawIntBits(v) == UNTOUCHED ? 0 : 1;
      }
      assertThat(written).as("results written, seed %d", seed).isEqualTo(vectors * rows);
    }
  }
}
