package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.F;

import jdk.incubator.vector.FloatVector;

/** Arithmetic on registers alone: how fast vectors are multiplied and added at most. */
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
}
