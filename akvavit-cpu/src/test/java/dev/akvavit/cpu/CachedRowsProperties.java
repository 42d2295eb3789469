package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows into the cache and out again: this JVM's kernels against their twin, and what is lost. */
final class CachedRowsProperties {
  private static final Kernels K = Lanes.KERNELS;
  private static final Kernels TWIN = new ScalarKernels();
  private static final int CASES = 3_000;
  private static final int MISALIGNED = 3;

  static List<DType> types() {
    return CacheTypes.ALLOWED;
  }

  @ParameterizedTest
  @MethodSource("types")
  void vectorsAndTheirTwinWriteTheSameBytes(DType type) {
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] row = row(random, type);
      MemorySegment found = place(type, row.length);
      MemorySegment expected = place(type, row.length);
      K.narrow(found, 0, type, row, 1, row.length - 1);
      TWIN.narrow(expected, 0, type, row, 1, row.length - 1);
      assertThat(found.toArray(JAVA_BYTE))
          .as("%s, seed %d", type, seed)
          .isEqualTo(expected.toArray(JAVA_BYTE));
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void whatComesOutIsWithinHalfAStep(DType type) {
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] row = row(random, type);
      float[] back = back(type, row);
      boolean exactFactors = true;
      for (int i = 1; i < row.length; i++) {
        int block = 1 + (i - 1) / type.blockElements() * type.blockElements();
        float most = 0;
        for (int j = block; j < block + type.blockElements(); j++) {
          most = Math.max(most, Math.abs(row[j]));
        }
        assertThat(Math.abs((double) back[i] - row[i]))
            .as("%s, seed %d, element %d: %s of %s", type, seed, i, back[i], row[i])
            .isLessThanOrEqualTo(halfStep(type, row[i], most));
        exactFactors &= type != DType.Q8_0 || most >= 127 * 0x1p-14;
      }
      if (exactFactors) { // where F16 has fewer bits a block's largest code need not be 127
        assertThat(back(type, back)).as("stored again, seed %d", seed).containsExactly(back);
      }
    }
  }

  /** Largest error of a value in a block whose largest magnitude is {@code most}. */
  private static double halfStep(DType type, double value, double most) {
    return switch (type) {
      case F32 -> 0;
      case BF16 -> Math.max(Math.abs(value) * 0x1p-8, Float.MIN_VALUE * 0x1p15);
      case F16 ->
          Math.abs(value) > 65504
              ? Math.abs(value) - 65504
              : Math.max(Math.abs(value) * 0x1p-11, 0x1p-25);
      // the factor is off by a rounding to F16; so is the largest value, 127 times that
      case Q8_0 ->
          most > 127 * 65504.0
              ? most - 127 * 65504.0 + 65504 / 2.0
              : Math.max(most / 127 * (1 + 0x1p-11) / 2 + 0x1p-26, 127 * 0x1p-25);
      default -> throw new AssertionError(type);
    };
  }

  @Test
  void faultsAreNotHidden() {
    for (DType type : types()) {
      for (float fault :
          new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
        for (int at = 1; at < 65; at += 7) {
          float[] row = new float[65];
          Arrays.fill(row, 1.5f);
          row[at] = fault;
          float found = back(type, row)[at];
          assertThat(Float.isFinite(found)).as("%s of %s", type, fault).isFalse();
          if (type == DType.Q8_0) {
            assertThat(found).isNaN();
          } else {
            assertThat(Float.compare(found, fault)).as("%s of %s", type, fault).isZero();
          }
        }
      }
    }
  }

  @Test
  void valuesBeyondTheTypeStayFinite() {
    for (DType type : List.of(DType.F16, DType.Q8_0)) {
      float[] row = new float[33];
      Arrays.fill(row, -Float.MAX_VALUE);
      assertThat(back(type, row)[1]).isEqualTo(type == DType.F16 ? -65504f : -127 * 65504f);
    }
  }

  /** Before C2 has compiled a loop its vectors are objects: one window of many must be clean. */
  @Test
  void nothingIsAllocated() {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    float[] row = new float[513];
    for (int i = 0; i < row.length; i++) {
      row[i] = i - 200.5f;
    }
    for (DType type : types()) {
      MemorySegment place = place(type, 513);
      long least = Long.MAX_VALUE;
      for (int window = 0; window < 400 && least > 0; window++) {
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
          K.narrow(place, 0, type, row, 1, 512);
        }
        least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).as("bytes a window of %s", type).isZero();
    }
  }

  /** What the cache gives back; element 0 is none of the row. */
  private static float[] back(DType type, float[] row) {
    MemorySegment place = place(type, row.length);
    K.narrow(place, 0, type, row, 1, row.length - 1);
    float[] back = new float[row.length];
    K.widen(back, 1, place, 0, type, row.length - 1);
    back[0] = row[0];
    return back;
  }

  private static MemorySegment place(DType type, int length) {
    long bytes = type.bytes(length - 1);
    return Arena.ofAuto().allocate(bytes + MISALIGNED).asSlice(MISALIGNED, bytes);
  }

  /**
   * One element nobody reads, then whole blocks of values of every size that a type can and cannot
   * tell apart: halves of steps, zeros of both signs, subnormal and huge ones.
   */
  private static float[] row(SplittableRandom random, DType type) {
    int n = type.quantised() ? 32 * (1 + random.nextInt(4)) : 1 + random.nextInt(100);
    float[] row = new float[n + 1];
    int low = random.nextInt(8) == 0 ? -140 : random.nextInt(-30, 20);
    int high = low + 1 + random.nextInt(random.nextInt(4) == 0 ? 100 : 10);
    for (int i = 0; i < row.length; i++) {
      double size = Math.scalb(random.nextDouble(1, 2), Math.min(126, random.nextInt(low, high)));
      float value = (float) (random.nextBoolean() ? size : -size);
      row[i] =
          switch (random.nextInt(8)) {
            case 0 -> Float.intBitsToFloat(Float.floatToIntBits(value) & 0xFFFF_F000); // ties
            case 1 -> Float.intBitsToFloat(Float.floatToIntBits(value) & 0xFFFF_8000);
            case 2 -> Math.copySign(0, value);
            default -> value;
          };
    }
    return row;
  }
}
