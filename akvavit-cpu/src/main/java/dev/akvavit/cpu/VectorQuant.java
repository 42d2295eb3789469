package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.B;
import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.I;
import static dev.akvavit.cpu.VectorLanes.L;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.akvavit.core.QuantBlocks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The quantised types that have loops of their own, {@link QuantBlocks} bit for bit: factors are
 * multiplied to codes before anything else, so that a weight has the same value whether it is
 * widened or multiplied at once. From 256 bits on, where a vector of bytes is as long as one of
 * floats.
 */
final class VectorQuant {
  private VectorQuant() {}

  static void q8(float[] out, int at, MemorySegment w, long o, int n) {
    for (int k = 0; k < n; k += 32, o += 34) {
      float d = f16(w, o);
      for (int j = 0; j < 32; j += L) {
        codes(w, o + 2 + j).mul(d).intoArray(out, at + k + j);
      }
    }
  }

  static void q4(float[] out, int at, MemorySegment w, long o, int n) {
    for (int k = 0; k < n; k += 32, o += 18) {
      float d = f16(w, o);
      for (int j = 0; j < 16; j += L) {
        IntVector both = ints(w, o + 2 + j);
        low(both).sub(8).mul(d).intoArray(out, at + k + j);
        high(both).sub(8).mul(d).intoArray(out, at + k + 16 + j);
      }
    }
  }

  static void q4k(float[] out, int at, MemorySegment w, long o, int n) {
    for (int k = 0; k < n; k += 256, o += 144) {
      float d = f16(w, o);
      float m = f16(w, o + 2);
      for (int g = 0; g < 8; g += 2) {
        float s0 = d * QuantBlocks.k4Scale(w, o + 4, g);
        float s1 = d * QuantBlocks.k4Scale(w, o + 4, g + 1);
        float m0 = m * QuantBlocks.k4Minimum(w, o + 4, g);
        float m1 = m * QuantBlocks.k4Minimum(w, o + 4, g + 1);
        for (int j = 0; j < 32; j += L) {
          IntVector both = ints(w, o + 16 + 16 * g + j);
          low(both).mul(s0).sub(m0).intoArray(out, at + k + 32 * g + j);
          high(both).mul(s1).sub(m1).intoArray(out, at + k + 32 * g + 32 + j);
        }
      }
    }
  }

  static void q6k(float[] out, int at, MemorySegment w, long o, int n) {
    for (int k = 0; k < n; k += 256, o += 210) {
      float d = f16(w, o + 208);
      for (int half = 0; half < 2; half++) {
        for (int j = 0; j < 32; j += L) {
          IntVector top = ints(w, o + 128 + 32 * half + j);
          for (int part = 0; part < 4; part++) {
            IntVector nibbles = ints(w, o + 64 * half + part % 2 * 32 + j);
            IntVector code = nibbles.lanewise(VectorOperators.LSHR, part / 2 * 4).and(15);
            IntVector pair = top.lanewise(VectorOperators.LSHR, 2 * part).and(3);
            IntVector q = code.or(pair.lanewise(VectorOperators.LSHL, 4)).sub(32);
            int i = 128 * half + 32 * part + j;
            float scale = d * w.get(ValueLayout.JAVA_BYTE, o + 192 + i / 16);
            floats(q).mul(scale).intoArray(out, at + k + i);
          }
        }
      }
    }
  }

  /** Two rows of {@link #q8} times a vector, into two accumulators at {@code lanes[at..]}. */
  static void q8Pair(
      MemorySegment w, long o0, long o1, float[] x, int x0, int n, float[] lanes, int at) {
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    for (int k = x0; k < x0 + n; k += 32, o0 += 34, o1 += 34) {
      float d0 = f16(w, o0);
      float d1 = f16(w, o1);
      for (int j = 0; j < 32; j += L) {
        FloatVector v = FloatVector.fromArray(F, x, k + j);
        a0 = codes(w, o0 + 2 + j).mul(d0).fma(v, a0);
        a1 = codes(w, o1 + 2 + j).mul(d1).fma(v, a1);
      }
    }
    a0.intoArray(lanes, at);
    a1.intoArray(lanes, at + L);
  }

  /** The same for {@link #q4}; the low nibbles of a block come first, as their elements do. */
  static void q4Pair(
      MemorySegment w, long o0, long o1, float[] x, int x0, int n, float[] lanes, int at) {
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    for (int k = x0; k < x0 + n; k += 32, o0 += 18, o1 += 18) {
      float d0 = f16(w, o0);
      float d1 = f16(w, o1);
      for (int j = 0; j < 16; j += L) {
        FloatVector v = FloatVector.fromArray(F, x, k + j);
        a0 = low(ints(w, o0 + 2 + j)).sub(8).mul(d0).fma(v, a0);
        a1 = low(ints(w, o1 + 2 + j)).sub(8).mul(d1).fma(v, a1);
      }
      for (int j = 0; j < 16; j += L) {
        FloatVector v = FloatVector.fromArray(F, x, k + 16 + j);
        a0 = high(ints(w, o0 + 2 + j)).sub(8).mul(d0).fma(v, a0);
        a1 = high(ints(w, o1 + 2 + j)).sub(8).mul(d1).fma(v, a1);
      }
    }
    a0.intoArray(lanes, at);
    a1.intoArray(lanes, at + L);
  }

  private static FloatVector codes(MemorySegment w, long o) {
    return floats(ints(w, o));
  }

  /** {@code L} bytes, sign-extended. */
  private static IntVector ints(MemorySegment w, long o) {
    return (IntVector) ByteVector.fromMemorySegment(B, w, o, LITTLE_ENDIAN).castShape(I, 0);
  }

  private static FloatVector low(IntVector both) {
    return floats(both.and(15));
  }

  private static FloatVector high(IntVector both) {
    return floats(both.lanewise(VectorOperators.LSHR, 4).and(15));
  }

  private static FloatVector floats(IntVector v) {
    return (FloatVector) v.castShape(F, 0);
  }

  private static float f16(MemorySegment w, long o) {
    return Float.float16ToFloat(w.get(ValueLayout.JAVA_SHORT_UNALIGNED, o));
  }
}
