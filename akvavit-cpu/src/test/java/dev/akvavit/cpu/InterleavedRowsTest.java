package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Tensor;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.InstructionSet;
import dev.akvavit.cpu.machine.MachineCode;
import dev.akvavit.cpu.machine.PanelCall;
import dev.akvavit.testkit.QuantDraft;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Copies of quantised rows lie as they should, and products with them have the bits of others. */
final class InterleavedRowsTest {
  private static final int CASES = 400;
  private static final int ROWS = 16;

  static DType[] decoded() {
    return Arrays.stream(DType.values()).filter(PanelCall::decodes).toArray(DType[]::new);
  }

  /** Bytes of a field at a place in a block: the factor of a type, else a word of four bytes. */
  private static int field(DType type, int at) {
    return switch (type) {
      case Q8_0, Q4_0, Q5_0, IQ4_NL -> at == 0 ? 2 : 4;
      case MXFP4 -> at == 0 ? 1 : 4;
      case Q6_K -> at == 208 ? 2 : 4;
      default -> 4;
    };
  }

  @ParameterizedTest
  @MethodSource("decoded")
  void everyFieldIsWhereItBelongs(DType type) {
    assumeTrue(MachineCode.here().isReady(), "no machine code");
    SplittableRandom r = new SplittableRandom(7);
    int rows = 37; // two sixteens and some
    int blocks = 3;
    int row = blocks * type.blockBytes();
    byte[] from = QuantDraft.random(r, type, rows * blocks * type.blockElements());
    MemorySegment copy = Arena.ofAuto().allocate(InterleavedRows.bytes(from.length, row));
    assertThat(copy.byteSize()).isEqualTo(32L * row);
    try (Workers workers = new Workers(2)) {
      InterleavedRows.copy(type, nativeCopy(from), copy, row, workers);
    }
    for (int i = 0; i < 32; i++) {
      for (int block = 0; block < blocks; block++) {
        for (int at = 0; at < type.blockBytes(); at += field(type, at)) {
          for (int b = 0; b < field(type, at); b++) {
            long place =
                (long) (i / ROWS * blocks + block) * ROWS * type.blockBytes()
                    + ROWS * at
                    + i % ROWS * field(type, at)
                    + b;
            assertThat(copy.get(ValueLayout.JAVA_BYTE, place))
                .as("row %d, block %d, byte %d", i, block, at + b)
                .isEqualTo(from[i * row + block * type.blockBytes() + at + b]);
          }
        }
      }
    }
  }

  private static MemorySegment nativeCopy(byte[] bytes) {
    return Arena.ofAuto().allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
  }

  /** For one token and several, generated and not, of whole matrices and of views. */
  @ParameterizedTest
  @MethodSource("decoded")
  void productsHaveTheSameBits(DType type) {
    SplittableRandom r = new SplittableRandom(11);
    for (int threads = 1; threads <= 2; threads++) {
      for (ActivationPrecision activations : ActivationPrecision.values()) {
        try (Backend plain = open(threads, activations, false);
            Backend repacking = open(threads, activations, true)) {
          for (int i = 0; i < CASES / 8; i++) {
            compare(plain, repacking, type, r, threads + " threads, " + activations + ", " + i);
          }
        }
      }
    }
  }

  private static Backend open(int threads, ActivationPrecision activations, boolean repack) {
    return new CpuBackend(new Backend.Settings(threads, true, activations, repack));
  }

