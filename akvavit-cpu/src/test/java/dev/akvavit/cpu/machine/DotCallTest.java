package dev.akvavit.cpu.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Dot products by machine code against a loop that adds in the same order, one lane after another:
 * every bit must agree, for any number of rows, columns and vectors, at any place.
 */
final class DotCallTest {
  private static final int CASES = 2500;
  private static final float[] ODD = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0, -0f, Float.MIN_VALUE, -1e-41f
  };

  @BeforeEach
  void needsMachineCode() {
    assumeTrue(MachineCode.here().isReady(), String.join(", ", MachineCode.here().description()));
  }

  /** A random product and what it should give. */
  private static final class Case {
    final SplittableRandom r;
    final Stored type;
    final int rows;
    final int columns;
    final int vectors;
    final int block;
    final float[] weights; // [rows, columns], what is stored
    final float[] factors;
    final float[] x;
    final int[] at;
    final boolean odd;

    Case(long seed, Stored type) {
      r = new SplittableRandom(seed);
      this.type = type;
      rows = 1 + r.nextInt(11);
      block = 16 * (1 + r.nextInt(9));
      int some = 1 + r.nextInt(r.nextInt(8) == 0 ? 3000 : 300);
      int whole = type == Stored.F8 ? 16 : type.quantised() ? Stored.BLOCK : 1;
      columns = Math.ceilDiv(some, whole) * whole;
      vectors = 1 + r.nextInt(type.quantised() ? DotCall.MOST_QUANTISED : DotCall.MOST_VECTORS);
      odd = r.nextInt(20) == 0;
      weights = new float[rows * columns];
      factors = new float[Math.ceilDiv(columns, block)];
      for (int i = 0; i < factors.length; i++) {
        factors[i] = r.nextFloat(0.001f, 0.01f);
      }
      int padded = Math.ceilDiv(columns, 16) * 16;
      x = new float[vectors * (padded + 5) + 9];
      at = new int[vectors];
      for (int t = 0; t < vectors; t++) {
        at[t] = r.nextInt(9) + t * (padded + 5);
      }
      for (int t = 0; t < vectors; t++) {
        for (int i = 0; i < columns; i++) {
          x[at[t] + i] = value();
        }
        for (int i = columns; i < padded; i++) {
          x[at[t] + i] = 0;
        }
      }
    }

    float value() {
      return odd && r.nextInt(50) == 0
          ? ODD[r.nextInt(ODD.length)]
          : (float) r.nextGaussian() * (r.nextInt(9) == 0 ? 1e-30f : 1);
    }

    /** Stores a random element and returns its value. */
    float store(MemorySegment to, long offset) {
      return switch (type) {
        case F32 -> {
          float v = value();
          to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset, v);
          yield v;
        }
        case BF16 -> {
          int high = Float.floatToRawIntBits(value()) >>> 16;
          to.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, (short) high);
          yield Float.intBitsToFloat(high << 16);
        }
        case F16 -> {
          short half = Float.floatToFloat16((float) r.nextGaussian() * (odd ? 1e-5f : 1));
          to.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, half);
          yield Float.float16ToFloat(half);
        }
        case F8 -> {
          int code = r.nextInt(256);
          to.set(ValueLayout.JAVA_BYTE, offset, (byte) code);
          yield e4m3(code);
        }
        default -> throw new IllegalArgumentException("stored by blocks");
      };
    }

    /** Bytes of a row. */
    long rowBytes() {
      return (long) (type.quantised() ? columns / Stored.BLOCK : columns) * type.bytes;
    }

    /** Stores all weights, rows so many bytes apart. */
    void storeAll(MemorySegment to, long stride) {
      for (int row = 0; row < rows; row++) {
        for (int c = 0; c < columns; c += type.quantised() ? Stored.BLOCK : 1) {
          if (type.quantised()) {
            block(to, row * stride + (long) c / Stored.BLOCK * type.bytes, row * columns + c);
          } else {
            weights[row * columns + c] = store(to, row * stride + (long) c * type.bytes);
          }
        }
      }
    }

    /** A block of 32: its factor, then a byte or a nibble an element. */
    private void block(MemorySegment to, long offset, int first) {
      short half = Float.floatToFloat16(r.nextFloat(-0.1f, 0.1f) * (odd ? 1e-5f : 1));
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, half);
      for (int i = 0; i < Stored.BLOCK; i++) {
        boolean wide = type == Stored.Q8;
        int code = wide ? r.nextInt(-128, 128) : r.nextInt(16);
        long at = offset + 2 + (wide ? i : i % 16);
        int before = i < 16 || wide ? 0 : to.get(ValueLayout.JAVA_BYTE, at);
        to.set(ValueLayout.JAVA_BYTE, at, (byte) (i < 16 || wide ? code : before | code << 4));
        weights[first + i] = (wide ? code : code - 8) * Float.float16ToFloat(half);
      }
    }

    /** By its definition, except that the code for NaN counts as 480. */
    private static float e4m3(int code) {
      int exponent = code >> 3 & 15;
      float size =
          exponent == 0 ? (code & 7) * 0x1p-9f : Math.scalb(1 + (code & 7) / 8f, exponent - 7);
      return (code & 0x80) == 0 ? size : -size;
    }

    float weight(int row, int column) {
      float w = weights[row * columns + column];
      return type == Stored.F8 ? w * factors[column / block] : w;
    }

    float expected(int row, int t) {
      float[] lanes = new float[16];
      for (int i = 0; i < Math.ceilDiv(columns, 16) * 16; i++) {
        float w = i < columns ? weight(row, i) : 0;
        lanes[i % 16] = Math.fma(w, x[at[t] + i], lanes[i % 16]);
      }
      for (int half = 8; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
          lanes[i] += lanes[i + half];
        }
      }
      return lanes[0];
    }

    void check(float[] y, int y0, int stride, long seed) {
      for (int t = 0; t < vectors; t++) {
        for (int row = 0; row < rows; row++) {
          assertThat(Float.floatToIntBits(y[y0 + t * stride + row]))
              .as(
                  "seed %d: %s, %d x %d, row %d of vector %d of %d, found %s for %s",
                  seed,
                  type,
                  rows,
                  columns,
                  row,
                  t,
                  vectors,
                  y[y0 + t * stride + row],
                  expected(row, t))
              .isEqualTo(Float.floatToIntBits(expected(row, t)));
        }
      }
      int written = 0;
      for (float v : y) {
        written += Float.floatToRawIntBits(v) == UNTOUCHED ? 0 : 1;
      }
      assertThat(written).as("results written, seed %d", seed).isEqualTo(vectors * rows);
    }
  }

  private static final int UNTOUCHED = 0x7FC1_2345;

  private static float[] untouched(int n) {
    float[] y = new float[n];
    java.util.Arrays.fill(y, Float.intBitsToFloat(UNTOUCHED));
    return y;
  }

  @ParameterizedTest
  @EnumSource(names = "PAIRS", mode = EnumSource.Mode.EXCLUDE)
  void storedRows(Stored type) {
    DotCall call = new DotCall();
    for (long seed = 0; seed < CASES; seed++) {
      Case c = new Case(seed, type);
      try (Arena arena = Arena.ofConfined()) {
        long row = c.rowBytes();
        int gap = c.r.nextInt(70);
        // Rows end where the memory ends: a read beyond them would meet the guard of the arena.
        MemorySegment bytes = arena.allocate(c.rows * (row + gap), 1);
        c.storeAll(bytes, row + gap);
        MemorySegment factors = arena.allocateFrom(ValueLayout.JAVA_FLOAT, c.factors);
        int stride = c.rows + c.r.nextInt(5);
        int y0 = c.r.nextInt(5);
        float[] y = untouched(y0 + c.vectors * stride);
        call.rows(row + gap, c.rows, c.columns);
        call.factors(factors.address(), c.block);
        for (int t = 0; t < c.vectors; t++) {
          call.vector(t, c.at[t]);
        }
        call.results(y0, stride);
        call.stored(type, bytes.address(), c.vectors, c.x, y, new float[0]);
        c.check(y, y0, stride, seed);
        if (type != Stored.F8 && !type.quantised()) {
          long[] table = new long[c.rows + 3];
          for (int i = 0; i < c.rows; i++) {
            table[3 + i] = bytes.address() + i * (row + gap);
          }
          java.util.Arrays.fill(y, Float.intBitsToFloat(UNTOUCHED));
          call.rows(0, c.rows, c.columns);
          call.gathered(type, table, 3, c.vectors, c.x, y);
          c.check(y, y0, stride, seed);
        }
      }
    }
  }

  @Test
  void widenedRowsWholeAndInParts() {
    DotCall call = new DotCall();
    for (long seed = 0; seed < CASES; seed++) {
      Case c = new Case(seed, Stored.F32);
      int padded = Math.ceilDiv(c.columns, 16) * 16;
      int w0 = c.r.nextInt(20);
      float[] w = new float[w0 + c.rows * padded];
      for (int i = 0; i < c.weights.length; i++) {
        c.weights[i] = w[w0 + i / c.columns * padded + i % c.columns] = c.value();
      }
      float[] y = untouched(c.vectors * c.rows);
      float[] kept = new float[DotCall.kept(c.rows, c.vectors)];
      int part = 16 * (1 + c.r.nextInt(20));
      for (int from = 0; from < padded; from += part) {
        int n = Math.min(part, padded - from);
        call.rows(4L * padded, c.rows, n);
        for (int t = 0; t < c.vectors; t++) {
          call.vector(t, c.at[t] + from);
        }
        call.results(0, c.rows);
        call.part(from == 0, from + n == padded);
        call.widened(w, w0 + from, c.vectors, c.x, y, kept);
      }
      c.check(y, 0, c.rows, seed);
    }
  }
}
