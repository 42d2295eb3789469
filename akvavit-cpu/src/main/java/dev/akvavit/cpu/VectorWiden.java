package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.B;
import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.L;
import static dev.akvavit.cpu.VectorLanes.S;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.akvavit.core.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/**
 * Stored values to F32, whole vectors at a time; a loop for each type keeps every loop within C2's
 * inlining budget.
 */
final class VectorWiden {
  private VectorWiden() {}

  /** Widens whole vectors and returns how many elements that were. */
  static int widen(float[] out, int at, MemorySegment from, long offset, DType type, int n) {
    return switch (type) {
      case F32 -> f32(out, at, from, offset, n);
      case BF16 -> bf16(out, at, from, offset, n);
      case F16 -> f16(out, at, from, offset, n);
      case F8_E4M3 -> f8(out, at, from, offset, n);
      default -> L >= 8 ? blocks(out, at, from, offset, type, n) : 0;
    };
  }

  /** Whether a type has a loop here. */
  static boolean widens(DType type) {
    return switch (type) {
      case F32, BF16, F16, F8_E4M3 -> true;
      case Q8_0, Q4_0, Q4_K, Q6_K -> L >= 8;
      default -> false;
    };
  }

  /** Whole blocks; 0 for types that have no loop here. */
  private static int blocks(
      float[] out, int at, MemorySegment from, long offset, DType type, int n) {
    switch (type) {
      case Q8_0 -> VectorQuant.q8(out, at, from, offset, n);
      case Q4_0 -> VectorQuant.q4(out, at, from, offset, n);
      case Q4_K -> VectorQuant.q4k(out, at, from, offset, n);
      case Q6_K -> VectorQuant.q6k(out, at, from, offset, n);
      default -> {
        return 0;
      }
    }
    return n;
  }

  private static int f32(float[] out, int at, MemorySegment from, long offset, int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      FloatVector.fromMemorySegment(F, from, offset + 4L * k, LITTLE_ENDIAN).intoArray(out, at + k);
    }
    return k;
  }

  private static int bf16(float[] out, int at, MemorySegment from, long offset, int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      VectorLanes.bf16(ShortVector.fromMemorySegment(S, from, offset + 2L * k, LITTLE_ENDIAN))
          .intoArray(out, at + k);
    }
    return k;
  }

  private static int f16(float[] out, int at, MemorySegment from, long offset, int n) {
    int k = 0;
    for (; k + L <= n; k += L) {
      VectorLanes.f16(ShortVector.fromMemorySegment(S, from, offset + 2L * k, LITTLE_ENDIAN))
          .intoArray(out, at + k);
    }
    return k;
  }

  /** At 128 bits a load brings twice the bytes it needs, so the last vector is left to others. */
  private static int f8(float[] out, int at, MemorySegment from, long offset, int n) {
    int k = 0;
    for (; k + B.length() <= n; k += L) {
      VectorLanes.f8(ByteVector.fromMemorySegment(B, from, offset + k, LITTLE_ENDIAN))
          .intoArray(out, at + k);
    }
    return k;
  }
}
