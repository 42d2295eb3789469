package dev.akvavit.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.akvavit.core.Tensor;
import dev.akvavit.cpu.machine.ElementCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Vectors rounded to 8 bits, 32 elements sharing a factor: {@code x = d q}, where {@code d} is the
 * largest size over 127 and {@code q} the nearest code, to even.
 *
 * <p>A block is a record of 64 bytes, a cache line: its 32 codes, {@code d}, and what panels need
 * of the sums of its codes. Those stand for the whole block, its first half and its last half.
 */
final class ByteInputs implements Inputs {
  /** Elements of a block. */
  static final int BLOCK = 32;

  /** Bytes of a record. */
  static final int RECORD = 64;

  // Places in a record, in bytes.
  static final int FACTOR = 32;
  static final int BIAS = 36; // -128 times a sum of codes, an int: whole, first, last
  static final int MINIMUM = 48; // -d times a sum of codes, F32: whole, first, last

  /** Codes of weights are this much too large, in panels without minima. */
  static final int OFFSET = 128;

  /** Added to a small number it leaves the nearest integer in the lowest bits. */
  static final float NEAREST = 0x1.8p23f;

  /** Smaller blocks are all zero: a reciprocal would not be finite. */
  private static final float LEAST = 0x1p-100f;

  private static final long ALIGNMENT = 64;

  MemorySegment records = MemorySegment.NULL;
  private int heads;
  private int columns;

  @Override
  public void begin(int rows, int heads, int columns) {
    if (columns % BLOCK != 0) {
      throw new IllegalArgumentException(columns + " columns are no whole number of blocks");
    }
    this.heads = heads;
    this.columns = columns;
    long bytes = (long) rows * heads * stride();
    if (records.byteSize() < bytes) {
      long most = Math.max(bytes, records.byteSize() * 3 / 2);
      records = Arena.ofAuto().allocate(most, ALIGNMENT);
    }
  }

  /**
   * Bytes from one vector to the next: an odd number of lines, so that the same block of several
   * vectors does not compete for one set of a cache.
   */
  long stride() {
    return (long) (columns / BLOCK | 1) * RECORD;
  }

  /** Where the records of a vector begin. */
  long at(int row, int head) {
    return ((long) row * heads + head) * stride();
  }

  /** The record of the block that {@code column} begins. */
  long at(int row, int head, int column) {
    return at(row, head) + (long) column / BLOCK * RECORD;
  }

  @Override
  public void pack(Tensor x, int from, int to, Scratch s) {
    s.column = Scratch.atLeast(s.column, columns);
    for (int row = from; row < to; row++) {
      for (int h = 0; h < heads; h++) {
        if (heads == 1) {
          Rows.pack(x, row, s.column, 0, columns);
        } else {
          Rows.packHead(x, row, h, s.column, 0, columns);
        }
        round(s.column, 0, at(row, h), s);
      }
    }
  }

  @Override
  public void round(FloatInputs exact, int from, int to, Scratch s) {
    for (int row = from; row < to; row++) {
      for (int h = 0; h < heads; h++) {
        round(exact.values, exact.at(row, h), at(row, h), s);
      }
    }
  }

  private void round(float[] x, int from, long at, Scratch s) {
    ElementCall call = s.elements;
    if (call == null) {
      Lanes.KERNELS.roundToBytes(x, from, columns, records, at);
    } else {
      call.round(x, from, columns / BLOCK, records.address() + at);
    }
  }

  /** Machine code that rounds as is done here, and computes {@link Exponential}. */
  static ElementCall elements() {
    return new ElementCall(Exponential.constants(), LEAST, NEAREST);
  }

  /** Which of three facts belongs to a part of a block that has one or two, in bytes. */
  static int part(int parts, int part) {
    return parts == 1 ? 0 : 4 * (part + 1);
  }

  /** What elements of a block are multiplied by to give codes. */
  static float reciprocal(float largest) {
    return largest < LEAST ? 0 : 127 / largest;
  }

  /** Completes a record whose codes are written. */
  static void complete(MemorySegment records, long at, float largest, int first, int last) {
    float d = largest < LEAST ? 0 : largest / 127;
    records.set(JAVA_FLOAT, at + FACTOR, d);
    sums(records, at, 0, d, first + last);
    sums(records, at, 1, d, first);
    sums(records, at, 2, d, last);
  }

  private static void sums(MemorySegment records, long at, int part, float d, int sum) {
    records.set(JAVA_INT, at + BIAS + 4 * part, -OFFSET * sum);
    records.set(JAVA_FLOAT, at + MINIMUM + 4 * part, -sum * d);
  }

  /** The rule, one element after another: the scalar form of {@link Kernels#roundToBytes}. */
  static void round(float[] x, int from, int n, MemorySegment records, long at) {
    for (int k = from; k < from + n; k += BLOCK, at += RECORD) {
      float largest = 0;
      for (int i = k; i < k + BLOCK; i++) {
        largest = Math.max(largest, Math.abs(x[i]));
      }
      float reciprocal = reciprocal(largest);
      int first = 0;
      int last = 0;
      for (int i = 0; i < BLOCK; i++) {
        byte code = (byte) Float.floatToRawIntBits(Math.fma(x[k + i], reciprocal, NEAREST));
        records.set(JAVA_BYTE, at + i, code);
        first += i < BLOCK / 2 ? code : 0;
        last += i < BLOCK / 2 ? 0 : code;
      }
      complete(records, at, largest, first, last);
    }
  }
}
