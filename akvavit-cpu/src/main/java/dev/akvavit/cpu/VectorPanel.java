package dev.akvavit.cpu;

import static dev.akvavit.cpu.VectorLanes.B;
import static dev.akvavit.cpu.VectorLanes.F;
import static dev.akvavit.cpu.VectorLanes.I;
import static dev.akvavit.cpu.VectorLanes.L;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.akvavit.cpu.machine.PanelForm;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A panel times a vector of codes, rows in lanes. Products of codes are summed as floats, which are
 * exact here: a block's sum is an integer below 2^24 in whatever order.
 */
final class VectorPanel {
  private VectorPanel() {}

  /** As {@link Kernels#addPanel}. */
  static void add(
      PanelForm form,
      MemorySegment panel,
      long at,
      int blocks,
      MemorySegment records,
      long record,
      float[] sums) {
    for (int row = 0; row < PanelForm.ROWS; row += L) {
      long block = at + 4L * row;
      long input = record;
      for (int b = 0; b < blocks; b++, block += form.bytes(), input += ByteInputs.RECORD) {
        for (int part = 0; part < form.parts(); part++) {
          addPart(form, part, panel, block, records, input, sums, row);
        }
        for (int part = 0; part < form.parts() && form.hasMinima(); part++) {
          long place = input + ByteInputs.MINIMUM + ByteInputs.part(form.parts(), part);
          FloatVector sum = FloatVector.fromArray(F, sums, row);
          floats(panel, block + form.minima() + 64L * part)
              .fma(VectorLanes.all(records.get(JAVA_FLOAT, place)), sum)
              .intoArray(sums, row);
        }
      }
    }
  }

  private static void addPart(
      PanelForm form,
      int part,
      MemorySegment panel,
      long block,
      MemorySegment records,
      long record,
      float[] sums,
      int row) {
    int columns = PanelForm.COLUMNS / form.parts();
    long place = record + ByteInputs.BIAS + ByteInputs.part(form.parts(), part);
    FloatVector a0 = VectorLanes.all(form.hasMinima() ? 0 : records.get(JAVA_INT, place));
    FloatVector a1 = FloatVector.zero(F);
    FloatVector a2 = a1;
    FloatVector a3 = a1;
    for (int c = part * columns; c < (part + 1) * columns; c += 4) {
      IntVector codes = IntVector.fromMemorySegment(I, panel, block + 16L * c, LITTLE_ENDIAN);
      a0 = code(codes, 0).fma(input(records, record + c), a0);
      a1 = code(codes, 8).fma(input(records, record + c + 1), a1);
      a2 = code(codes, 16).fma(input(records, record + c + 2), a2);
      a3 = code(codes, 24).fma(input(records, record + c + 3), a3);
    }
    float d = records.get(JAVA_FLOAT, record + ByteInputs.FACTOR);
    FloatVector factors = floats(panel, block + PanelForm.FACTORS + 64L * part).mul(d);
    FloatVector products = a0.add(a1).add(a2.add(a3));
    products.fma(factors, FloatVector.fromArray(F, sums, row)).intoArray(sums, row);
  }

  private static FloatVector code(IntVector codes, int shift) {
    return (FloatVector) codes.lanewise(VectorOperators.LSHR, shift).and(0xFF).castShape(F, 0);
  }

  private static FloatVector input(MemorySegment records, long at) {
    return VectorLanes.all(records.get(JAVA_BYTE, at));
  }

  private static FloatVector floats(MemorySegment panel, long at) {
    return FloatVector.fromMemorySegment(F, panel, at, LITTLE_ENDIAN);
  }

  /** As {@link Kernels#roundToBytes}: 32 elements are a whole number of vectors. */
  static void round(float[] x, int from, int n, MemorySegment records, long at) {
    for (int k = from; k < from + n; k += ByteInputs.BLOCK, at += ByteInputs.RECORD) {
      FloatVector size = FloatVector.zero(F);
      for (int i = k; i < k + ByteInputs.BLOCK; i += L) {
        size = size.max(FloatVector.fromArray(F, x, i).abs());
      }
      float largest = size.reduceLanes(VectorOperators.MAX);
      FloatVector reciprocal = VectorLanes.all(ByteInputs.reciprocal(largest));
      int first = half(x, k, reciprocal, records, at);
      int last = half(x, k + 16, reciprocal, records, at + 16);
      ByteInputs.complete(records, at, largest, first, last);
    }
  }

  /** Sixteen codes, and their sum. */
  private static int half(
      float[] x, int k, FloatVector reciprocal, MemorySegment records, long at) {
    IntVector sum = IntVector.zero(I);
    for (int i = 0; i < 16; i += L) {
      IntVector codes =
          FloatVector.fromArray(F, x, k + i)
              .fma(reciprocal, VectorLanes.all(ByteInputs.NEAREST))
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHL, 24)
              .lanewise(VectorOperators.ASHR, 24);
      sum = sum.add(codes);
      // At 128 bits more bytes are written than meant, where others follow.
      ((ByteVector) codes.castShape(B, 0)).intoMemorySegment(records, at + i, LITTLE_ENDIAN);
    }
    return sum.reduceLanes(VectorOperators.ADD);
  }
}
