package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.B;
import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.I;
import static dev.akvavit.cpu.VectorLanes.L;
import static dev.akvavit.cpu.VectorLanes.S;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.akvavit.core.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 rows to what the cache keeps, whole vectors at a time; the counterpart of {@link
 * VectorWiden}, and {@link Narrow} bit for bit, but for the fractions of NaN.
 */
final class VectorNarrow {
  private static final int INFINITY = 0x7F80_0000;

  private VectorNarrow() {}

  /** Narrows whole vectors and returns how many elements that were. */
  static int narrow(MemorySegment to, long offset, DType type, float[] from, int at, int n) {
    return switch (type) {
      case F32 -> f32(to, offset, from, at, n);
      case BF16 -> bf16(to, offset, from, at, n);
      case F16 -> f16(to, offset, from, at, n);
      case Q8_0 -> L >= 8 ? q8(to, offset, from, at, n) : 0;
      default -> 0;
    };
  }

  private static int f32(MemorySegment to, long offset, float[] from, int at, int n) {
    MemorySegment.copy(from, at, to, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, n);
    return n;
  }

  private static int bf16(MemorySegment to, long offset, float[] from, int at, int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      IntVector bits = FloatVector.fromArray(F, from, at + k).reinterpretAsInts();
      IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
      IntVector rounded = bits.add(0x7FFF).add(odd);
      IntVector quiet = bits.or(0x40_0000);
      var nan = bits.and(0x7FFF_FFFF).compare(VectorOperators.GT, INFINITY);
      IntVector high = rounded.blend(quiet, nan).lanewise(VectorOperators.LSHR, 16);
      ((ShortVector) high.castShape(S, 0)).intoMemorySegment(to, offset + 2L * k, LITTLE_ENDIAN);
    }
    return k;
  }

  /**
   * Normal numbers lose 13 bits of fraction and 112 of exponent. Below them a step is 2^-24, the
   * last bit of numbers from 0.5 to 1: adding 0.5 rounds.
   */
  private static int f16(MemorySegment to, long offset, float[] from, int at, int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      IntVector bits = FloatVector.fromArray(F, from, at + k).reinterpretAsInts();
      IntVector size = bits.and(0x7FFF_FFFF);
      IntVector odd = size.lanewise(VectorOperators.LSHR, 13).and(1);
      IntVector normal =
          size.add(0xFFF - (112 << 23)).add(odd).lanewise(VectorOperators.LSHR, 13).min(0x7BFF);
      IntVector small = size.reinterpretAsFloats().add(0.5f).reinterpretAsInts().sub(126 << 23);
      IntVector half = normal.blend(small, size.lt(113 << 23));
      IntVector endless = size.lanewise(VectorOperators.LSHR, 13).and(0x3FF).or(0x7C00);
      half = half.blend(endless, size.compare(VectorOperators.GE, INFINITY));
      half = half.blend(0x7E00, size.compare(VectorOperators.GT, INFINITY));
      IntVector sign = bits.lanewise(VectorOperators.LSHR, 16).and(0x8000);
      ((ShortVector) half.or(sign).castShape(S, 0))
          .intoMemorySegment(to, offset + 2L * k, LITTLE_ENDIAN);
    }
    return k;
  }

  /** In three loops, each within C2's inlining budget. */
  private static int q8(MemorySegment to, long offset, float[] from, int at, int n) {
    for (int k = 0; k < n; k += Narrow.Q8_BLOCK, offset += 2 + Narrow.Q8_BLOCK) {
      short factor = Narrow.q8Factor(largest(from, at + k));
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, factor);
      codes(to, offset + 2, from, at + k, Narrow.q8Step(factor));
    }
    return n;
  }

  private static float largest(float[] from, int at) {
    FloatVector most = FloatVector.zero(F);
    for (int j = 0; j < Narrow.Q8_BLOCK; j += L) {
      most = most.max(FloatVector.fromArray(F, from, at + j).abs());
    }
    return most.reduceLanes(VectorOperators.MAX);
  }

  private static void codes(MemorySegment to, long offset, float[] from, int at, float step) {
    for (int j = 0; j < Narrow.Q8_BLOCK; j += L) {
      FloatVector code = FloatVector.fromArray(F, from, at + j).div(step);
      code = code.max(-Narrow.Q8_MAX).min(Narrow.Q8_MAX).add(Narrow.ROUND).sub(Narrow.ROUND);
      ((ByteVector) code.castShape(I, 0).castShape(B, 0))
          .intoMemorySegment(to, offset + j, LITTLE_ENDIAN);
    }
  }
}
