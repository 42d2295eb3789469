package dev.akvavit.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.DType;
import dev.akvavit.core.QuantBlocks;
import dev.akvavit.core.Weight;
import dev.akvavit.cpu.machine.PanelForm;
import dev.akvavit.testkit.QuantDraft;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Products of quantised rows with 8-bit inputs, bit for bit: by machine code where this JVM runs
 * it, by this JVM's lanes, and by a plain loop over every row and vector alone.
 */
final class PanelRowsTest {
  private static final int CASES = PanelRows.call(true) != null ? 2_000 : 300;
  private static final RoundingRule RULE =
      new RoundingRule(ActivationPrecision.INT8, true, false, Rounding.NARROW, Rounding.BYTES);
  private static final Scratch ANY = Scratch.of(1, false, RULE)[0];
  private static final float[] ODD = {Float.NaN, Float.NEGATIVE_INFINITY, -0f, 1e-40f, 1e38f};

  static DType[] quantised() {
    return Arrays.stream(DType.values()).filter(DType::quantised).toArray(DType[]::new);
  }

  /** A random product. */
  private static final class Case {
    final SplittableRandom r;
    final DType type;
    final int out;
    final int in;
    final int vectors;
    final Weight w;
    final FloatInputs exact = new FloatInputs();
    final ByteInputs x = new ByteInputs();
    final int[] order;

    Case(long seed, DType type) {
      r = new SplittableRandom(seed);
      this.type = type;
      out = 1 + r.nextInt(r.nextInt(8) == 0 ? 80 : 18);
      int some = r.nextInt(50) == 0 ? 5000 : 300;
      in = type.blockElements() * (1 + r.nextInt(Math.max(1, some / type.blockElements())));
      vectors = 1 + r.nextInt(r.nextInt(4) == 0 ? 40 : 20);
      w = Weight.dense("w", type, out, in, new CpuBuffer(rows()), null);
      exact.begin(vectors, 1, in);
      x.begin(vectors, 1, in);
      boolean odd = r.nextInt(20) == 0;
      for (int i = 0; i < vectors; i++) {
        for (int k = 0; k < in; k++) {
          float value = (float) r.nextGaussian() * (k / 32 % 7 == 3 ? 1e-6f : 1);
          exact.values[exact.at(i, 0) + k] =
              odd && r.nextInt(200) == 0 ? ODD[r.nextInt(ODD.length)] : value;
        }
        x.round(exact, i, i + 1, ANY);
      }
      boolean inOrder = r.nextBoolean();
      order =
          inOrder ? Matmul.ascending(new int[0], vectors) : r.ints(vectors, 0, vectors).toArray();
    }

    private MemorySegment rows() {
      byte[] bytes = QuantDraft.random(r, type, out * in);
      int gap = r.nextInt(4);
      MemorySegment place = Arena.ofAuto().allocate(bytes.length + gap).asSlice(gap);
      return place.copyFrom(MemorySegment.ofArray(bytes));
    }

    /** All rows times all vectors, on one path. */
    float[] product(Scratch s) {
      float[] y = new float[vectors * out];
      PanelRows.multiply(w, 0, 0, out, x, order, 0, vectors, s, y, out);
      return y;
    }

    /** Every row as a panel of its own, by the scalar loop. */
    float[] expected() {
      PanelForm form = PanelCodes.form(type);
      MemorySegment panel =
          Arena.ofAuto().allocate((long) in / PanelForm.COLUMNS * form.bytes(), 64);
      long step = (long) type.blockElements() / PanelForm.COLUMNS * form.bytes();
      float[] y = new float[vectors * out];
      for (int row = 0; row < out; row++) {
        for (int k = 0; k < in; k += type.blockElements()) {
          long at = Rows.offset(w, row, k);
          PanelCodes.decode(
              type, CpuBuffer.of(w.data()), at, panel, k / type.blockElements() * step, 0);
        }
        for (int i = 0; i < vectors; i++) {
          float[] sums = new float[PanelForm.ROWS];
          ScalarPanel.add(
              form, panel, 0, in / PanelForm.COLUMNS, x.records, x.at(order[i], 0), sums);
          y[i * out + row] = sums[0];
        }
      }
      return y;
    }
  }

  @ParameterizedTest
  @MethodSource("quantised")
  void allPathsHaveTheSameBits(DType type) {
    Scratch machine = Scratch.of(1, true, RULE)[0];
    Scratch lanes = Scratch.of(1, false, RULE)[0];
    for (long seed = 0; seed < CASES; seed++) {
      Case c = new Case(seed, type);
      float[] expected = c.expected();
      assertThat(c.product(machine)).as("%s, seed %d", type, seed).isEqualTo(expected);
      if (seed % 4 == 0) {
        assertThat(c.product(lanes)).as("%s, seed %d", type, seed).isEqualTo(expected);
      }
      int from = c.r.nextInt(c.out);
      int to = from + 1 + c.r.nextInt(c.out - from);
      int some = c.r.nextInt(c.vectors);
      float[] alone = new float[to - from];
      PanelRows.multiply(c.w, 0, from, to, c.x, c.order, some, 1, machine, alone, 0);
      int at = some * c.out;
      assertThat(alone)
          .as("%s, seed %d, rows %d to %d, vector %d alone", type, seed, from, to, some)
          .isEqualTo(Arrays.copyOfRange(expected, at + from, at + to));
    }
  }

