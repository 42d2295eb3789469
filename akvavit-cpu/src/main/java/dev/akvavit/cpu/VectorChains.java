package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.I;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Arithmetic on registers alone, and loads alone: how fast vectors are multiplied and added, and
 * read, at most.
 */
final class VectorChains {
  private static final float FACTOR = 0.5f; // sums stay of order one

  /** Written so that nobody may leave out how it came about. */
  private static volatile float result;

  private VectorChains() {}

  static void run(int rounds) {
    FloatVector x = FloatVector.broadcast(F, FACTOR);
    FloatVector a = x;
    FloatVector b = x;
    FloatVector c = x;
    FloatVector d = x;
    FloatVector e = x;
    FloatVector f = x;
    FloatVector g = x;
    FloatVector h = x;
    for (int i = 0; i < rounds; i++) {
      a = a.fma(x, x);
      b = b.fma(x, x);
      c = c.fma(x, x);
      d = d.fma(x, x);
      e = e.fma(x, x);
      f = f.fma(x, x);
      g = g.fma(x, x);
      h = h.fma(x, x);
    }
    result = a.add(b).add(c.add(d)).add(e.add(f).add(g.add(h))).lane(0);
  }

  static void read(MemorySegment bytes, long n) {
    IntVector a = IntVector.zero(I);
    IntVector b = a;
    IntVector c = a;
    IntVector d = a;
    int step = I.vectorByteSize();
    for (long at = 0; at < n; at += 4L * step) {
      a = a.or(IntVector.fromMemorySegment(I, bytes, at, LITTLE_ENDIAN));
      b = b.or(IntVector.fromMemorySegment(I, bytes, at + step, LITTLE_ENDIAN));
      c = c.or(IntVector.fromMemorySegment(I, bytes, at + 2L * step, LITTLE_ENDIAN));
      d = d.or(IntVector.fromMemorySegment(I, bytes, at + 3L * step, LITTLE_ENDIAN));
    }
    result = a.or(b).or(c.or(d)).reduceLanes(VectorOperators.OR);
  }
}