  private static void compare(
      Backend plain, Backend repacking, DType type, SplittableRandom r, String what) {
    int parts = 1 + r.nextInt(3);
    int out = parts * (1 + r.nextInt(r.nextBoolean() ? 20 : 70));
    int in = type.blockElements() * (1 + r.nextInt(r.nextInt(10) == 0 ? 40 : 4));
    int tokens = 1 + (r.nextBoolean() ? 0 : r.nextInt(20));
    int generated = r.nextInt(tokens + 1);
    byte[] bytes = QuantDraft.random(r, type, out * in);
    float[] x = new float[tokens * in];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) r.nextGaussian();
    }
    int from = r.nextInt(out);
    int count = 1 + r.nextInt(out - from);
    boolean cut = r.nextBoolean();
    MemorySegment[] results = new MemorySegment[2];
    for (int side = 0; side < 2; side++) {
      Backend backend = side == 0 ? plain : repacking;
      MemorySegment data = nativeCopy(bytes);
      Weight whole = Weight.dense("w", type, out, in, backend.placeMatrix(data, type, in), null);
      Weight w = cut ? whole.rows(from, count) : whole.split(parts).merged();
      Extent extent = new Extent(tokens);
      extent.set(0, tokens, generated);
      Tensor inputs = tensor(backend, extent, in);
      MemorySegment.copy(x, 0, CpuBuffer.of(inputs), ValueLayout.JAVA_FLOAT, 0, x.length);
      Tensor y = tensor(backend, extent, w.out());
      backend.ops().matmul(y, inputs, w);
      results[side] = CpuBuffer.of(y);
    }
    assertThat(results[0].mismatch(results[1]))
        .as("%s: [%d, %d], %d tokens, rows cut: %s", what, out, in, tokens, cut)
        .isEqualTo(-1);
  }

  private static Tensor tensor(Backend backend, Extent extent, int dim) {
    int rows = extent.capacity();
    return new Tensor(backend.allocate(4L * rows * dim), DType.F32, extent, 0, dim, 1, dim, dim);
  }

  /** What prompts take on AMX, decoded wherever BF16 is: on fewer machines multiplied. */
  @ParameterizedTest
  @MethodSource("decoded")
  void tilesHaveTheSameBits(DType type) {
    assumeTrue(MachineCode.here().has(InstructionSet.BF16), "no AVX512_BF16");
    SplittableRandom r = new SplittableRandom(13);
    PanelCall call = new PanelCall();
    for (int i = 0; i < CASES; i++) {
      int blocks = 1 + r.nextInt(4);
      int row = blocks * type.blockBytes();
      int panels = 1 + r.nextInt(3);
      byte[] bytes = QuantDraft.random(r, type, panels * ROWS * blocks * type.blockElements());
      MemorySegment from = nativeCopy(bytes);
      MemorySegment copy = Arena.ofAuto().allocate(from.byteSize(), 64);
      try (Workers workers = new Workers(1)) {
        InterleavedRows.copy(type, from, copy, row, workers);
      }
      long size = 2L * panels * ROWS * blocks * type.blockElements();
      MemorySegment expected = Arena.ofAuto().allocate(size, 64);
      MemorySegment found = Arena.ofAuto().allocate(size, 64);
      call.rows(type, from.address(), row, blocks, panels, false);
      call.weightTiles(type, expected.address());
      call.rows(type, copy.address(), row, blocks, panels, true);
      call.weightTiles(type, found.address());
      assertThat(expected.mismatch(found)).as("case %d", i).isEqualTo(-1);
    }
  }

  @Test
  void onlyWhatGainsIsCopied() {
    try (Backend exact = open(1, ActivationPrecision.F32, true);
        Backend usual = open(1, ActivationPrecision.AUTO, false);
        Backend repacking = open(1, ActivationPrecision.AUTO, true)) {
      for (DType type : DType.values()) {
        assertThat(exact.repacks(type)).isFalse();
        assertThat(usual.repacks(type)).isFalse();
        assertThat(repacking.repacks(type))
            .isEqualTo(MachineRows.isReady() && PanelRows.isFast() && PanelCall.decodes(type));
      }
      MemorySegment data = Arena.ofAuto().allocate(DType.BF16.bytes(32 * 32));
      CpuBuffer placed = (CpuBuffer) repacking.placeMatrix(data, DType.BF16, 32);
      assertThat(placed.interleaved()).isNull();
      assertThat(placed.bytes().address()).isEqualTo(data.address());
    }
  }
}
