package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.akvavit.core.Batch;
import dev.akvavit.core.Rope;
import dev.akvavit.core.RopeStyle;
import dev.akvavit.core.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Rotation by position. A rope's cosines and sines are kept for the tokens of one step: every layer
 * of the step reads them, the next step's positions replace them, so nothing grows with the
 * context.
 */
final class Rotary implements Workers.Task {

  /** Cosines then sines of each row, for the position the row had last. */
  private static final class Angles {
    final Rope rope;
    int[] positions = {};
    float[] turns = {};

    Angles(Rope rope) {
      this.rope = rope;
    }

    void reserve(int rows) {
      int known = positions.length;
      if (known < rows) {
        positions = Arrays.copyOf(positions, rows + (rows >> 1));
        Arrays.fill(positions, known, positions.length, -1);
        turns = Arrays.copyOf(turns, positions.length * rope.dim());
      }
    }

    /** Where the row's cosines begin. */
    int at(int row, int position) {
      int half = rope.inverseFrequency().length;
      int at = row * 2 * half;
      if (positions[row] != position) {
        for (int i = 0; i < half; i++) {
          float angle = position * rope.inverseFrequency()[i];
          turns[at + i] = (float) Math.cos(angle) * rope.magnitude();
          turns[at + half + i] = (float) Math.sin(angle) * rope.magnitude();
        }
        positions[row] = position;
      }
      return at;
    }
  }

  private static final int GRAIN = 8 * 1024;

  private final Workers workers;
  private final Scratch[] scratch;
  private Angles[] known = {};
  private Angles angles = new Angles(new Rope(RopeStyle.HALVES, new float[0], 1));
  private Tensor x;
  private int[] positions = {};

  Rotary(Workers workers, Scratch[] scratch, Tensor none) {
    this.workers = workers;
    this.scratch = scratch;
    x = none;
  }

  void run(Tensor x, Rope rope, Batch batch) {
    if (!angles.rope.equals(rope)) {
      angles = find(rope);
    }
    this.x = x;
    positions = batch.positions;
    angles.reserve(x.extent().first() + x.rows());
    workers.run(this, x.rows(), Math.max(1, GRAIN / (x.heads() * Math.max(1, rope.dim()))));
  }

  private Angles find(Rope rope) {
    for (Angles a : known) {
      if (a.rope.equals(rope)) {
        return a;
      }
    }
    known = Arrays.copyOf(known, known.length + 1);
    return known[known.length - 1] = new Angles(rope);
  }

  @Override
  public void run(int from, int to, int worker) {
    Scratch s = scratch[worker];
    MemorySegment bytes = CpuBuffer.of(x);
    int dim = angles.rope.dim();
    float[] head = s.more = Scratch.atLeast(s.more, dim);
    for (int row = from; row < to; row++) {
      int token = x.extent().first() + row;
      int at = angles.at(token, positions[token]);
      for (int h = 0; h < x.heads(); h++) {
        long offset = CpuBuffer.at(x, row, h);
        MemorySegment.copy(bytes, JAVA_FLOAT_UNALIGNED, offset, head, 0, dim);
        if (angles.rope.style() == RopeStyle.HALVES) {
          turnHalves(head, angles.turns, at, dim / 2);
        } else {
          turnPairs(head, angles.turns, at, dim / 2);
        }
        MemorySegment.copy(head, 0, bytes, JAVA_FLOAT_UNALIGNED, offset, dim);
      }
    }
  }

  private static void turnHalves(float[] v, float[] turns, int at, int half) {
    for (int i = 0; i < half; i++) {
      float a = v[i];
      float b = v[i + half];
      float cos = turns[at + i];
      float sin = turns[at + half + i];
      v[i] = a * cos - b * sin;
      v[i + half] = b * cos + a * sin;
    }
  }

  private static void turnPairs(float[] v, float[] turns, int at, int half) {
    for (int i = 0; i < half; i++) {
      float a = v[2 * i];
      float b = v[2 * i + 1];
      float cos = turns[at + i];
      float sin = turns[at + half + i];
      v[2 * i] = a * cos - b * sin;
      v[2 * i + 1] = b * cos + a * sin;
    }
  }
}