  /** Codes, factors and minima give the values that the type's definition gives. */
  @ParameterizedTest
  @MethodSource("quantised")
  void panelsHoldTheWeights(DType type) {
    PanelForm form = PanelCodes.form(type);
    int n = type.blockElements();
    MemorySegment panel = Arena.ofAuto().allocate((long) n / PanelForm.COLUMNS * form.bytes(), 64);
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom r = new SplittableRandom(seed);
      byte[] bytes = QuantDraft.random(r, type, n);
      MemorySegment stored = Arena.ofAuto().allocate(bytes.length);
      stored.copyFrom(MemorySegment.ofArray(bytes));
      float[] values = new float[n];
      QuantBlocks.decode(type, stored, 0, values, 0);
      int row = r.nextInt(PanelForm.ROWS);
      PanelCodes.decode(type, stored, 0, panel, 0, row);
      for (int i = 0; i < n; i++) {
        long block = (long) (i / PanelForm.COLUMNS) * form.bytes();
        int column = i % PanelForm.COLUMNS;
        long line = column * form.parts() / PanelForm.COLUMNS * 64L + 4L * row;
        float factor = panel.get(ValueLayout.JAVA_FLOAT, block + PanelForm.FACTORS + line);
        int code =
            panel.get(ValueLayout.JAVA_BYTE, block + column / 4 * 64L + 4L * row + column % 4)
                & 0xFF;
        float value =
            form.hasMinima()
                ? factor * code - panel.get(ValueLayout.JAVA_FLOAT, block + form.minima() + line)
                : factor * (code - ByteInputs.OFFSET);
        assertThat(value + 0f)
            .as("%s, seed %d, element %d", type, seed, i)
            .isEqualTo(values[i] + 0f);
      }
    }
  }

  /** An input is off by at most half a step, a product by no more than its inputs allow. */
  @ParameterizedTest
  @MethodSource("quantised")
  void productsAreCloseToExactOnes(DType type) {
    Scratch s = Scratch.of(1, true, RULE)[0];
    for (long seed = 0; seed < CASES / 10; seed++) {
      Case c = new Case(seed, type);
      float[] y = c.product(s);
      float[] weights = new float[c.in];
      for (int row = 0; row < c.out; row++) {
        Rows.stored(c.w, row, 0, c.in, weights, 0, c.in);
        for (int i = 0; i < c.vectors; i++) {
          double exact = 0;
          double allowed = 0;
          for (int k = 0; k < c.in; k++) {
            float x = c.exact.values[c.exact.at(c.order[i], 0) + k];
            float d =
                c.x.records.get(
                    ValueLayout.JAVA_FLOAT, c.x.at(c.order[i], 0, k / 32 * 32) + ByteInputs.FACTOR);
            exact += (double) weights[k] * x;
            allowed += Math.abs(weights[k]) * (0.501 * d + 1e-30) + 1e-5 * Math.abs(weights[k] * x);
          }
          if (!Double.isFinite(exact)) {
            assertThat(y[i * c.out + row]).as("%s, seed %d", type, seed).isNaN();
          } else {
            assertThat(y[i * c.out + row] - exact)
                .as("%s, seed %d, row %d, vector %d", type, seed, row, i)
                .isBetween(-allowed, allowed);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("quantised")
  void roundingIsTheScalarRule(DType type) {
    for (long seed = 0; seed < CASES / 10; seed++) {
      Case c = new Case(seed, type);
      ByteInputs scalar = new ByteInputs();
      scalar.begin(c.vectors, 1, c.in);
      for (int i = 0; i < c.vectors; i++) {
        ByteInputs.round(c.exact.values, c.exact.at(i, 0), c.in, scalar.records, scalar.at(i, 0));
        for (int k = 0; k < c.in; k += ByteInputs.BLOCK) {
          long at = scalar.at(i, 0, k);
          if (Float.isFinite(scalar.records.get(ValueLayout.JAVA_FLOAT, at + ByteInputs.FACTOR))) {
            assertThat(scalar.records.asSlice(at, 60).mismatch(c.x.records.asSlice(at, 60)))
                .as("seed %d, vector %d, column %d", seed, i, k)
                .isEqualTo(-1);
          }
        }
      }
    }
  }
}
