package dev.akvavit.cpu;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of this JVM, and what every vector kernel shares: folding of lanes and the
 * exponential.
 */
final class VectorLanes {
  /** The width the machine prefers, unless {@code -Dakvavit.lanes=128|256|512} asks for another. */
  static final VectorSpecies<Float> F = chosen();

  static final VectorSpecies<Integer> I = F.withLanes(int.class);

  /** As many shorts as {@link #F} has lanes. */
  static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));

  /**
   * As many bytes as {@link #F} has lanes; twice as many at 128 bits, where no shape is that small.
   */
  static final VectorSpecies<Byte> B =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, F.vectorBitSize() / 4)));

  static final int L = F.length();

  /** Lane {@code i} from lane {@code i ^ distance}. */
  static final VectorShuffle<Float> ACROSS_8 = across(8);

  static final VectorShuffle<Float> ACROSS_4 = across(4);
  static final VectorShuffle<Float> ACROSS_2 = across(2);
  static final VectorShuffle<Float> ACROSS_1 = across(1);

  private VectorLanes() {}

  private static VectorSpecies<Float> chosen() {
    int bits =
        Integer.getInteger(
            "akvavit.lanes", Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512));
    if (bits != 128 && bits != 256 && bits != 512) {
      throw new IllegalArgumentException("akvavit.lanes = " + bits + " must be 128, 256 or 512");
    }
    return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
  }

  private static VectorShuffle<Float> across(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) % F.length());
  }

  /** The sum of all lanes, in halves; {@code reduceLanes} leaves its order open. */
  static float fold(FloatVector v) {
    if (L == 16) {
      v = v.add(v.rearrange(ACROSS_8));
    }
    if (L >= 8) {
      v = v.add(v.rearrange(ACROSS_4));
    }
    v = v.add(v.rearrange(ACROSS_2));
    v = v.add(v.rearrange(ACROSS_1));
    return v.lane(0);
  }

  /** As {@link #fold(FloatVector)}, of lanes in memory, which are lost. */
  static float fold(float[] lanes) {
    for (int half = L / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  /** {@link Exponential#of} in every lane. */
  static FloatVector exp(FloatVector x) {
    VectorMask<Float> low = x.lt(Exponential.LOW);
    FloatVector z = x.blend(Exponential.HIGH, x.compare(VectorOperators.GT, Exponential.HIGH));
    FloatVector shifted = z.fma(all(Exponential.LOG2_E), all(Exponential.ROUND));
    FloatVector n = shifted.sub(Exponential.ROUND);
    FloatVector r = n.fma(all(-Exponential.LN2_LOW), n.fma(all(-Exponential.LN2_HIGH), z));
    FloatVector p = all(Exponential.C7).fma(r, all(Exponential.C6));
    p = p.fma(r, all(Exponential.C5));
    p = p.fma(r, all(Exponential.C4));
    p = p.fma(r, all(Exponential.C3));
    p = p.fma(r, all(0.5f));
    p = p.fma(r, all(1));
    p = p.fma(r, all(1));
    IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return p.reinterpretAsInts().add(power).reinterpretAsFloats().blend(0, low);
  }

  static FloatVector all(float v) {
    return FloatVector.broadcast(F, v);
  }

  /** {@code x / (1 + e^-x)}. */
  static FloatVector silu(FloatVector x) {
    return x.div(exp(x.neg()).add(1));
  }

  /** {@code L} stored BF16 values. */
  static FloatVector bf16(ShortVector v) {
    return ((IntVector) v.castShape(I, 0)).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /**
   * {@code L} stored F16 values, rebiased like {@link #f8}; infinities and NaN stay what they are.
   */
  static FloatVector f16(ShortVector v) {
    IntVector wide = ((IntVector) v.castShape(I, 0)).lanewise(VectorOperators.LSHL, 13);
    FloatVector size = wide.and(0x0FFF_E000).add(112 << 23).reinterpretAsFloats();
    FloatVector mended = size.fma(all(2), all(-0x1p-14f));
    IntVector bits = size.blend(mended, size.lt(0x1p-14f)).reinterpretAsInts();
    bits = bits.or(wide.and(0x8000_0000));
    return bits.add(112 << 23, bits.and(0x7FFF_FFFF).compare(VectorOperators.GE, 143 << 23))
        .reinterpretAsFloats();
  }

  /**
   * {@code L} stored e4m3 values: exponent and fraction are rebiased in place. Where the exponent
   * is 0 that gives {@code 2^-7 (1 + m/8)} for {@code 2^-6 m/8}, mended by one multiply-add. No
   * subnormal float ever appears: they are slow.
   */
  static FloatVector f8(ByteVector v) {
    IntVector wide = ((IntVector) v.castShape(I, 0)).lanewise(VectorOperators.LSHL, 20);
    FloatVector size = wide.and(0x07F0_0000).add(120 << 23).reinterpretAsFloats();
    FloatVector mended = size.fma(all(2), all(-0x1p-6f));
    IntVector bits = size.blend(mended, size.lt(0x1p-6f)).reinterpretAsInts();
    return bits.or(wide.and(0x8000_0000)).reinterpretAsFloats();
  }
}
