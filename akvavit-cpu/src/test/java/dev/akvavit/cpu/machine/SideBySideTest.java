package dev.akvavit.cpu.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.akvavit.core.DType;
import dev.akvavit.testkit.QuantDraft;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Panels of interleaved rows that are multiplied at once have the bits of panels one by one. */
final class SideBySideTest {
  private static final int CASES = 2_000;

  static DType[] types() {
    return Arrays.stream(DType.values())
        .filter(SideBySideTest::goesSideBySide)
        .toArray(DType[]::new);
  }

  private static boolean goesSideBySide(DType type) {
    return PanelRoutine.decodes(type) && PanelRoutine.goesSideBySide(type);
  }

  @ParameterizedTest
  @MethodSource("types")
  void togetherAsOneByOne(DType type) {
    assumeTrue(MachineCode.here().has(InstructionSet.VNNI), "no VNNI");
    PanelCall call = new PanelCall();
    for (int seed = 0; seed < CASES; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      int blocks = 1 + r.nextInt(r.nextInt(20) == 0 ? 100 : 6);
      int panels = 1 + r.nextInt(20);
      int row = blocks * type.blockBytes();
      byte[] bytes = QuantDraft.random(r, type, panels * 16 * blocks * type.blockElements());
      MemorySegment rows = Arena.ofAuto().allocate(bytes.length, 64);
      rows.copyFrom(MemorySegment.ofArray(bytes));
      MemorySegment copy = Arena.ofAuto().allocate(bytes.length, 64);
      call.rows(type, rows.address(), row, blocks, panels, false);
      call.interleave(type, copy.address());
      long record = PanelProductRoutine.RECORD;
      MemorySegment vector = Arena.ofAuto().allocate(blocks * record, 64);
      for (long i = 0; i < vector.byteSize(); i++) { // factors among them, of small exponents
        vector.set(ValueLayout.JAVA_BYTE, i, (byte) r.nextInt(64));
      }
      float[] expected = new float[3 + 16 * panels];
      call.rows(type, rows.address(), row, blocks, panels, false);
      call.multiply(type, vector.address(), expected, 3);
      for (int atOnce = 1; atOnce <= PanelRoutine.SIDE_BY_SIDE; atOnce *= 2) {
        float[] found = new float[expected.length];
        call.rows(type, copy.address(), row, blocks, panels, true);
        call.multiply(type, vector.address(), found, 3, atOnce);
        assertThat(found).as("%s, seed %d, %d at once", type, seed, atOnce).isEqualTo(expected);
      }
    }
  }
}
