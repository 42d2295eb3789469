package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.DType;
import dev.akvavit.cpu.machine.ElementCall;
import dev.akvavit.cpu.machine.MachineCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Machine code gives the bits of the loops it stands in for. */
final class ElementCallTest {
  private static final int CASES = 2_000;
  private static final long SEED = new SplittableRandom().nextLong();
  private static final float[] SPECIAL = {
    0,
    -0f,
    1,
    -1,
    87,
    -87,
    88.5f,
    -88.5f,
    1e30f,
    -1e30f,
    0x1p-101f,
    0x1p-100f,
    Float.MIN_VALUE,
    Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN
  };

  private final SplittableRandom random = new SplittableRandom(SEED);

  @BeforeEach
  void machineCode() {
    assumeTrue(MachineCode.here().isReady());
  }

  /** Of all sizes, now and then something special, now and then nothing but zeros. */
  private float[] values(int n, boolean special) {
    float[] x = new float[n];
    float scale = (float) Math.pow(10, random.nextInt(-6, 6));
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian() * scale;
      if (special && random.nextInt(8) == 0) {
        x[i] = SPECIAL[random.nextInt(SPECIAL.length)];
      }
    }
    if (random.nextInt(20) == 0) {
      Arrays.fill(x, 0);
    }
    return x;
  }

  @Test
  void activationsHaveTheBitsOfTheLoops() {
    for (int i = 0; i < CASES; i++) {
      try (Arena arena = Arena.ofConfined()) {
        int vectors = random.nextInt(1, 9);
        int n = 16 * vectors;
        MemorySegment gate = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values(n, true));
        MemorySegment up = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values(n, false));
        MemorySegment expected = arena.allocate(4L * n, 4);
        MemorySegment found = arena.allocate(4L * n, 4);
        Lanes.KERNELS.swiglu(expected, 0, gate, 0, up, 0, n);
        ByteInputs.elements().swiglu(found.address(), gate.address(), up.address(), vectors);
        assertThat(found.toArray(ValueLayout.JAVA_FLOAT))
            .as("seed %d, case %d", SEED, i)
            .isEqualTo(expected.toArray(ValueLayout.JAVA_FLOAT));
      }
    }
  }

  @Test
  void narrowedValuesHaveTheBitsOfTheLoops() {
    for (int i = 0; i < CASES; i++) {
      try (Arena arena = Arena.ofConfined()) {
        int vectors = random.nextInt(1, 9);
        int from = random.nextInt(0, 5);
        int n = 16 * vectors;
        float[] x = values(from + n, true);
        MemorySegment expected = arena.allocate(2L * n, 2);
        MemorySegment found = arena.allocate(2L * n, 2);
        Lanes.KERNELS.narrow(expected, 0, DType.BF16, x, from, n);
        ByteInputs.elements().narrow(x, from, vectors, found.address());
        assertThat(found.mismatch(expected)).as("seed %d, case %d", SEED, i).isEqualTo(-1);
      }
    }
  }

  @Test
  void normsAndSumsHaveTheBitsOfTheLoops() {
    assumeTrue(MachineRows.isReady()); // loops of fewer lanes add in another order
    for (int i = 0; i < CASES; i++) {
      try (Arena arena = Arena.ofConfined()) {
        int vectors = random.nextInt(1, 9);
        int n = 16 * vectors;
        MemorySegment x = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values(n, true));
        MemorySegment y = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values(n, false));
        MemorySegment expected = arena.allocate(4L * n, 4);
        MemorySegment found = arena.allocate(4L * n, 4);
        float factor = random.nextFloat();
        ElementCall call = ByteInputs.elements();
        assertThat(Float.floatToIntBits(call.sumOfSquares(x.address(), vectors)))
            .as("seed %d, case %d", SEED, i)
            .isEqualTo(Float.floatToIntBits(Lanes.KERNELS.sumOfSquares(x, 0, n)));
        Lanes.KERNELS.gained(expected, 0, x, 0, y, 0, factor, n);
        call.gained(found.address(), x.address(), y.address(), factor, vectors);
        assertThat(found.toArray(ValueLayout.JAVA_FLOAT))
            .as("seed %d, case %d", SEED, i)
            .isEqualTo(expected.toArray(ValueLayout.JAVA_FLOAT));
        Lanes.KERNELS.add(expected, 0, y, 0, n);
        call.add(found.address(), y.address(), vectors);
        assertThat(found.toArray(ValueLayout.JAVA_FLOAT))
            .as("seed %d, case %d", SEED, i)
            .isEqualTo(expected.toArray(ValueLayout.JAVA_FLOAT));
      }
    }
  }

  @Test
  void recordsHaveTheBytesOfTheRule() {
    for (int i = 0; i < CASES; i++) {
      try (Arena arena = Arena.ofConfined()) {
        int blocks = random.nextInt(1, 6);
        int from = random.nextInt(0, 5);
        float[] x = values(from + blocks * ByteInputs.BLOCK, false);
        MemorySegment expected = arena.allocate((long) blocks * ByteInputs.RECORD, 64);
        MemorySegment found = arena.allocate((long) blocks * ByteInputs.RECORD, 64);
        ByteInputs.round(x, from, blocks * ByteInputs.BLOCK, expected, 0);
        ByteInputs.elements().round(x, from, blocks, found.address());
        assertThat(found.mismatch(expected)).as("seed %d, case %d", SEED, i).isEqualTo(-1);
      }
    }
  }
}
